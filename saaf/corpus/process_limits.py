"""Limits of CPU time and memory for a page, which the kernel enforces in the process that cleans it.

CPU time and not wall time, so that what becomes of a page does not depend on what else the machine does. The kernel
ends the process at the limit, because neither a signal handler nor an exception reaches into C code (lxml, regex), and
trafilatura catches exceptions.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import select
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

CPU_SECONDS = 30.0
"""Limit of CPU time for a page, in seconds. Most take 0.01 to 0.05, and none of the hostile pages in the tests takes 3:
a page that takes longer does not end.
"""
MEMORY_BYTES = 2 << 30
"""Limit of the memory that a page adds to its process: six times what parsing the largest body takes."""
STALLED = os.EX_TEMPFAIL
"""The exit code of a process that waited for ever."""
OUT_OF_MEMORY = "cleaning needed more memory than a page may have"
IDLE_SECONDS = 600.0
"""Limit of wall time in which a page uses no CPU, in seconds: a process that waits for ever waits for nothing."""
_LEAST_PROGRESS = 0.01  # seconds of CPU time in that time, a share of 1/60,000: no machine that works is as busy
_WALL_FACTOR = 60  # with the idle time: a page at its limit still ends by itself with 1/80 of a processor
_LEAST_SECONDS, _MOST_SECONDS = 0.001, 1e6  # what the kernel's timer can count, and no more than twelve days
_MOST_BYTES = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a page may take: `cpu_seconds` of user and system time, and `memory_bytes` beyond what its process has.

    A process that uses less than 10 ms of CPU time in `idle_seconds` of wall time waits for ever, and is ended. That
    depends on the load of no machine that works at all. Raises ValueError where the kernel cannot enforce a limit.
    """

    cpu_seconds: float = CPU_SECONDS
    memory_bytes: int = MEMORY_BYTES
    idle_seconds: float = IDLE_SECONDS

    def __post_init__(self) -> None:
        if not _LEAST_SECONDS <= self.cpu_seconds <= _MOST_SECONDS:
            raise ValueError(
                f"the limit of CPU time must be more than 0 ({_LEAST_SECONDS:g} to {_MOST_SECONDS:g} seconds), "
                f"not {self.cpu_seconds:g}"
            )
        if not 0 < self.memory_bytes <= _MOST_BYTES:
            raise ValueError(
                f"the limit of memory must be more than 0 (1 to {_MOST_BYTES} bytes), not {self.memory_bytes}"
            )

    @property
    def wall_seconds(self) -> float:
        """The wall time after which a process is ended that cannot even count its CPU time: a last resort."""
        return _WALL_FACTOR * self.cpu_seconds + self.idle_seconds


@contextmanager
def enforced(limits: Limits) -> Iterator[None]:
    """Hold the limits of CPU time and memory while the block runs.

    Beyond the first the kernel ends this process (SIGPROF); beyond the second, allocations fail (MemoryError). A
    process that waits for ever ends itself (exit code `STALLED`).
    """
    used = time.process_time()

    def end_if_idle(_signal: int, _frame: object) -> None:
        nonlocal used
        before, used = used, time.process_time()
        if used - before < _LEAST_PROGRESS:
            os._exit(STALLED)

    signal.signal(signal.SIGALRM, end_if_idle)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF, signal.SIGALRM})
    _limit_memory(limits.memory_bytes)
    signal.setitimer(signal.ITIMER_REAL, limits.idle_seconds, limits.idle_seconds)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit_memory(limit: int) -> None:
    """Limit the data of this process to `limit` bytes more than it has: what earlier pages left is not this page's."""
    # RLIMIT_DATA counts what a process allocates and not the files it maps (models, libraries), as RLIMIT_AS would.
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = _data_bytes() + limit
    resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _data_bytes() -> int:
    """Return the size of this process's data; 0 where the system does not tell, as macOS does not."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)  # several times a page: a file object takes as long again
    except OSError:
        return 0
    try:
        return int(os.read(descriptor, 1 << 10).split()[5]) * resource.getpagesize()
    finally:
        os.close(descriptor)


def call_in_child(function: Callable[[], Result], limits: Limits, url: str | None) -> Result | Failure:
    """Return what `function` returns in a child process under the limits, or the failure of the page at `url`.

    For a single page: a fork takes milliseconds, the start of a pool half a second. The result must be picklable.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        _answer(function, limits, theirs)
    os.close(theirs)
    answer = None
    with os.fdopen(ours, "rb") as stream:
        try:
            if select.select([stream], [], [], limits.wall_seconds)[0]:
                answer = stream.read()
        finally:
            if answer is None:  # an interrupt, or the last resort
                os.kill(child, signal.SIGKILL)
            exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if answer is None:
        return stalled(limits, url)
    if exit_code:
        return ended_process(exit_code, limits, url)
    result: Result | Failure = pickle.loads(answer)  # noqa: S301  (our own child wrote it)
    return result


def _answer(function: Callable[[], object], limits: Limits, descriptor: int) -> NoReturn:
    """Write what `function` returns to a pipe and end this process, without the parent's clean-up at exit."""
    exit_code = 1
    gc.freeze()  # a collection would write to, and so copy, each of the parent's pages
    try:
        with enforced(limits):
            answer = pickle.dumps(function(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(answer)
        exit_code = 0
    finally:
        os._exit(exit_code)


def ended_process(exit_code: int, limits: Limits, url: str | None) -> Failure:
    """Return the failure of a page whose process ended with `exit_code`, the negative number of a signal mostly."""
    if exit_code == STALLED:
        return stalled(limits, url)
    state = State.OVER_BUDGET
    if exit_code == -signal.SIGPROF:
        reason = f"cleaning needed more than {limits.cpu_seconds:g} seconds of CPU time"
    elif exit_code == -signal.SIGKILL:
        reason = "the process was killed while it cleaned the page: by the system, if memory ran out"
    elif exit_code < 0:
        state, name = State.UNREADABLE, signal.Signals(-exit_code).name
        reason = f"the page crashed the process that cleaned it ({name}); please report this page"
    else:
        reason = OUT_OF_MEMORY
    return Failure(state=state, reason=reason, url=url)


def stalled(limits: Limits, url: str | None) -> Failure:
    """Return the failure of a page whose process waited for ever."""
    reason = (
        f"cleaning waited for {limits.idle_seconds:g} seconds without using any CPU time: a disk does not answer, or "
        "the process was stopped; build again"
    )
    return Failure(state=State.OVER_BUDGET, reason=reason, url=url)
