"""A pool of worker processes for cleaning: a page that hangs, needs too much memory or crashes the parser fails alone.

Processes, because lxml can crash natively under threads and a limit must hold against C code; pebble, because it
starts another worker for one that ended, and ends one that waits for ever.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from saaf.corpus.limits import MAX_WORKERS
from saaf.corpus.page_tasks import CleanFunction, Task, clean_page
from saaf.corpus.process_limits import STALLED, Limits, ended_process, enforced, stalled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.ledger import Failure

Result = TypeVar("Result")
_PENDING_PER_WORKER = 4  # pages submitted per worker: enough that no worker waits, few enough that little is held


class WorkersError(Exception):
    """The worker processes cannot start, or died while they were idle."""

    def __init__(self) -> None:
        super().__init__(
            "the worker processes cannot start, or died; their own error message is above this one. In a script, "
            "call what needs them under `if __name__ == '__main__':`, because each process imports the script; or use "
            "no processes (workers=0)"
        )


class CleanerPool:
    """A pool of processes that read and clean pages; a context manager that waits for what was submitted.

    `workers` is the number of processes; 0 cleans in this process, without limits, for tests and debugging. `limits`
    hold for each page, None for the default ones. `clean` is the function that `submit` calls with each page; it must
    be importable from a module. None is `clean_page`. `niceness`, from 0 to 19, is how far the processes stand back
    for others (nice(2)).
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        limits: Limits | None = None,
        clean: CleanFunction | None = None,
        niceness: int = 0,
    ) -> None:
        self._clean: CleanFunction = clean or clean_page
        self._limits = limits or Limits()
        self._pool: ProcessPool | None = None
        if not 0 <= workers <= MAX_WORKERS:
            raise ValueError(f"workers is a number of processes from 0 to {MAX_WORKERS}, not {workers}")
        if workers:
            # A fork server has no threads, so that its children are safe to fork, and is quicker than a spawn.
            start_tracker()
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPool(
                max_workers=workers, initializer=prepare_process, initargs=(niceness,), context=context
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._pool is not None:
            self.stop()
        self.close()

    def stop(self) -> None:
        """End the processes without waiting for the submitted pages, whose futures are cancelled."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated

    def submit(self, page: Page) -> Future[CleanDocument | Failure]:
        """Return the future of a page's clean document, or of its failure; see `call`."""
        return self.call(self._clean, page)

    def call(self, function: Callable[[Any], Result | Failure], task: Task) -> Future[Result | Failure]:
        """Return the future of what `function`, importable from a module, returns for a page or another task.

        A task that exceeds a limit, or crashes its worker, has a failure. One whose worker was killed, or waited for
        ever, is tried once more, because that may be the machine's fault. Where no worker can
        start, this or the future raises `WorkersError`; the future raises what `function` raised.
        """
        result: Future[Result | Failure] = Future()
        if self._pool is None:
            result.set_result(function(task))
        else:
            self._schedule(function, task, result, retry=True)
        return result

    def _schedule(
        self, function: Callable[[Any], Result | Failure], task: Task, result: Future[Result | Failure], *, retry: bool
    ) -> None:
        """Run a task in a worker and set `result`; with `retry`, once more where that may be the machine's fault."""

        def set_result(done: Future[Result | Failure]) -> None:
            try:
                result.set_result(done.result())
            except FutureTimeoutError:
                again(stalled(self._limits, task.url))
            except ProcessExpired as death:
                failure = ended_process(death.exitcode, self._limits, task.url)
                if death.exitcode in {-signal.SIGKILL, STALLED}:
                    again(failure)
                else:
                    result.set_result(failure)
            except CancelledError:
                result.cancel()
            except BrokenProcessPool:
                result.set_exception(WorkersError())
            except Exception as error:  # raised where the result is asked for
                result.set_exception(error)

        def again(failure: Failure) -> None:
            if not retry:
                result.set_result(failure)
                return
            try:
                self._schedule(function, task, result, retry=False)
            except WorkersError as error:
                result.set_exception(error)

        assert self._pool is not None  # noqa: S101
        try:
            call = partial(_call_in_worker, function, self._limits, task)
            self._pool.schedule(call, timeout=self._limits.wall_seconds).add_done_callback(set_result)
        except RuntimeError as error:  # what pebble raises once its pool is broken
            raise WorkersError from error

    def close(self) -> None:
        """Wait for the submitted pages and end the processes."""
        if self._pool is not None:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
            self._pool.join()


def clean_pages(
    pages: Iterable[Page], *, workers: int = 1, limits: Limits | None = None, clean: CleanFunction | None = None
) -> Generator[CleanDocument | Failure, None, None]:
    """Yield each page's clean document, or its failure, in the order of `pages`.

    `pages` is read four pages per worker ahead and no further. The other arguments are those of `CleanerPool`.
    """
    with CleanerPool(workers=workers, limits=limits, clean=clean) as cleaner:
        pending: deque[Future[CleanDocument | Failure]] = deque()
        for page in pages:
            pending.append(cleaner.submit(page))
            if len(pending) >= max(workers, 1) * _PENDING_PER_WORKER:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def start_tracker() -> None:
    """Start the process that removes the semaphores of this one where it is killed, so that it does so silently.

    It takes the filters of warnings that hold when it starts. What it would say, nobody can do anything about.
    """
    silent = "ignore:resource_tracker:UserWarning"
    sys.warnoptions.append(silent)
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.remove(silent)


def prepare_process(niceness: int = 0) -> None:
    """Limit the garbage collector of this worker process to what pages leave, and let others go first.

    Reading a page makes thousands of objects that live until it is done: the collector, which looks through them and
    through all that was imported, takes 12 % of the time of cleaning and finds next to nothing.
    """
    os.nice(niceness)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _call_in_worker(function: Callable[[Any], Result], limits: Limits, task: Task) -> Result:
    """Return what `function` returns for a task, under the limits."""
    with enforced(limits):
        return function(task)
