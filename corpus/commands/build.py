"""`saaf build`: a corpus from inputs of any kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from corpus.build import build
from corpus.commands import CommandError, Exit
from corpus.commands.settings import settings
from corpus.files import BusyError
from corpus.ledger import LedgerError
from corpus.readers import InputError
from corpus.tables import LEDGER
from corpus.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(inputs: Sequence[Path], output: Path, **options: Any) -> None:
    """Build, show progress, print the summary and where the report is."""
    chosen = settings(**options)
    if output.exists() and not output.is_dir():
        raise CommandError(f"{output} is a file; give the name of a directory to write to", Exit.OUTPUT)
    try:
        with progress("starting") as tell:
            summary = build(inputs, output, settings=chosen, progress=tell)
    except InputError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except BusyError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error
    except LedgerError as error:
        raise CommandError(
            f"the counts do not add up: {error}; nothing was written, please report it", Exit.LEDGER
        ) from error
    for line in (*summary.lines(), f"report      {summary.report}"):
        sys.stdout.write(line + "\n")
    if not summary.documents:
        names = ", ".join(str(path) for path in inputs)
        raise CommandError(
            f"no document of {names} is in the corpus ({summary.inputs} inputs); {output / LEDGER} says why of each",
            Exit.INPUT,
        )
