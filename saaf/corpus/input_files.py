"""The files of a build's inputs, and their names in the ledger: every file, link and directory is accounted for."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from saaf.corpus.input_paths import InputPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AnyPath = TypeVar("AnyPath", bound=InputPath)
_ESCAPED_CATEGORIES = frozenset(
    ("Cc", "Cs", "Zl", "Zp")
)  # control characters, surrogates, line and paragraph separators
_NUMBER_MARK = re.compile(r"[#+](?=[0-9]+\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableFile:
    """A path below an input that is no file that can be opened; `reason` says why and what to do."""

    path: Path
    reason: str


def ledger_name(name: str) -> str:
    r"""Return a file's name as the ledger has it: on one line, in Unicode, and no two names alike.

    A byte that is not UTF-8 becomes \xff, a control character \x0a or \u0085, a backslash two. A "#" or "+" before a
    number at the end becomes \x23 or \x2b: behind it a key has the number of a record.

    >>> ledger_name("समाचार\n1.html"), ledger_name("caf\udce9.txt"), ledger_name("page.html#2")
    ('समाचार\\x0a1.html', 'caf\\xe9.txt', 'page.html\\x232')
    """
    escaped = "".join(_escape(character) for character in name)
    return _NUMBER_MARK.sub(lambda mark: f"\\x{ord(mark[0]):02x}", escaped)


def is_utf_8(name: str) -> bool:
    """Return whether a path is UTF-8 on disk: whether it holds no byte that Python has as half a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _escape(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if unicodedata.category(character) not in _ESCAPED_CATEGORIES:
        return character
    code = ord(character)
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # the second is how Python holds a byte of a name that is not UTF-8
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}"


def unique_names(paths: Sequence[AnyPath]) -> Iterator[tuple[str, AnyPath]]:
    """Yield each path with its last name as the ledger has it, with ~2, ~3 … added where several have the same."""
    used: set[str] = set()
    for path in paths:
        name = unique = ledger_name(path.resolve().name if isinstance(path, Path) else path.name)
        number = 2
        while unique in used:
            unique, number = f"{name}~{number}", number + 1
        used.add(unique)
        yield unique, path


def list_files(directory: Path) -> tuple[list[Path], list[UnreadableFile]]:
    """Return the files below a directory, and what else is there but cannot be read as one; both in no order.

    Hidden files and directories are left out. Links to files are files; links to directories are not followed.
    """
    files: list[Path] = []
    unreadable: list[UnreadableFile] = []

    def add_directory(error: OSError) -> None:
        reason = f"the directory cannot be read: {error.strerror}; change its permissions"
        unreadable.append(UnreadableFile(path=Path(error.filename), reason=reason))

    for folder, directories, others in os.walk(directory, onerror=add_directory):
        directories[:] = [name for name in directories if not name.startswith(".")]
        for name in (*directories, *(name for name in others if not name.startswith("."))):
            path = Path(folder, name)
            problem = _link_problem(path) if name in directories else file_problem(path)
            if problem is not None:
                unreadable.append(UnreadableFile(path=path, reason=problem))
            elif name not in directories:
                files.append(path)
    return files, unreadable


def _link_problem(path: Path) -> str | None:
    """Return why a directory is not entered, None where it is."""
    try:
        linked = path.is_symlink()
    except OSError as error:
        return f"the directory cannot be read: {error.strerror}"
    return "a link to a directory, which is not followed: name the directory as an input" if linked else None


def file_problem(path: Path) -> str | None:
    """Return why a path cannot be read as a file, None where nothing is known; it is not opened."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "a link to a file that does not exist: restore the file, or delete the link"
    except OSError as error:
        return f"the file cannot be read: {error.strerror}"
    return None if stat.S_ISREG(mode) else "neither a file nor a directory, but a pipe, a socket or a device"
