"""A corpus at a URL (s3, gs, hdfs): it is built on this machine, then uploaded so that the older one stays whole.

All files go to a hidden directory of the storage first. Then they are moved to their names within the storage, files
that replace none first, the manifest last; what the older corpus had besides is deleted after it. Files that are there
already, by the older manifest, are not sent. An upload that was killed is repeated by the same command.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import fs

from saaf.corpus.file_names import CARD, DATA, EDITED_CARD, ENTRIES, MANIFEST
from saaf.corpus.input_paths import InputError, RemotePath, parse_input
from saaf.corpus.output_guards import OutputError, not_emptied_message
from saaf.corpus.remote_files import resolve
from saaf.corpus.remote_lock import LOCK, held_lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.remote_lock import RemoteLock
    from saaf.corpus.settings import Notify, Progress
    from saaf.corpus.stages.staging import Sums

SCHEMES = ("s3", "gs", "gcs", "hdfs", "viewfs")
"""Schemes of URLs that a corpus is written to."""
_NEW = ".new"
_PIECE = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOutput:
    """The place of a corpus in a storage: `base` is the path in it, without a slash at its end."""

    url: str
    system: fs.FileSystem
    base: str

    @property
    def path(self) -> RemotePath:
        """The URL as a path."""
        return RemotePath(self.url)

    def check(self, inputs: Sequence[InputPath]) -> None:
        """Raise `OutputError` where the place cannot be reached or has files of no corpus; `InputError` where it is an
        input.
        """
        for path in inputs:
            if isinstance(path, RemotePath) and (_is_below(path.url, self.url) or _is_below(self.url, path.url)):
                raise InputError(f"the output {self.url} and the input {path.url} are in one another: name another")
        if self._manifest() is not None:
            return
        entries = set(ENTRIES)
        for name in self._files():
            if name.partition("/")[0] in entries:
                raise OutputError(
                    f"{self.url}/{name} would be replaced, and is of no corpus that saaf finished: move it, or name "
                    "another output"
                )

    @contextmanager
    def locked(self, directory: Path) -> Iterator[RemoteLock]:
        """Hold the lock of the place for a build in `directory`, of this machine, while the block runs.

        Raises `BusyError` where another build has it; `OutputError` where the storage fails.
        """
        with ExitStack() as stack:
            with self._errors():
                lock = stack.enter_context(held_lock(self.system, self.base, self.url, directory))
            yield lock

    def publish(
        self, staged: Path, sums: Sums, lock: RemoteLock, report_progress: Progress, report_note: Notify
    ) -> None:
        """Make a staged corpus that of the storage, whose lock this build has.

        A card that was edited there is kept beside the new one, which is said.

        Raises `InputError` where no document would replace some; `BusyError` where the lock was lost; `OutputError`
        where the storage fails.
        """
        older = self._manifest() or {}
        if any(entry.get("rows") for name, entry in older.items() if name.startswith(f"{DATA}/")):
            message = not_emptied_message(sums, self.url, f"{self.url}/{DATA}")
            if message:
                raise InputError(message)
        with self._errors():
            lock.check()
            self._delete_new()
            files = _entries(staged)
            there = set(self._files())
            edited = CARD in there and self._is_edited(older.get(CARD))
            unchanged = there - {CARD} if edited else there
            same = {name for name in files if name in unchanged and _same(files[name], older.get(name))}
            wanted = sorted(name for name in files if name not in same)
            for number, name in enumerate([*wanted, MANIFEST]):
                report_progress("uploading the corpus", number, len(wanted) + 1)
                self._send(staged / name, name)
            lock.check()
            if edited:
                self._copy(CARD, EDITED_CARD)
                kept = f"{self.url}/{EDITED_CARD}"
                report_note(f"{self.url}/{CARD} was edited, and is written anew: your text is in {kept}")
            for name in sorted(wanted, key=lambda name: (name in there, name)):  # the older corpus is whole meanwhile
                self._move(name)
            self._move(MANIFEST)
            for name in sorted(there - files.keys() - {MANIFEST}):
                if name.partition("/")[0] in ENTRIES:
                    self.system.delete_file(f"{self.base}/{name}")
            self._delete_new()

    def _is_edited(self, entry: Mapping[str, Any] | None) -> bool:
        """Return whether the card that is there is another than the one that a build wrote; `entry` is that one's."""
        if entry is None:
            return False
        with self.system.open_input_stream(f"{self.base}/{CARD}", compression=None) as stream:
            content: bytes = stream.read()
        return sha256(content).hexdigest() != entry.get("sha256")

    def _copy(self, source: str, target: str) -> None:
        """Copy a small file within the storage: HDFS has no such operation."""
        with self.system.open_input_stream(f"{self.base}/{source}", compression=None) as stream:
            content = stream.read()
        with self.system.open_output_stream(f"{self.base}/{target}", compression=None) as sink:
            sink.write(content)

    def _send(self, source: Path, name: str) -> None:
        path = f"{self.base}/{_NEW}/{name}"
        self._make_directory(path)
        with source.open("rb") as stream, self.system.open_output_stream(path, compression=None) as sink:
            while piece := stream.read(_PIECE):
                sink.write(piece)
        size = self.system.get_file_info(path).size
        if size != source.stat().st_size:
            raise OutputError(f"{path} has {size} bytes after the upload, and not those of {source}: run it again")

    def _move(self, name: str) -> None:
        target = f"{self.base}/{name}"
        self._make_directory(target)
        if self.system.type_name == "hdfs" and self.system.get_file_info(target).type == fs.FileType.File:
            self.system.delete_file(target)  # which renames, and replaces nothing
        self.system.move(f"{self.base}/{_NEW}/{name}", target)

    def _make_directory(self, path: str) -> None:
        if self.system.type_name not in ("s3", "gcs"):  # which have none
            self.system.create_dir(path.rpartition("/")[0], recursive=True)

    def _delete_new(self) -> None:
        if self.system.get_file_info(f"{self.base}/{_NEW}").type != fs.FileType.NotFound:
            self.system.delete_dir(f"{self.base}/{_NEW}")

    def _files(self) -> list[str]:
        """Return the names of the files, without locks and those of uploads that were killed."""
        with self._errors():
            found = self.system.get_file_info(fs.FileSelector(self.base, recursive=True, allow_not_found=True))
        names = (each.path.removeprefix(f"{self.base}/") for each in found if each.type == fs.FileType.File)
        return [name for name in names if not name.startswith((f"{_NEW}/", LOCK))]

    def _manifest(self) -> dict[str, dict[str, Any]] | None:
        """Return the files of the corpus that is there, None where there is none."""
        with self._errors():
            path = f"{self.base}/{MANIFEST}"
            if self.system.get_file_info(path).type != fs.FileType.File:
                return None
            with self.system.open_input_stream(path, compression=None) as stream:
                content = stream.read()
        try:
            manifest = json.loads(content)
            files: dict[str, dict[str, Any]] = dict(manifest["files"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise OutputError(
                f"{self.url}/{MANIFEST} would be replaced, and saaf did not write it: move it, or name another output"
            ) from None
        return files

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise OutputError(f"{self.url} cannot be read or written: {_first_line(error)}; run it again") from error


def open_output(output: InputPath | str) -> RemoteOutput | Path:
    """Return the place of an output that is a URL, or its path on this machine.

    Raises `OutputError` for a scheme that is not written to, and where the storage has no such place.
    """
    path = _parse(output)
    if isinstance(path, Path):
        return path
    scheme = path.url.partition(":")[0].lower()
    if scheme not in SCHEMES:
        hint = "build here, then `saaf publish OUT --to hf://…`" if scheme == "hf" else "name a directory here"
        raise OutputError(
            f"{path}: a corpus is not written to {scheme}://, but to a directory or {', '.join(SCHEMES)}: {hint}"
        )
    try:
        system, base = resolve(path.url)
        bucket = base.partition("/")[0]
        if scheme == "s3" and system.get_file_info(bucket).type == fs.FileType.NotFound:
            raise OutputError(f"{path}: there is no bucket {bucket}: make it first")
    except (OSError, ValueError, ImportError) as error:
        raise OutputError(f"{path} cannot be reached: {_first_line(error)}") from error
    return RemoteOutput(url=path.url.rstrip("/"), system=system, base=base.rstrip("/"))


def _parse(output: InputPath | str) -> InputPath:
    """Return an output as a path, remote where it begins like a URL of any scheme."""
    try:
        return parse_input(output)
    except InputError:
        return RemotePath(str(output))


def build_directory(output: InputPath | str, work: Path | None) -> Path:
    """Return the directory of this machine in which a corpus is built: its own, or for a URL one in `work`.

    `work` is None for TMPDIR, or else the current directory. The directory has the name of the URL, so that the same
    command goes on where a killed one was.
    """
    path = _parse(output)
    if isinstance(path, Path):
        return path
    base = work or Path(os.environ.get("TMPDIR") or ".")
    name = re.sub(r"[^A-Za-z0-9]+", "-", path.url).strip("-")[:60]
    return base / f"saaf-{name}-{sha256(path.url.encode()).hexdigest()[:12]}"


def _entries(staged: Path) -> Mapping[str, Any]:
    files: dict[str, Any] = json.loads((staged / MANIFEST).read_bytes())["files"]
    return files


def _same(entry: Mapping[str, Any], older: Mapping[str, Any] | None) -> bool:
    return older is not None and all(entry[name] == older.get(name) for name in ("bytes", "sha256"))


def _is_below(url: str, other: str) -> bool:
    return f"{url.rstrip('/')}/".startswith(f"{other.rstrip('/')}/")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
