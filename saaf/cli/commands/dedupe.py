"""`saaf dedupe`: find near-duplicates among texts as they are, and against an index of older documents."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import index_errors, user_errors
from saaf.cli.commands.settings import build_settings
from saaf.cli.commands.settings import column_options as column_options
from saaf.cli.interrupts import resumable
from saaf.cli.terminal import note, progress, write_summary
from saaf.corpus.containment import ContainmentOptions
from saaf.corpus.corpus_tables import ledger_reasons
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import WORK
from saaf.corpus.ledger import State
from saaf.corpus.paragraphs import ParagraphOptions
from saaf.corpus.stages.fork_server import set_fork_aside
from saaf.dedupe import Linkage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.deduplicate import DedupeSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """Directories of indexes: the one that documents are compared with and added to, and those only compared with."""

    added_to: Path | None = None
    read_only: tuple[Path, ...] = ()


def run_dedupe(
    inputs: Sequence[Path],
    output: Path,
    *,
    linkage: str,
    paragraphs: str,
    containment: float | None,
    contained: str,
    indexes: Indexes,
    metadata: bool,
    from_stage: str | None = None,
    **options: Any,
) -> None:
    """Deduplicate texts and print a summary; `options` are those of `build_settings`."""
    try:
        chosen = DedupeOptions(
            linkage=Linkage(linkage),
            paragraphs=ParagraphOptions.parse(paragraphs),
            containment=ContainmentOptions(share=containment, remove=contained == "remove"),
            index=indexes.added_to,
            read_only_indexes=indexes.read_only,
            metadata=metadata,
        )
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
    for index in (chosen.index, *chosen.read_only_indexes):
        if index is not None and index.exists() and not index.is_dir():
            raise CommandError(f"--index {index} is a file: name the directory of an index", Exit.USAGE)
    settings = build_settings(**options, clean=False, min_tokens=0)
    keeping = resumable(str(output / WORK))
    set_fork_aside()
    with keeping, index_errors(), user_errors(output), progress("starting") as report_progress:
        summary = deduplicate(
            inputs,
            output,
            settings=settings,
            options=chosen,
            report_progress=report_progress,
            notify=note,
            from_stage=from_stage,
        )
    write_summary(_summary_lines(summary, indexes))
    if not summary.corpus.documents and not summary.matched:
        raise CommandError(f"the corpus holds no document: {ledger_reasons(output)}", Exit.INPUT)


def _summary_lines(summary: DedupeSummary, indexes: Indexes) -> Iterator[str]:
    yield from (*summary.corpus.lines(), f"report      {summary.corpus.report}")
    if summary.contained is not None:
        aside = summary.corpus.states.get(State.CONTAINED.value, 0)
        yield f"contained   {summary.contained} inside longer documents, {aside} set aside"
    if indexes.added_to or indexes.read_only:
        counts = summary.added.line() if summary.added else "nothing added"
        yield f"index       {summary.matched} like older documents; {counts}"
    if summary.indexed:
        yield (
            f"            {summary.indexed} inputs are in a read-only index as of crawl {summary.dump}, and are not "
            "compared with themselves; name the crawl of the inputs with --dump if it is another"
        )


def choose_indexes(indexes: Sequence[Path], add_to: Path | None, *, no_add: bool) -> Indexes:
    """Return what the options --index, --add-to and --no-add say; an error where they contradict each other."""
    real = [os.path.realpath(index) for index in indexes]
    if (no_add or add_to) and not indexes:
        raise CommandError("--no-add and --add-to are for an index: name it with --index", Exit.USAGE)
    if twice := [index for index, path in zip(indexes, real, strict=True) if real.count(path) > 1]:
        raise CommandError(f"--index {twice[-1]} and --index {twice[0]} are the same: name it once", Exit.USAGE)
    if no_add and add_to:
        raise CommandError(f"--no-add adds nothing, and --add-to {add_to} does: give one of them", Exit.USAGE)
    if add_to and os.path.realpath(add_to) not in real:
        raise CommandError(f"--add-to {add_to} is none of the indexes: give --index {add_to} too", Exit.USAGE)
    if len(indexes) > 1 and not (no_add or add_to):
        raise CommandError(
            f"there are {len(indexes)} indexes: add the documents to one of them with --add-to {indexes[0]}, "
            "or to none with --no-add",
            Exit.USAGE,
        )
    if no_add or not indexes:
        return Indexes(read_only=tuple(indexes))
    place = real.index(os.path.realpath(add_to)) if add_to else 0
    return Indexes(added_to=indexes[place], read_only=(*indexes[:place], *indexes[place + 1 :]))
