"""Files of documents: one for each document, named like its input, as text, Markdown, JSON or TEI XML."""

# What renders is imported where it is used, so that plain text does not wait for it.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from saaf.atomic_files import atomic_write
from saaf.cli.commands import CommandError
from saaf.corpus.byte_blocks import COMPRESSIONS
from saaf.corpus.exit_codes import Exit
from saaf.corpus.formats import known_format
from saaf.corpus.standard_input import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning import CleanDocument
    from saaf.corpus.records import Record

ENDINGS: Final = {"text": ".txt", "markdown": ".md", "json": ".json", "xml-tei": ".xml"}
"""The ending of a file by its format."""
SINGLE: Final = frozenset(ENDINGS)
"""The formats in which a file holds one document."""
STRUCTURED: Final = SINGLE - {"text"}
"""The formats that show the structure of a document."""
_TABLES: Final = (".parquet", ".jsonl")
_MAX_NAME_BYTES: Final = 200  # of a name without its ending; file systems allow 255
# What some file system does not allow in a name, or a shell takes for something else; halves of surrogate pairs.
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def is_directory(name: str) -> bool:
    """Return whether a name of an output is that of a directory: it ends with a slash, or there is one, and its name is
    not that of a table.
    """
    return name.endswith(("/", os.sep)) or (Path(name).is_dir() and Path(name).suffix not in _TABLES)


def render(document: CleanDocument, output_format: str) -> str:
    """Return a clean document in one of the formats `SINGLE`, with a line break at its end."""
    if output_format == "markdown":
        from saaf.cleaning.render.markdown import to_markdown

        return to_markdown(document)
    if output_format == "json":
        from saaf.cleaning.render.document_json import to_json

        return to_json(document)
    if output_format == "xml-tei":
        from saaf.cleaning.render.tei import to_tei

        return to_tei(document)
    return document.text if document.text.endswith("\n") else document.text + "\n"


class DocumentFiles:
    """Writes the files of documents into a directory, each whole or not at all.

    `inputs` are the names of the inputs, none of which is replaced. Two documents never have the same name, also where
    case does not count.
    """

    def __init__(self, directory: Path, output_format: str, inputs: Sequence[str]) -> None:
        self._directory = directory
        self._format = output_format
        self._inputs = {found for name in inputs if name != STANDARD_INPUT for found in _files(Path(name))}
        self._used: set[str] = set()

    def write(self, record: Record, document: CleanDocument, part: int) -> Path:
        """Write one document and return its path; `part` numbers the documents of one record from 0.

        Raises `CommandError` where its file would replace an input, or cannot be written.
        """
        path = self._directory / self._unique(document_name(record, part))
        if _identity(path) in self._inputs:
            raise CommandError(f"{path} is an input, and would be replaced: name another directory", Exit.INPUT)
        content = render(document, self._format).encode("utf-8", "replace")
        try:
            with atomic_write(path) as partial:
                partial.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}", Exit.OUTPUT) from error
        return path

    def _unique(self, name: str) -> str:
        ending = ENDINGS[self._format]
        count, own = 1, f"{name}{ending}"
        while (key := unicodedata.normalize("NFC", own).casefold()) in self._used:
            count += 1
            own = f"{name}-{count}{ending}"
        self._used.add(key)
        return own


def document_name(record: Record, part: int) -> str:
    """Return the path of a document's file, relative and without its ending: that of its input, made safe.

    The number of a record in its file, and that of an article that was split off a page, are added.
    """
    *above, last = [step for step in PurePosixPath(record.file_path).parts if step not in ("/", "..", ".")] or [""]
    stem = _stem(last)
    stem += f"-{record.number}" if record.number else ""
    stem += f"+{part}" if part else ""
    return "/".join([*map(safe_name, above), safe_name(stem)])


def _stem(name: str) -> str:
    """Return the name of an input without the endings that say what it is: "a" of "a.html.gz"."""
    path = PurePosixPath(name)
    if path.suffix.lower() in COMPRESSIONS and path.stem:
        path = PurePosixPath(path.stem)
    return path.stem if path.suffix and known_format(path.name) else path.name


def safe_name(name: str) -> str:
    """Return a name that every file system takes, and that no program takes for an option or a hidden file.

    >>> safe_name('what? "why":')
    'what_ _why__'
    """
    safe = _UNSAFE.sub("_", name).strip(" ").rstrip(".").lstrip(".-~") or "document"
    safe = f"_{safe}" if _RESERVED.fullmatch(safe) else safe
    return safe.encode()[:_MAX_NAME_BYTES].decode(errors="ignore")


def _files(path: Path) -> list[tuple[int, int]]:
    """Return what identifies a file, or the files below a directory."""
    paths = [path, *path.rglob("*")] if path.is_dir() else [path]
    return [found for one in paths if (found := _identity(one)) is not None]


def _identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of a file, None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
