"""`saaf dedupe`: find near-duplicates among texts as they are, and against an index of older documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import index_errors, user_errors
from saaf.cli.commands.settings import build_settings
from saaf.cli.terminal import progress, write_lines
from saaf.corpus.containment import ContainmentOptions
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import LEDGER
from saaf.corpus.ledger import State
from saaf.corpus.paragraphs import ParagraphOptions
from saaf.corpus.tables import ledger_reasons
from saaf.dedupe import Linkage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run_dedupe(
    inputs: Sequence[Path],
    output: Path,
    *,
    linkage: str,
    paragraphs: str,
    containment: float | None,
    contained: str,
    index: Path | None,
    **options: Any,
) -> None:
    """Deduplicate texts and print a summary; `options` are those of `build_settings`."""
    try:
        chosen = DedupeOptions(
            linkage=Linkage(linkage),
            paragraphs=ParagraphOptions.parse(paragraphs),
            containment=ContainmentOptions(share=containment, remove=contained == "remove"),
            index=index,
        )
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
    settings = build_settings(**options, clean=False, min_tokens=0)
    with index_errors(), user_errors(output), progress("starting") as report_progress:
        summary = deduplicate(inputs, output, settings=settings, options=chosen, report_progress=report_progress)
    lines = [*summary.corpus.lines(), f"report      {summary.corpus.report}"]
    if summary.contained is not None:
        aside = summary.corpus.states.get(State.CONTAINED.value, 0)
        lines.append(f"contained   {summary.contained} inside longer documents, {aside} set aside")
    if summary.added is not None:
        lines.append(f"index       {summary.matched} like older documents; {summary.added.line()}")
    write_lines(lines)
    if not summary.corpus.documents and not summary.matched:
        raise CommandError(f"the corpus holds no document: {ledger_reasons(output / LEDGER)}", Exit.INPUT)
