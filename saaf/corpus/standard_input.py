"""Standard input as a file: it is copied to one, so that its format is found by its content and parts can be read."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

STANDARD_INPUT = "-"
"""The name of standard input, on a command line and in the ledger."""
_BLOCK_BYTES = 1 << 20


def spool_input(stream: BinaryIO, directory: Path) -> Path:
    """Return the path of a file named "-" in `directory`, made where missing, with all that a stream gives."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / STANDARD_INPUT
    with path.open("wb") as copy:
        shutil.copyfileobj(stream, copy, _BLOCK_BYTES)
    return path
