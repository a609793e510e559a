"""Publication: the entries of a new corpus take the place of an older one's, decided at one instant.

The new corpus is complete in a directory beside its place before that directory is renamed to `.ready`: from that
rename on it is the corpus. Each entry (a directory of data as a whole, or a file) is then exchanged with the older one,
the manifest last. A kill in between leaves `.ready`, and the next command that reads or writes the corpus goes on with
it (`complete_publication`): no reader of a single directory ever sees files of two builds in it.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.atomic_files import fsync_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    Exchange = Callable[[Path, Path], bool]

READY, _OLD, _JOURNAL = ".ready", ".old", ".journal.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def exchange_entries(one: Path, other: Path) -> bool:
    """Exchange two files or directories at one instant; return False where the system cannot do that."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    arguments = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if renameat2(*arguments) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def publish_directory(
    staged: Path, output: Path, *, last: str, remove: Collection[str], exchange: Exchange = exchange_entries
) -> None:
    """Move the entries of the directory `staged` to `output`, which is on the same file system; `last` is moved last.

    `remove` are names of entries of the older corpus that the new one may not have. Other entries of `output` stay.
    `exchange` exchanges two entries at one instant, and returns False where it cannot.
    """
    names = [path.name for path in sorted(staged.iterdir()) if path.name != last]
    inodes = {name: (staged / name).stat().st_ino for name in (*names, last)}
    journal = {"order": [*names, last], "inodes": inodes, "remove": sorted(set(remove) - set(inodes))}
    (staged / _JOURNAL).write_text(json.dumps(journal), encoding="utf-8")
    for directory, _, files in os.walk(staged):
        for name in files:
            fsync_path(Path(directory, name))
        fsync_path(Path(directory))
    staged.rename(output / READY)  # from here on the new files are the corpus
    fsync_path(output)
    complete_publication(output, exchange=exchange)


def complete_publication(output: Path, *, exchange: Exchange = exchange_entries) -> None:
    """Finish a publication that was begun in `output`, if there is one; call it before a corpus is read or written."""
    ready, old = output / READY, output / _OLD
    if (ready / _JOURNAL).is_file():
        journal = json.loads((ready / _JOURNAL).read_bytes())
        old.mkdir(exist_ok=True)
        for name in journal["order"]:
            _install(ready / name, output / name, old / name, journal["inodes"][name], exchange)
        for name in journal["remove"]:
            if (output / name).exists():
                _discard(old / name)
                (output / name).rename(old / name)
        fsync_path(output)
        (ready / _JOURNAL).unlink()
    for directory in (ready, old):
        if directory.is_dir():
            shutil.rmtree(directory)


def _install(new: Path, target: Path, old: Path, inode: int, exchange: Exchange) -> None:
    """Put a new entry in its place and the older one aside; each step may have been done before."""
    if not target.exists():
        new.rename(target)
        return
    if target.stat().st_ino != inode and not exchange(new, target):  # then one after the other
        _discard(old)
        target.rename(old)
        new.rename(target)
    if new.exists():  # the older one, which was exchanged with it
        _discard(old)
        new.rename(old)


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
