"""Guards of the output: no input, no file of somebody else's and no good corpus is replaced by something else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.corpus.file_names import DATA, ENTRIES, OLD_DOCUMENTS, OLD_ENTRIES
from saaf.corpus.input_files import is_utf_8
from saaf.corpus.input_paths import url_scheme
from saaf.corpus.ledger import State, first_reasons
from saaf.corpus.manifest import read_manifest
from saaf.corpus.parquet import count_rows
from saaf.corpus.progress import counted
from saaf.corpus.readers import InputError
from saaf.corpus.standard_input import is_standard_input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.stages.staging import Sums


class OutputError(Exception):
    """The output directory holds files that would be lost; the message names one and says what to do."""


def check_name(output: Path) -> None:
    """Raise `OutputError` where a path is a URL, or its name is not UTF-8, as pyarrow asks."""
    if found := url_scheme(output):
        raise OutputError(
            f"{output}: this is written to a directory of this machine, and not to {found}://; `saaf build` and "
            "`saaf publish` write a corpus to a storage"
        )
    if not is_utf_8(str(output)):
        raise OutputError(f"{output}: the name of an output is UTF-8, which this is not: choose another")


def check_output(inputs: Sequence[InputPath], output: Path, *others: Path | None) -> None:
    """Raise `InputError` where writing to the directory `output` would replace an input, or add to one.

    Links are followed: a symbolic or hard link to a table of the output is that table. Raises `OutputError` where the
    name of the output, or of other directories that are written to, is not UTF-8 or is a URL.
    """
    for written in (output, *others):
        if written is not None:
            check_name(written)
    for path in (each for each in inputs if isinstance(each, Path) and not is_standard_input(each)):
        if _is_inside(output, path):
            raise InputError(
                f"the output {output} is in the input {path}, and would be read by the next build: name another output"
            )
        for entry in _replaced_files(output):
            if _same_file(path, entry):
                raise InputError(
                    f"{path} is a part of the corpus in {output}, which would be replaced: name another output"
                )


def _replaced_files(output: Path) -> Iterator[Path]:
    """Yield what a build replaces in a directory: the entries of a corpus, and the files below them."""
    for name in (*ENTRIES, *OLD_ENTRIES):
        yield output / name
        if (output / name).is_dir():
            yield from (output / name).rglob("*")


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


def check_replaceable(output: Path) -> None:
    """Raise `OutputError` where `output` has an entry that a build would replace and that is of no corpus."""
    if read_manifest(output) is not None:
        return
    for name in ENTRIES:
        if (output / name).exists():
            raise OutputError(
                f"{output / name} would be replaced, and saaf did not write it: move it, or name another output"
            )


def old_entries(output: Path) -> set[str]:
    """Return the names of what a corpus in `output` has there, also of one that an earlier version wrote."""
    manifest = read_manifest(output)
    if manifest is None:
        return set()
    return {*ENTRIES, *(name for name in OLD_ENTRIES if name in manifest["files"])}


def check_not_emptied(output: Path, sums: Sums) -> None:
    """Raise `InputError`, with the reasons, where no document is kept and the corpus in `output` has some."""
    if sums.states[State.KEPT.value] or read_manifest(output) is None:
        return
    tables = [*(output / DATA).rglob("*.parquet"), output / OLD_DOCUMENTS]
    message = not_emptied_message(sums, str(output), str(output / DATA))
    if message and any(table.exists() and count_rows(table) != 0 for table in tables):
        raise InputError(message)


def not_emptied_message(sums: Sums, output: str, data: str) -> str | None:
    """Return why an older corpus with documents is not replaced, None where the new one has some."""
    if sums.states[State.KEPT.value]:
        return None
    return (
        f"no document is left of {_describe(sums)}. The older corpus in {output} stays as it was; to replace it by an "
        f"empty one, delete {data} first"
    )


def _describe(sums: Sums) -> str:
    """Return the number of inputs by state, and the first three with their reasons."""
    total = sum(sums.states.values())
    if not total:
        return "no input"
    states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(sums.states.items()))
    return f"{counted(total, 'input')} ({states}): {first_reasons(sums.reasons)}"
