"""The engine of a build: what runs its tasks. This one is a pool of processes of this machine."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from queue import LifoQueue
from typing import TYPE_CHECKING, Protocol

from saaf.corpus.stages.fork_server import start_fork_server
from saaf.corpus.stages.guard import PageGuard
from saaf.corpus.stages.processes import TaskProcess
from saaf.corpus.stages.tasks import run_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.process_limits import Limits
    from saaf.corpus.stages.tasks import Result, Task


_MANY_TASKS = 4  # that read: 150 pages


class Engine(Protocol):
    """What runs tasks: in any order, on any machine that sees the paths of their files."""

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Yield the position and the result of each task as it is done; raise what a task raises."""


class InProcess:
    """Runs tasks in this process, without limits, for tests and debugging."""

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Yield the position and the result of each task, in order."""
        for position, task in enumerate(tasks):
            yield position, run_task(task, PageGuard())


class LocalProcesses:
    """Runs tasks in processes of this machine, each with a thread here that waits for it."""

    def __init__(self, workers: int, limits: Limits, *, cleans: bool = True) -> None:
        self._cleans = cleans
        self._processes = [TaskProcess(limits) for _ in range(workers)]
        self._idle: LifoQueue[TaskProcess] = LifoQueue()  # of a few tasks each has a process that has run one
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(workers)

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Yield the position and the result of each task as it is done; raise what a task raises."""
        if tasks:
            start_fork_server(cleans=self._cleans, many=len(tasks) >= _MANY_TASKS)
            self._end_spare(len(tasks))
        pending: dict[Future[Result], int] = {}
        waiting = iter(enumerate(tasks))
        for position, task in waiting:
            pending[self._threads.submit(self._run_one, task)] = position
            if len(pending) >= 2 * len(self._processes):
                break
        while pending:
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield pending.pop(future), future.result()
                for position, task in waiting:
                    pending[self._threads.submit(self._run_one, task)] = position
                    break
        for process in self._processes:
            process.end_if_large()

    def _end_spare(self, tasks: int) -> None:
        """End the processes that so many tasks do not need: the report is written by one, and takes memory."""
        kept = [self._idle.get() for _ in self._processes]
        for process in kept[tasks:]:
            process.end()
        for process in reversed(kept):
            self._idle.put(process)

    def _run_one(self, task: Task) -> Result:
        process = self._idle.get()
        try:
            return process.run(task)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes; tasks that run are not finished."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()


@contextmanager
def open_engine(workers: int, limits: Limits, *, cleans: bool = True) -> Iterator[Engine]:
    """Yield the engine for a number of processes, none where it is 0, and end them.

    `cleans`: its tasks clean pages, so that what that needs is loaded before the processes start.
    """
    if not workers:
        yield InProcess()
        return
    engine = LocalProcesses(workers, limits, cleans=cleans)
    try:
        yield engine
    finally:
        engine.close()
