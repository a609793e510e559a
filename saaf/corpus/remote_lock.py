"""The lock of an output in a storage, so that two builds do not write to one address at a time.

Storages have no lock, and pyarrow no write on condition. As in restic's repositories, each build writes a file of its
own beside the corpus and then lists these: where another is there, it takes its own away and gives up. Of two that
begin at one instant both give up; never do both go on. A build renews its file while it runs: one that is not renewed
is of a build that was killed or cut off, and counts no more.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import fs

from saaf.atomic_files import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEASE = 900.0
"""Seconds after which a lock that is not renewed is free: three renewals."""
LOCK = ".lock-"
"""What the names of locks begin with."""
_OWN = ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLock:
    """The lock of the output at `base` in a storage; `url` names it in messages, `name` is that of this build's file.

    `lease` is the number of seconds after which a lock that is not renewed is free.
    """

    system: fs.FileSystem
    base: str
    url: str
    name: str
    lease: float = LEASE

    def take(self) -> None:
        """Write the lock's file. Raises `BusyError` where another build has the lock; OSError as the storage does."""
        self._write()
        try:
            self.check()
        except BusyError:
            self.release()
            raise

    def check(self) -> None:
        """Raise `BusyError` unless this build, and no other, has the lock; delete the locks of builds that ended."""
        found = self._times()
        own = found.pop(self.name, None)
        if own is None:
            raise BusyError(
                f"the lock {self.url}/{self.name} of this build was deleted, as it is where another build finds it not "
                "renewed: see that none is running, then run the same command again"
            )
        for name, renewed in sorted(found.items()):
            if (own - renewed).total_seconds() < self.lease:  # both by the clock of the storage
                raise BusyError(
                    f"another build is writing to {self.url}, {self._owner(name)}: wait for it, or choose another "
                    f"output; if it was killed, wait {self.lease / 60:.0f} minutes or delete {self.url}/{name}"
                )
            with suppress(FileNotFoundError):
                self.system.delete_file(f"{self.base}/{name}")

    def renew(self) -> None:
        """Write the lock's file again, unless another build took it for that of one that was killed."""
        if self.name in self._times():
            self._write()

    def release(self) -> None:
        """Delete the lock's file; where that fails, it is free after the lease."""
        with suppress(OSError, pa.ArrowException):
            self.system.delete_file(f"{self.base}/{self.name}")

    def _write(self) -> None:
        if self.system.type_name not in ("s3", "gcs"):  # which have no directories
            self.system.create_dir(self.base, recursive=True)
        owner = {"host": socket.gethostname(), "renewed": datetime.now(UTC).isoformat(timespec="seconds")}
        with self.system.open_output_stream(f"{self.base}/{self.name}", compression=None) as sink:
            sink.write(json.dumps(owner).encode())

    def _times(self) -> dict[str, datetime]:
        """Return when each lock was written, by its name."""
        found = self.system.get_file_info(fs.FileSelector(self.base, allow_not_found=True))
        return {each.base_name: each.mtime for each in found if each.base_name.startswith(LOCK) and each.mtime}

    def _owner(self, name: str) -> str:
        """Return in words whose lock a file is."""
        try:
            with self.system.open_input_stream(f"{self.base}/{name}", compression=None) as stream:
                owner = json.loads(stream.read())
            return f"on the machine {owner['host']}, which said so last at {owner['renewed']}"
        except (OSError, ValueError, LookupError, TypeError):
            return "on another machine"


@contextmanager
def held_lock(system: fs.FileSystem, base: str, url: str, directory: Path) -> Iterator[RemoteLock]:
    """Hold the lock of an output for a build in `directory` of this machine, and renew it, while the block runs.

    Its name is kept in `directory`, so that the same command has the lock of a killed build again at once: that
    directory's own lock keeps any other process out. Raises as `RemoteLock.take` does.
    """
    own = directory / _OWN
    lock = RemoteLock(system=system, base=base, url=url, name=_kept_name(own))
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lock.lease / 3):
            with suppress(OSError, pa.ArrowException):  # the next time; `check` says in the end whether it was too late
                lock.renew()

    thread = threading.Thread(target=renew, daemon=True)
    try:
        lock.take()
        thread.start()
        yield lock
    finally:
        ended.set()
        if thread.ident is not None:
            thread.join()
            lock.release()
        own.unlink(missing_ok=True)
        with suppress(OSError):  # there is work of a build in it
            directory.rmdir()


def _kept_name(path: Path) -> str:
    """Return the name of a lock that is kept in a file, a new one where it is not."""
    if path.is_file() and path.read_text(encoding="ascii", errors="replace").startswith(LOCK):
        return path.read_text(encoding="ascii")
    name = f"{LOCK}{secrets.token_hex(8)}"
    path.write_text(name, encoding="ascii")
    return name
