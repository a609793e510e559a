"""`saaf index`: keep an index of documents that new crawls are compared with."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import index_errors, user_errors
from saaf.cli.commands.settings import build_settings
from saaf.cli.terminal import note, one_line, progress, write_lines
from saaf.corpus.exit_codes import Exit
from saaf.corpus.index import (
    add_documents,
    change_and_merge,
    cluster_rows,
    find_matches,
    merge_segments,
    remove_documents,
)
from saaf.corpus.output_guards import check_output_file, check_outside_index
from saaf.corpus.parquet import write_table
from saaf.corpus.progress import counted
from saaf.corpus.schema import CLUSTERS
from saaf.corpus.stages.decide import left_out, passed_summaries
from saaf.corpus.stages.engine import open_engine
from saaf.corpus.stages.partition_rows import PartitionRows, Summaries
from saaf.corpus.stages.run import start_run
from saaf.corpus.stages.sequence import run_until_captures
from saaf.corpus.standard_input import with_standard_input
from saaf.dedupe.index import change, open_index, reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.settings import BuildSettings
    from saaf.dedupe.columns import Column


def run_add(directory: Path, inputs: Sequence[Path], *, keep_texts: bool, **options: Any) -> None:
    """Add the documents of the inputs and print how many were new; `options` are those of `build_settings`."""
    settings = build_settings(**options, clean=False, min_tokens=0)
    with user_errors(directory):
        check_outside_index(inputs, directory)
    wanted = settings.dedupe if options.get("threshold") is not None else None
    with (
        index_errors(),
        user_errors(directory),
        _read_documents(inputs, settings) as (summaries, texts),
        change_and_merge(directory, wanted) as index,
    ):
        added = add_documents(index, summaries, texts, crawl=settings.dump, keep_texts=keep_texts)
    write_lines([f"{added.line()} in {directory}"])


def run_query(directory: Path, inputs: Sequence[Path], *, as_json: bool, **options: Any) -> None:
    """Print a line for each match of a document of the inputs with a document of the index."""
    settings = build_settings(**options, threshold=None, clean=False, min_tokens=0)
    with (
        index_errors(),
        user_errors(directory),
        reading(directory) as index,
        _read_documents(inputs, settings, text_only=True) as (summaries, texts),
    ):
        matches = find_matches([index], summaries, texts, settings.dump, among_themselves=True)
    if not matches:
        note(
            f"no document of the inputs is like one of {directory}; a document is not compared with itself, the one of "
            f"the same crawl ({settings.dump}) and URL: --dump names the crawl of the inputs"
        )
    for rows in matches.values():
        for row in rows:
            write_lines([json.dumps(row, ensure_ascii=False) if as_json else _match_line(row)])


def run_remove(directory: Path, names: Sequence[str], *, crawl: str | None) -> None:
    """Remove documents by id or URL; an error where the index has none of them."""
    with index_errors(), user_errors(directory):
        open_index(directory)  # removing makes no index where there is none
        with change_and_merge(directory) as index:
            count = remove_documents(index, names, crawl)
    if not count:
        raise CommandError(f"{directory} has no document of that id or URL: {', '.join(names)}", Exit.INPUT)
    write_lines([f"{count} removed; `saaf index merge {directory}` gives their space back"])


def run_merge(directory: Path) -> None:
    """Write all segments as one."""
    with index_errors(), user_errors(directory):
        open_index(directory)
        with change(directory) as index:
            count = merge_segments(index)
    write_lines([f"{counted(count, 'segment')} merged in {directory}"])


def run_clusters(directory: Path, output: Path) -> None:
    """Write the clusters of all documents as a table."""
    with index_errors(), user_errors(output.parent):
        check_outside_index([output], directory)
        check_output_file([], output)
        with reading(directory) as index:
            if not index.documents:
                raise CommandError(
                    f"the index {directory} has no documents; nothing was written to {output}", Exit.INPUT
                )
            count = write_table(output, cluster_rows(index), CLUSTERS)
    write_lines([f"{counted(count, 'document')} in clusters, in {output}"])


@contextmanager
def _read_documents(
    inputs: Sequence[Path], settings: BuildSettings, *, text_only: bool = False
) -> Iterator[tuple[Summaries, Column]]:
    """Yield the documents of the inputs with their texts; inputs left out are named on standard error.

    With `text_only` plain texts have neither metadata nor a language, and are read in a tenth of the time.
    """
    with tempfile.TemporaryDirectory() as directory, progress("reading") as report_progress:
        with open_engine(settings.workers, settings.limits, cleans=settings.clean) as engine:
            run = start_run(engine, Path(directory), settings, report_progress, note)
            passed = run_until_captures(
                run, with_standard_input(inputs, Path(directory)), text_only=text_only, own_ids=True, carry=False
            )
        for key, reason in sorted(left_out(passed)):
            sys.stderr.write(f"saaf: {one_line(f'{key}: {reason}')}\n")
        rows = PartitionRows(passed.rows)
        summaries = Summaries(passed_summaries(rows, passed.captures))
        if not summaries:
            raise CommandError("the inputs hold no document; the messages above give the reasons", Exit.INPUT)
        yield summaries, rows.texts(summaries.numbers)


def _match_line(row: dict[str, Any]) -> str:
    estimated = "" if row["verified"] else ", estimated: the index keeps no text"
    new, old = row["url"] or row["document_id"], row["matched_url"] or row["matched_id"]
    return f"{new} matches {old} of crawl {row['matched_crawl']}, J = {row['jaccard']:.2f}{estimated}"
