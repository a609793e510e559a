"""Paths of inputs: files of this machine, and remote ones that pyarrow reads, by their URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from saaf.extras import NotInstalledError, install_hint

if TYPE_CHECKING:
    from types import ModuleType
    from typing import BinaryIO

SCHEMES = ("s3", "gs", "gcs", "hdfs", "viewfs", "hf", "http", "https")
"""Schemes of URLs that are read."""
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+):/{1,2}(?=.)")


class InputError(Exception):
    """An input that cannot be read at all: it does not exist, is an empty directory, or is a corpus already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStat:
    """The size of a remote file in bytes."""

    st_size: int


@dataclass(frozen=True, slots=True)
class RemotePath:
    """A remote file or directory, with what readers use of a `Path`."""

    url: str

    @property
    def name(self) -> str:
        """The last part of the URL's path."""
        parts = urlsplit(self.url)
        return unquote(PurePosixPath(parts.path).name) or parts.netloc

    @property
    def suffix(self) -> str:
        """The ending of the name, "" where it has none."""
        return PurePosixPath(self.name).suffix

    @property
    def suffixes(self) -> list[str]:
        """The endings of the name."""
        return PurePosixPath(self.name).suffixes

    @property
    def parts(self) -> tuple[str, ...]:
        """The host or bucket, and the parts of the path."""
        found = urlsplit(self.url)
        return (found.netloc, *(part for part in found.path.split("/") if part))

    def open(self, _mode: Literal["rb"] = "rb") -> BinaryIO:
        """Return the file as a stream that can be searched; parts are read by range. Raises OSError."""
        stream: BinaryIO = _remote_files().open_remote(self.url)
        return stream

    def stat(self) -> RemoteStat:
        """Return the size of the file. Raises OSError."""
        return RemoteStat(st_size=_remote_files().remote_size(self.url))

    def __truediv__(self, name: str) -> RemotePath:
        """Return the path of what is below this directory."""
        return RemotePath(f"{self.url.rstrip('/')}/{name}")

    def __str__(self) -> str:
        """Return the URL."""
        return self.url


InputPath = Path | RemotePath


def url_scheme(path: str | Path) -> str | None:
    """Return the scheme of what begins like a URL and is no file here, None for others and for file://."""
    found = _SCHEME.match(str(path))
    if found is None or Path(Path(path).parts[0]).exists():
        return None
    return found[1].lower()


def parse_input(name: str | Path | RemotePath) -> InputPath:
    """Return the path of an input: a remote one where it begins like a URL. Raises `InputError` for other schemes.

    A `Path` made of a URL has lost one of its slashes; what exists on this machine under that name is a file.
    """
    if isinstance(name, RemotePath):
        return name
    found = _SCHEME.match(str(name))
    if found is None or (isinstance(name, Path) and Path(name.parts[0]).exists()):
        return Path(name)
    scheme = found[1].lower()
    if scheme == "file":
        return Path(unquote("/" + str(name)[found.end() :].lstrip("/")))
    if scheme not in SCHEMES:
        raise InputError(f"{name}: inputs at {scheme}:// are not read; these are: {', '.join(SCHEMES)}; copy it first")
    return RemotePath(f"{scheme}://{str(name)[found.end() :].rstrip('/')}")


def list_remote(path: RemotePath) -> list[tuple[str, RemotePath]] | None:
    """Return the files below a remote directory, with their paths in it, sorted; None where it is a file.

    Raises `InputError` where there is none, or the place cannot be reached, and `NotInstalledError` where what reads
    the scheme is not installed.
    """
    try:
        found = _remote_files().list_remote(path.url)
    except ImportError as error:
        scheme = path.url.partition(":")[0]
        raise NotInstalledError(
            f"inputs at {scheme}:// need packages that are missing: {install_hint('remote')}"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be reached: {str(error).partition(chr(10))[0][:300]}") from error
    return None if found is None else [(name, RemotePath(url)) for name, url in found]


def _remote_files() -> ModuleType:
    from saaf.corpus import remote_files  # noqa: PLC0415  # loads pyarrow's file systems, which few inputs need

    return remote_files
