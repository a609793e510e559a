"""`saaf dedupe`: near-duplicates among texts as they are and an index of older ones; tables and report of a build."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import user_errors
from saaf.cli.commands.index import index_errors
from saaf.cli.commands.settings import settings
from saaf.cli.terminal import progress
from saaf.corpus.deduplicate import DedupeChoice, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import LEDGER
from saaf.corpus.paragraphs import ParagraphChoice
from saaf.corpus.tables import first_reasons
from saaf.dedupe import Linkage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(
    inputs: Sequence[Path], output: Path, *, linkage: str, paragraphs: str, index: Path | None, **options: Any
) -> None:
    """Compare, show progress, print the summary and where the report is."""
    try:
        choice = DedupeChoice(linkage=Linkage(linkage), paragraphs=ParagraphChoice.parse(paragraphs), index=index)
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
    chosen = settings(**options, clean=False, min_tokens=0)
    with index_errors(), user_errors(output), progress("starting") as tell:
        done = deduplicate(inputs, output, settings=chosen, choice=choice, progress=tell)
    lines = [*done.summary.lines(), f"report      {done.summary.report}"]
    if done.added is not None:
        lines.append(f"index       {done.matched} like older documents; {done.added.line()}")
    for line in lines:
        sys.stdout.write(line + "\n")
    if not done.summary.documents and not done.matched:
        raise CommandError(f"the corpus holds no document: {first_reasons(output / LEDGER)}", Exit.INPUT)
