"""Standard input as a file: it is copied to one, so that its format is found by its content and parts can be read."""

from __future__ import annotations

import filecmp
import shutil
import sys
from typing import TYPE_CHECKING

from saaf.corpus.input_walk import check_inputs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from saaf.corpus.input_paths import InputPath

STANDARD_INPUT = "-"
"""The name of standard input, on a command line and in the ledger."""
_DIRECTORY = "standard_input"
_BLOCK_BYTES = 1 << 20


def spool_input(stream: BinaryIO, directory: Path) -> Path:
    """Return the path of a file named "-" in `directory`, made where missing, with all that a stream gives.

    It has that name when it is whole. One of the same content that is there already stays as it is, with its time, so
    that a build which was killed knows it again.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path, partial = directory / STANDARD_INPUT, directory / ".partial"
    with partial.open("wb") as copy:
        shutil.copyfileobj(stream, copy, _BLOCK_BYTES)
    if path.exists() and filecmp.cmp(path, partial, shallow=False):
        partial.unlink()
    else:
        partial.replace(path)
    return path


def is_standard_input(path: InputPath | str) -> bool:
    """Return whether an input is standard input."""
    return str(path) == STANDARD_INPUT


def with_standard_input(inputs: Sequence[InputPath], work: Path) -> list[InputPath]:
    """Return inputs with a file in the directory `work` instead of standard input.

    At a terminal, where nothing is piped, what a build that was killed read is taken again.
    """
    if not any(map(is_standard_input, inputs)):
        return list(inputs)
    others = [each for each in inputs if not is_standard_input(each)]
    if others:
        check_inputs(others)  # before gigabytes are read from a pipe
    directory = work / _DIRECTORY
    path = directory / STANDARD_INPUT
    if not (sys.stdin.isatty() and path.exists()):
        path = spool_input(sys.stdin.buffer, directory)
    return [*others, path]
