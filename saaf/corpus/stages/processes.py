"""Processes that run tasks: one at a time, started again where a record of the task ended them."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import resource
import select
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from saaf.corpus.process_limits import STALLED, ended_process
from saaf.corpus.stages.guard import PageGuard
from saaf.corpus.stages.tasks import run_task
from saaf.corpus.workers import WorkersError, prepare_process, start_tracker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from saaf.corpus.ledger import Failure
    from saaf.corpus.process_limits import Limits
    from saaf.corpus.stages.guard import Note
    from saaf.corpus.stages.tasks import Result, Task

_SERVER_KILLED = 255
"""What `multiprocessing` gives as exit code of a process whose fork server was killed, which ends the process too."""
_START_PAUSES = (0.0, 0.1, 0.5, 2.0)
"""Seconds between two attempts to start a process."""
_MOST_ADDED_BYTES = 30 << 20
"""Bytes of memory that a process may have taken since it started and still be kept for another stage."""
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class TaskProcess:
    """A child process that runs tasks under limits; start it with the first task, end it with `close`.

    `run` raises what the task raises, and `WorkersError` where the process dies twice while no record is to blame.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # A fork server has no threads, so that its children are safe to fork, and is quicker than a spawn.
        start_tracker()
        self._context = multiprocessing.get_context("forkserver")
        self._note: Note = self._context.RawValue("q", 0)
        self._process: Any = None
        self._connection: Connection | None = None
        self._bytes_at_start = 0
        self._closed = False

    def run(self, task: Task) -> Result:
        """Run a task and return its result; a record that ends the process has a failure."""
        failures: dict[int, Failure] = {}
        killed: set[int] = set()  # by the system, perhaps: these records are tried twice
        while True:
            try:
                return self._call(task, failures)
            except EOFError:
                if self._closed:
                    raise WorkersError from None
                exit_code = self._exit_code()
                number = self._note.value
                retried = number in killed
                killed.add(number)
                if exit_code in {-signal.SIGKILL, STALLED} and not retried:
                    continue
                if not number:
                    raise WorkersError from None
                failures[number] = ended_process(exit_code, self._limits, None)

    def _call(self, task: Task, failures: dict[int, Failure]) -> Result:
        if self._connection is None:
            self._start()
        assert self._connection is not None  # noqa: S101
        try:
            self._connection.send_bytes(pickle.dumps((task, failures)))
            answer: Result | BaseException = pickle.loads(self._connection.recv_bytes())  # noqa: S301  # our own child
        except OSError as error:
            raise EOFError from error
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _start(self) -> None:
        self._note.value = 0
        ours, theirs = self._context.Pipe()
        self._process = self._start_process(theirs)
        theirs.close()
        self._bytes_at_start = _held_bytes(self._process.pid)
        self._connection = ours
        if self._closed:  # while it started
            self._process.kill()

    def _start_process(self, connection: Connection) -> Any:
        """Return a process that serves a connection; where it or its server is killed meanwhile, another one.

        A server that was killed counts as alive until the kernel has ended it, which takes a while on a busy machine.
        """
        for pause in (*_START_PAUSES, None):
            process = self._context.Process(target=_serve, args=(connection, self._limits, self._note), daemon=True)
            try:
                with _without_main_module():
                    process.start()
            except (OSError, EOFError, RuntimeError) as error:
                if pause is None:
                    raise WorkersError from error
                time.sleep(pause)
            else:
                break
        return process

    def _exit_code(self) -> int:
        """Return the exit code of the process, which has ended or is about to, and forget it."""
        self._process.join()
        code = int(self._process.exitcode)
        self._connection = None
        return -signal.SIGKILL if code == _SERVER_KILLED else code

    def end_if_large(self) -> None:
        """End the process, which runs no task, where it holds much memory: the next task starts another one.

        What reading hundreds of pages leaves, 100 MB, no later stage needs; another process takes 30 ms to start.
        """
        if self._connection is not None:
            added = _held_bytes(self._process.pid) - self._bytes_at_start
            if added > _MOST_ADDED_BYTES:
                self.end()

    def end(self) -> None:
        """End the process, which runs no task, where there is one: the next task starts another one."""
        if self._connection is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """End the process; a task that it runs is not finished."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
            self._process.join()


def _held_bytes(process: int) -> int:
    """Return the memory of a process that is not of files, in bytes; 0 where the system does not tell."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{process}/statm").read_bytes().split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * resource.getpagesize()


_main_module_lock = threading.Lock()


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Let a process that starts in the block not import this one's main module: tasks need nothing of it.

    That module is a script of the user, whose code would run again, or a worker of Ray or Spark, which takes seconds.
    """
    with _main_module_lock:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _serve(connection: Connection, limits: Limits, note: Note) -> None:
    """Run the tasks that come through a connection, until its other end is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the parent is told too, and ends this process
        signal.signal(number, signal.SIG_IGN)
    _die_with_parent()
    threading.Thread(target=_end_with, args=(connection.fileno(),), daemon=True).start()
    prepare_process()
    pa.set_cpu_count(1)  # each processor has a process: threads of theirs would wait for each other, and take memory
    while True:
        try:
            task, failures = pickle.loads(connection.recv_bytes())  # noqa: S301  # our own parent
        except (EOFError, OSError):
            return
        if _is_abandoned(connection):
            return
        try:
            answer: object = run_task(task, PageGuard(limits, note, failures))
        except Exception as error:  # raised by the parent, where the build says what it means
            answer = _picklable(error)
        connection.send_bytes(pickle.dumps(answer))
        _return_memory()


def _return_memory() -> None:
    """Give the system back what a task left free: 50 MB of Arrow's, and 15 to 30 between what is used, with glibc."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _end_with(descriptor: int) -> None:
    """End this process when the other end of its connection is closed, in whatever task it is: its parent is dead.

    The kernel does that for the fork server alone, which is this process's parent and lives as long as it does.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # they interrupt the thread that works
    poll = select.poll()
    poll.register(descriptor, 0)  # hang-ups alone
    poll.poll()
    os.kill(os.getpid(), signal.SIGKILL)


def _is_abandoned(connection: Connection) -> bool:
    """Return whether the other end is closed although a task came: its process was killed before this one began."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLHUP)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:  # whatever its class does
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _die_with_parent() -> None:
    """Let the kernel kill this process with its parent: a build that was killed must not go on writing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
