"""Files at URLs (s3, gs, hdfs, hf, http) through pyarrow's file systems, with credentials as each has them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pyarrow as pa
from pyarrow import fs

from saaf.corpus.positioned_reader import read_at_positions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_BLOCK_BYTES = 1 << 22  # of a request: sequential reading is fast, and a search costs little


class RemoteReadError(Exception):
    """A remote file that was opened stopped giving bytes: no fault of the file, so that its task is to be run again."""


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Raise what the libraries of fsspec raise as OSError: their errors of HTTP have no class in common with it."""
    try:
        yield
    except (OSError, ValueError, ImportError, pa.ArrowException):
        raise
    except Exception as error:
        raise OSError(str(error) or "the place does not answer") from error


@_as_os_errors()
def resolve(url: str) -> tuple[fs.FileSystem, str]:
    """Return the file system of a URL, and the path in it. Raises OSError, ValueError or ImportError."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):  # through fsspec, which takes the whole URL for the path
        return fs.FileSystem.from_uri(f"fsspec+{parts.scheme}://{parts.netloc}")[0], url
    system, path = fs.FileSystem.from_uri(url)
    return system, path


@_as_os_errors()
def open_remote(url: str) -> BinaryIO:
    """Return a remote file as a stream that can be searched. Raises OSError."""
    system, path = resolve(url)
    file = system.open_input_file(path)

    def read_at(position: int, count: int) -> bytes:
        try:
            with _as_os_errors():
                return bytes(file.read_at(count, position))
        except OSError as error:
            reason = str(error).partition("\n")[0][:300]
            raise RemoteReadError(f"{path} stopped at byte {position}: {reason}; run it again") from error

    return read_at_positions(int(file.size()), read_at, file.close, block=_BLOCK_BYTES)


@_as_os_errors()
def remote_size(url: str) -> int:
    """Return the bytes of a remote file. Raises OSError where it is none."""
    system, path = resolve(url)
    info = system.get_file_info(path)
    if info.type != fs.FileType.File or info.size is None:
        raise FileNotFoundError(f"{url} is no file")
    return int(info.size)


@_as_os_errors()
def list_remote(url: str) -> list[tuple[str, str]] | None:
    """Return path and URL of the files below a remote directory, by directory and name; None where the URL is a file's.

    Raises OSError where there is neither.
    """
    system, path = resolve(url)
    info = system.get_file_info(path)
    if info.type == fs.FileType.File:
        return None
    if info.type == fs.FileType.NotFound:
        # A server that does not answer looks the same: fsspec takes any failure to get the size for "not found".
        silent = ", or the server does not answer" if url.startswith(("http://", "https://")) else ""
        raise FileNotFoundError(f"there is no such file or directory{silent}")
    base = path.rstrip("/") + "/"
    found = system.get_file_info(fs.FileSelector(path, recursive=True))
    names = [each.path.removeprefix(base) for each in found if each.type == fs.FileType.File]
    names.sort(key=lambda name: (name.split("/")[:-1], name))  # the files of a directory first, as on this machine
    head, mark, query = url.partition("?")
    return [(name, f"{head.rstrip('/')}/{quote(name)}{mark}{query}") for name in names]
