"""The memory of shared libraries that a process has used and does not need again."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DONT_NEED = 4  # MADV_DONTNEED of madvise(2)


def let_go_of_library(name: str) -> None:
    """Take the pages of a library that were never written to out of this process's memory.

    `name` is the beginning of the library's file name. A page that is used again after all is read from the file, or
    from where the system keeps it. Nothing is done where the system is not Linux.
    """
    if sys.platform == "linux":
        madvise = ctypes.CDLL(None).madvise
        for start, end in _clean_mappings(name):
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _DONT_NEED)


def _clean_mappings(name: str) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of addresses where a file is mapped that this process has not written to.

    Only those are as the file is: in the others the loader has put addresses.
    """
    found = None
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        first, *others = line.split()
        if not first.endswith(":"):  # "7f00-7f10 r-xp 00000000 08:01 123 /usr/lib/libname.so"
            start, _, end = first.partition("-")
            is_wanted = len(others) > 4 and Path(others[-1]).name.startswith(name) and "w" not in others[0]
            found = (int(start, 16), int(end, 16)) if is_wanted else None
        elif first == "Anonymous:" and found is not None and others[0] == "0":
            yield found
