"""Guards of the output: no input, no file of somebody else's and no good corpus is replaced by something else."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from saaf.corpus.file_names import DOCUMENTS, REPORTS, TABLES
from saaf.corpus.input_files import is_utf_8
from saaf.corpus.ledger import State, first_reasons
from saaf.corpus.manifest import MANIFEST
from saaf.corpus.parquet import count_rows
from saaf.corpus.readers import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from saaf.corpus.ledger import LedgerEntry


class OutputError(Exception):
    """The output directory holds files that would be lost; the message names one and says what to do."""


def check_name(output: Path) -> None:
    """Raise `OutputError` where a path cannot be written to by pyarrow, which takes UTF-8 alone."""
    if not is_utf_8(str(output)):
        raise OutputError(f"{output}: the name of an output is UTF-8, which this is not: choose another")


def check_output(inputs: Sequence[Path], output: Path) -> None:
    """Raise `InputError` where writing to the directory `output` would replace an input, or add to one.

    Links are followed: a symbolic or hard link to a table of the output is that table. Raises `OutputError` where the
    name of the output is not UTF-8.
    """
    check_name(output)
    for path in inputs:
        if _is_inside(output, path):
            raise InputError(
                f"the output {output} is in the input {path}, and would be read by the next build: name another output"
            )
        for name in (*TABLES, *REPORTS, MANIFEST):
            if _same_file(path, output / name):
                raise InputError(
                    f"{path} is a table of the corpus in {output}, which would be replaced: name another output"
                )


def check_output_file(inputs: Sequence[Path], output: Path) -> None:
    """Do what `check_output` does for an output that is a file."""
    check_name(output)
    for path in inputs:
        if _same_file(path, output):
            raise InputError(f"{output} is an input, and would be replaced: name another output")
        if _is_inside(output, path):
            raise InputError(f"{output} is in the input {path}, and would be read by the next run: name another output")


def _same_file(path: Path, other: Path) -> bool:
    """Return whether two paths are of one file, by whatever links; a path that leads nowhere is of none."""
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def _is_inside(path: Path, directory: Path) -> bool:
    """Return whether a path is a directory or below it, links followed."""
    try:  # unlike resolve(), realpath() is stopped by no loop of links
        real, outer = os.path.realpath(path), os.path.realpath(directory)
    except ValueError:  # a null byte, in the path of nothing
        return False
    return os.path.commonpath([real, outer]) == outer


def check_outside_index(paths: Iterable[Path], index: Path) -> None:
    """Raise `InputError` where an input or an output is in the directory of an index, whose files are its own.

    Raises `OutputError` where the name of the index is not UTF-8.
    """
    check_name(index)
    for path in paths:
        if _is_inside(path, index):
            raise InputError(f"{path} is in the index {index}, whose files are its own: name another place")


def check_replaceable(output: Path, names: Iterable[str] = ()) -> None:
    """Raise `OutputError` where `output` has a file that a build would replace and that is of no corpus.

    `names` are names of files that are written beside those of every build.
    """
    ours = _manifest_files(output)
    for name in sorted({*TABLES, *REPORTS, MANIFEST, *names}):
        if name not in ours and (output / name).exists():
            raise OutputError(
                f"{output / name} would be replaced, and saaf did not write it: move it, or name another output"
            )


def _manifest_files(output: Path) -> set[str]:
    """Return the names of the files of the corpus in `output`, by its manifest; none where there is no corpus."""
    try:
        manifest = json.loads((output / MANIFEST).read_bytes())
        return {MANIFEST, *manifest["files"]} if manifest["versions"]["cleaning_rules"] else set()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def check_not_emptied(output: Path, entries: Sequence[LedgerEntry]) -> None:
    """Raise `InputError`, with the reasons, where no document is kept and the corpus in `output` has some."""
    if any(entry.state is State.KEPT for entry in entries):
        return
    table = output / DOCUMENTS
    if table.exists() and count_rows(table) != 0:
        raise InputError(
            f"no document is left of {_describe(entries)}. The older corpus in {output} stays as it was; to replace it "
            f"by an empty one, delete {table} first"
        )


def _describe(entries: Sequence[LedgerEntry]) -> str:
    """Return the number of entries by state, and the first three with their reasons."""
    if not entries:
        return "no input"
    counts = Counter(entry.state.value.replace("_", " ") for entry in entries)
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    inputs = f"{len(entries)} {'input' if len(entries) == 1 else 'inputs'}"
    return f"{inputs} ({states}): {first_reasons((entry.key, entry.reason) for entry in entries)}"
