"""Measure a command with all its processes: CPU time, that of its first process, and peak memory.

Linux only. This process becomes the parent of orphans of the command (`PR_SET_CHILD_SUBREAPER` of prctl(2)), so that
the CPU time of a fork server and of its children counts too, to the last tick.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_SAMPLE_SECONDS = 0.2
_USER_TIME, _SYSTEM_TIME = 11, 12  # fields of /proc/PID/stat after the name, from 0
_SESSION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a command used: seconds of wall and CPU time, those of its first process, peak of memory in bytes.

    `memory` is the largest sum over its processes of the proportional set size (PSS, in which a page that n processes
    share counts as 1/n for each), sampled five times a second; 0 where it was not asked for.
    """

    wall: float
    cpu: float
    main_cpu: float
    memory: int


def run_measured(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, memory: bool = True
) -> Usage:
    """Run a command in a session of its own, wait for all its processes, and return what they used.

    Raises `RuntimeError` with the end of its output where it fails.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, start = children_seconds(), time.monotonic()
    process = subprocess.Popen(
        command, cwd=cwd, env=env, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = bytearray()
    reader = threading.Thread(target=lambda: output.extend(process.stdout.read() if process.stdout else b""))
    reader.start()
    sampler = _Sampler(process.pid) if memory else None
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - start
    main_cpu = _process_seconds(process.pid)
    exit_code = process.wait()
    reap_orphans(process.pid)
    peak = sampler.stop() if sampler else 0
    reader.join()
    if exit_code:
        raise RuntimeError(f"{command} ended with {exit_code}: {bytes(output[-4000:]).decode('utf-8', 'replace')}")
    cpu = children_seconds() - before
    return Usage(wall=wall, cpu=cpu, main_cpu=main_cpu, memory=peak)


def session_processes(session: int) -> list[int]:
    """Return the numbers of the running processes of a session."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [number for number in numbers if (fields := _fields(number)) and int(fields[_SESSION]) == session]


def _fields(process: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name of the process; none where it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _process_seconds(process: int) -> float:
    """Return the CPU time of a process, without its children."""
    fields = _fields(process)
    return (int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])) / os.sysconf("SC_CLK_TCK")


def children_seconds() -> float:
    """Return the CPU time of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def reap_orphans(session: int) -> None:
    """Wait for the processes that the first one of a session left behind; they end by themselves."""
    while True:
        try:
            os.waitpid(-session, 0)  # its process group, which all of its processes are of
        except ChildProcessError:
            return


class _Sampler(threading.Thread):
    """Samples the memory of a session until `stop`, which returns the peak in bytes."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self._session, self._ended, self._peak = session, threading.Event(), 0
        self.start()

    def run(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(map(_proportional_size, session_processes(self._session))))

    def stop(self) -> int:
        self._ended.set()
        self.join()
        return self._peak


def _proportional_size(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
