"""Files of an archive: WARC files alone, in directories, and inside WACZ, each as a stream that can be searched."""

from __future__ import annotations

import gzip
import os
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, BinaryIO, cast

from saaf.corpus.input_files import ledger_name, list_files, unique_names
from saaf.corpus.ledger import Failure, State
from saaf.corpus.positioned_reader import read_at_positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.input_paths import InputPath

WARC_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".wet", ".wet.gz", ".warc.gz.partial")
WACZ_ENDING = ".wacz"
_SMALL_ENTRY = 1 << 28  # bytes
_MOST_RATIO = 64  # of an entry of a WACZ file: text packs to a tenth, and WARC files are packed already
_LOCAL_HEADER = 30  # bytes of the fixed part of a zip entry's local header (APPNOTE.TXT, 4.3.7)
_ARC_ENDINGS = (".arc", ".arc.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """A WARC file: `name` as the ledger has it, and where its bytes are.

    `entry` is its name inside the zip file `path`, None where `path` is the WARC file itself.
    """

    name: str
    path: InputPath
    entry: str | None = None

    def open(self) -> BinaryIO:
        """Return the file as a stream that can be searched. Raises OSError where it cannot be read."""
        if self.entry is None:
            return self.path.open("rb")
        try:
            return _open_entry(self.path, self.entry)
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError) as error:
            raise OSError(f"{self.entry} cannot be read: {error}") from error


def archive_files(paths: Sequence[Path]) -> Iterator[ArchiveFile | Failure]:
    """Yield the WARC files of `paths`, files and directories, in an order that depends on their names only.

    WARC files are known by their endings (.warc, .warc.gz, .warc.zst, .wet, .wet.gz); a WACZ file is a zip file with
    WARC files. A file that was named and is neither, or that cannot be opened, is a failure; other files in a directory
    are passed over.
    """
    for name, path in unique_names(paths):
        if not path.is_dir():
            yield from _files_of(name, path, is_named=True)
            continue
        files, unreadable = list_files(path)
        for one in sorted(unreadable, key=lambda each: each.path):
            yield Failure(state=State.UNREADABLE, reason=one.reason, url=_below(name, path, one.path))
        for file in sorted(files):
            yield from _files_of(_below(name, path, file), file, is_named=False)


def _below(name: str, directory: Path, path: Path) -> str:
    return f"{name}/{ledger_name(path.relative_to(directory).as_posix())}"


def _files_of(name: str, path: Path, *, is_named: bool) -> Iterator[ArchiveFile | Failure]:
    lowered = path.name.lower()
    if lowered.endswith(WARC_ENDINGS):
        yield ArchiveFile(name=name, path=path)
    elif lowered.endswith(WACZ_ENDING):
        yield from wacz_warcs(name, path)
    elif lowered.endswith(_ARC_ENDINGS):
        reason = "ARC files are not read: convert it, for instance with `warcio recompress --arc2warc`"
        yield Failure(state=State.NOT_CONTENT, reason=reason, url=name)
    elif is_named:
        kinds = " ".join((*WARC_ENDINGS, WACZ_ENDING))
        yield Failure(state=State.NOT_CONTENT, reason=f"not an archive by its name; these are: {kinds}", url=name)


def wacz_warcs(name: str, path: InputPath) -> Iterator[ArchiveFile | Failure]:
    """Yield the WARC files of a WACZ file, sorted by name (specs.webrecorder.net/wacz/1.1.1: "archive/")."""
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as packed:
            entries = sorted(entry for entry in packed.namelist() if entry.lower().endswith(WARC_ENDINGS))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Failure(state=State.UNREADABLE, reason=f"not a zip file that can be read: {error}", url=name)
        return
    if not entries:
        yield Failure(state=State.EMPTY, reason="the WACZ file has no WARC file", url=name)
    for entry in entries:
        yield ArchiveFile(name=f"{name}/{ledger_name(entry)}", path=path, entry=entry)


def _open_entry(path: InputPath, entry: str) -> BinaryIO:
    """Return an entry of a zip file: a window of the file where it is stored as it is, else an unpacked copy."""
    stream: BinaryIO = path.open("rb")
    with zipfile.ZipFile(stream) as packed:  # which leaves the stream open
        info = packed.getinfo(entry)
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            if info.file_size > max(_MOST_RATIO * info.compress_size, _SMALL_ENTRY):
                raise OSError(f"it states {info.file_size} bytes, packed into {info.compress_size}: no archive has so")
            with stream, packed.open(info) as source:
                return _copy(source)
    stream.seek(info.header_offset)
    header = stream.read(_LOCAL_HEADER)
    start = info.header_offset + _LOCAL_HEADER + sum(int.from_bytes(header[at : at + 2], "little") for at in (26, 28))

    def read_at(position: int, count: int) -> bytes:
        stream.seek(start + position)
        return stream.read(count)

    return read_at_positions(info.file_size, read_at, stream.close)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """Return the content of a gzip file as a temporary file, which is deleted when it is closed.

    For files that were compressed as a whole: their records cannot be found by an offset. What is cut off ends there.
    """
    stream.seek(0)
    with gzip.GzipFile(fileobj=stream) as source:
        return _copy(cast("BinaryIO", source))


def _copy(source: object) -> BinaryIO:
    descriptor, name = mkstemp(prefix="saaf-")
    copy = cast("BinaryIO", os.fdopen(descriptor, "w+b"))
    Path(name).unlink()
    try:
        shutil.copyfileobj(cast("BinaryIO", source), copy, 1 << 20)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile):
        copy.flush()  # what there is until there
    copy.seek(0)
    return copy
