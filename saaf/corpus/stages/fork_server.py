"""The process that all processes of a build are forked from: the fork server of `multiprocessing`.

That one is a new interpreter, which imports everything again: half a second and 60 MB. A command has imported most of
it already, so it can set a fork of itself aside, which becomes the fork server: what both have imported is in memory
once. That fork has to be made while the command has no other thread, whose locks nobody would release in it, and so
before it shows any progress.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver, util
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PRELOADED = "saaf.corpus.stages.preloaded"
_PRELOADED_TO_CLEAN = "saaf.corpus.stages.preloaded_cleaning"
_PRELOADED_FOR_MANY = "saaf.corpus.stages.preloaded_kernels"  # before the other, which then loads compiled code
_PASSED = 2  # descriptors that `multiprocessing` gives a server: its socket, and a pipe that ends with its clients
_MOST_BYTES = 1 << 16
_STANDARD_STREAMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fork:
    """A fork of this process that waits: its number, and the socket by which it is told what to do."""

    process: int
    socket: socket.socket


_waiting: list[_Fork] = []  # one or none


def set_fork_aside(idle_threads: str = "asyncio_") -> None:
    """Fork this process, which is that of a command, into one that waits to become its fork server.

    Nothing is done where the process has another thread, but for those whose names begin with `idle_threads`: workers
    of an event loop that has ended. The fork ends by itself where it is not needed, and with this process.

    To be called when what a build needs is imported, and before its progress is shown.
    """
    others = [each for each in threading.enumerate() if each is not threading.main_thread()]
    if sys.platform != "linux" or _waiting or not all(each.name.startswith(idle_threads) for each in others):
        return
    for stream in filter(None, (sys.stdout, sys.stderr)):  # what they hold would be written by both
        with suppress(OSError):
            stream.flush()
    gc.freeze()  # in both: a collection would write to, and so copy, each page that they share
    with _interrupts_blocked():  # one that came in the fork would end the command twice
        ours, theirs = socket.socketpair()
        process = os.fork()
        if not process:
            _wait_to_serve(theirs)
        theirs.close()
        _waiting.append(_Fork(process=process, socket=ours))
        ours.recv(1)  # once it has let go of this process's files, or has ended


def discard_fork() -> None:
    """End the fork that was set aside, where there is one."""
    for fork in _waiting:
        fork.socket.close()
        os.waitpid(fork.process, 0)
    _waiting.clear()


def start_fork_server(*, cleans: bool, many: bool) -> None:
    """Start the process that all others are forked from, so that Ctrl-C and SIGTERM do not reach it and them.

    A batch system sends SIGTERM to all processes of a job: one that ended by it would take its record for the cause.
    `cleans`: they will clean pages, and `many`: so many that each of them would load compiled code; what they need is
    loaded once, before they are forked. Nothing is done where the process runs already.
    """
    cleaning = [*([_PRELOADED_FOR_MANY] if many else []), _PRELOADED_TO_CLEAN] if cleans else []
    modules = [_PRELOADED, *cleaning]
    forkserver.set_forkserver_preload(modules)
    with _interrupts_blocked(), _fork_becomes_server(modules):
        forkserver.ensure_running()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let neither SIGINT nor SIGTERM come in the block, nor ever in a process that starts in it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _fork_becomes_server(modules: Sequence[str]) -> Iterator[None]:
    """Let the fork that was set aside, if any, become the server that `multiprocessing` starts inside the block."""
    if not _waiting:
        yield
        return
    spawn = util.spawnv_passfds

    def hand_over(path: bytes, arguments: Sequence[Any], descriptors: Sequence[int]) -> int:
        """Do what `spawnv_passfds` is called for: start the server, and return its number."""
        with suppress(OSError):  # it was killed
            if forkserver.__name__ in str(arguments[-1]) and len(descriptors) == _PASSED:  # it starts another, too
                fork = _waiting.pop()
                with fork.socket:
                    socket.send_fds(fork.socket, ["\n".join(modules).encode()], list(descriptors))
                return fork.process
        return spawn(path, arguments, descriptors)

    functions: dict[str, object] = vars(util)
    functions["spawnv_passfds"] = hand_over
    try:
        yield
    finally:
        functions["spawnv_passfds"] = spawn
        discard_fork()  # where another server runs


def _wait_to_serve(told: socket.socket) -> NoReturn:
    """Wait in a fork until it is told to become the fork server, and end it with its parent."""
    code = 1
    try:
        _reset_signals()
        _let_go_of_files(told.fileno())
        told.send(b"1")
        content, descriptors, _, _ = socket.recv_fds(told, _MOST_BYTES, _PASSED)
        told.close()
        if content:
            listener, clients = descriptors
            forkserver.main(listener, clients, content.decode().split("\n"))
        code = 0
    except SystemExit:  # all clients have ended
        code = 0
    except Exception:  # nobody is left to catch it: it is printed, as an interpreter that starts prints it
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(code)


def _reset_signals() -> None:
    """Have signals do in this fork what they do in a new interpreter."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _let_go_of_files(kept: int) -> None:
    """Let go of the parent's files: of its locks too, which would else be held for as long as this fork lives.

    Their numbers stay taken, by nothing, because objects of the parent that are deleted here close their numbers.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number >= _STANDARD_STREAMS and number not in (kept, nothing):
            os.dup2(nothing, number, inheritable=False)
