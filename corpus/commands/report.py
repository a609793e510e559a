"""`saaf report`: the page of a corpus again, from its tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.commands import CommandError, Exit
from corpus.report import write_report
from corpus.terminal import progress

if TYPE_CHECKING:
    from pathlib import Path


def run(corpus: Path) -> None:
    """Write the report and print where it is."""
    try:
        with progress("writing the report"):
            path = write_report(corpus)
    except FileNotFoundError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except (pa.ArrowInvalid, KeyError) as error:
        raise CommandError(f"a table in {corpus} is damaged: {error}; build the corpus again", Exit.INPUT) from error
    sys.stdout.write(f"{path}\n")
