"""`saaf index`: an index of documents that new crawls are compared with."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import saaf.corpus.index as indexes
from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import user_errors
from saaf.cli.commands.settings import settings
from saaf.cli.terminal import progress
from saaf.corpus.build import read_and_clean
from saaf.corpus.exit_codes import Exit
from saaf.corpus.parquet import write_table
from saaf.corpus.row_store import Spool, Texts
from saaf.corpus.schema import CLUSTERS
from saaf.corpus.selection import select
from saaf.dedupe.index import BusyIndexError, UnusableIndexError, change, open_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.outcomes import DocumentSummary
    from saaf.corpus.settings import BuildSettings


def add(directory: Path, inputs: Sequence[Path], *, keep_texts: bool, **options: Any) -> None:
    """Add the documents of the inputs and print what the addition came to."""
    chosen = settings(**options, clean=False, min_tokens=0)
    wanted = chosen.dedupe if options.get("threshold") is not None else None
    with (
        index_errors(),
        user_errors(directory),
        _documents(inputs, chosen) as (drafts, texts),
        change(directory, wanted) as under_way,
    ):
        added = indexes.add(under_way, drafts, texts, crawl=chosen.dump, keep_texts=keep_texts)
    sys.stdout.write(f"{added.line()} in {directory}\n")


def query(directory: Path, inputs: Sequence[Path], *, as_json: bool, **options: Any) -> None:
    """Print a line for each older document that a document of the inputs is like."""
    chosen = settings(**options, threshold=None, clean=False, min_tokens=0)
    with index_errors(), user_errors(directory):
        index = open_index(directory)
        with _documents(inputs, chosen) as (drafts, texts):
            found = indexes.find_matches(index, drafts, texts, chosen.dump)
    for rows in found.values():
        for row in rows:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n" if as_json else _sentence(row))


def remove(directory: Path, names: Sequence[str], *, crawl: str | None) -> None:
    """Remove documents by id or URL; it is an error where none of the names is known."""
    with index_errors(), user_errors(directory):
        open_index(directory)  # an index is not made to remove from it
        with change(directory) as under_way:
            count = indexes.remove(under_way, names, crawl)
    if not count:
        raise CommandError(f"{directory} has no document of that id or URL: {', '.join(names)}", Exit.INPUT)
    sys.stdout.write(f"{count} removed; `saaf index merge {directory}` gives their space back\n")


def merge(directory: Path) -> None:
    """Write all segments as one."""
    with index_errors(), user_errors(directory):
        open_index(directory)
        with change(directory) as under_way:
            count = indexes.merge(under_way)
    sys.stdout.write(f"{count} {'segment' if count == 1 else 'segments'} merged in {directory}\n")


def clusters(directory: Path, output: Path) -> None:
    """Write the clusters of all documents as a table."""
    with index_errors(), user_errors(output.parent):
        count = write_table(output, indexes.clusters(open_index(directory)), CLUSTERS)
    sys.stdout.write(f"{count} documents in clusters, in {output}\n")


@contextmanager
def index_errors() -> Iterator[None]:
    """Turn what is wrong with an index into a `CommandError`."""
    try:
        yield
    except UnusableIndexError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except BusyIndexError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error


@contextmanager
def _documents(inputs: Sequence[Path], chosen: BuildSettings) -> Iterator[tuple[list[DocumentSummary], Texts]]:
    """Give the documents of the inputs with their texts; those that are none are named on standard error."""
    with tempfile.TemporaryDirectory() as directory, Spool(Path(directory) / "spool") as spool:
        with progress("reading") as tell:
            entries, drafts = read_and_clean(inputs, spool, chosen, tell, Path(directory))
        verdicts = select(drafts, chosen)
        unused = [(entry.key, entry.reason) for entry in entries]
        unused += [(one.key, verdicts[one.number].reason) for one in drafts if one.number in verdicts]
        for key, reason in sorted(unused):
            sys.stderr.write(f"saaf: {key}: {reason}\n")
        good = sorted((one for one in drafts if one.number not in verdicts), key=lambda one: one.order)
        if not good:
            raise CommandError("there is no document in the inputs; the reasons stand above", Exit.INPUT)
        yield good, Texts(spool, [one.number for one in good])


def _sentence(row: dict[str, Any]) -> str:
    sure = "" if row["verified"] else ", estimated: the index keeps no text"
    new, old = row["url"] or row["document_id"], row["matched_url"] or row["matched_id"]
    return f"{new} matches {old} of crawl {row['matched_crawl']}, J = {row['jaccard']:.2f}{sure}\n"
