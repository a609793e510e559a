"""`saaf dedupe`: near-duplicates among texts as they are, with the tables and the report of a build."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from corpus.build import build
from corpus.commands import CommandError, Exit
from corpus.commands.failures import told
from corpus.commands.settings import settings
from corpus.tables import DOCUMENTS, LEDGER
from corpus.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Compare, show progress, print what was found and where the report is."""
    chosen = settings(**options, clean=False, min_tokens=0)
    with told(output), progress("starting") as tell:
        summary = build(inputs, output, settings=chosen, progress=tell)
    texts = summary.documents + summary.duplicates
    sys.stdout.write(f"texts       {texts} of {summary.inputs} inputs; {output / LEDGER} says why of each\n")
    sys.stdout.write(f"documents   {summary.documents} in {output / DOCUMENTS}\n")
    sys.stdout.write(f"duplicates  {summary.duplicates} near-duplicates set aside\n")
    sys.stdout.write(f"report      {summary.report}\n")
    if not texts:
        names = ", ".join(str(path) for path in inputs)
        raise CommandError(f"there is no text in {names}; {output / LEDGER} says why of each input", Exit.INPUT)
