"""A pool of worker processes for cleaning: a page that hangs, needs too much memory or crashes the parser fails alone.

Processes, because lxml can crash natively under threads and a time limit must hold against C code; pebble, because it
kills the worker that ran over and starts another.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
from collections import deque
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Self

from pebble import ProcessExpired, ProcessPool

from saaf.corpus.page_tasks import CleanFunction, Task, clean_page, over_budget

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.ledger import Failure

TIMEOUT = 30.0
"""Limit of wall time for a page, in seconds: most take 10 to 50 ms, so one that takes longer does not end."""
MEMORY_LIMIT = 2 << 30
"""Limit of a worker's data, in bytes."""
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

    `workers` is the number of processes; 0 cleans in this process, for tests and debugging. `timeout` is in seconds per
    page, `memory_limit` in bytes per worker; neither holds where `workers` is 0. `clean` is the function that is called
    with each page, or other task; it must be importable from a module. None is `clean_page`.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        timeout: float = TIMEOUT,
        memory_limit: int = MEMORY_LIMIT,
        clean: CleanFunction | None = None,
    ) -> None:
        self._clean: CleanFunction = clean or clean_page
        self._timeout = timeout
        self._pool: ProcessPool | None = None
        if workers:
            # A fork server has no threads, so that its children are safe to fork, and is quicker than a spawn.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPool(
                max_workers=workers, initializer=_prepare_process, initargs=(memory_limit,), context=context
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
        self.close()

    def submit(self, page: Task) -> Future[CleanDocument | Failure]:
        """Return the future of a page's clean document, or of its failure.

        Where no worker can start, this or the future raises `WorkersError`; the future raises what `clean` raised.
        """
        result: Future[CleanDocument | Failure] = Future()
        if self._pool is None:
            result.set_result(self._clean(page))
            return result

        def set_result(done: Future[CleanDocument | Failure]) -> None:
            try:
                result.set_result(done.result())
            except FutureTimeoutError:
                result.set_result(over_budget(page, f"cleaning took longer than {self._timeout:g} seconds"))
            except ProcessExpired as death:
                result.set_result(over_budget(page, f"the worker process died (exit code {death.exitcode})"))
            except CancelledError:
                result.cancel()
            except BrokenProcessPool:
                result.set_exception(WorkersError())
            except Exception as error:  # raised where the result is asked for
                result.set_exception(error)

        try:
            self._pool.schedule(self._clean, args=(page,), timeout=self._timeout).add_done_callback(set_result)
        except RuntimeError as error:  # what pebble raises once its pool is broken
            raise WorkersError from error
        return result

    def close(self) -> None:
        """Wait for the submitted pages and end the processes."""
        if self._pool is not None:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
            self._pool.join()


def clean_pages(
    pages: Iterable[Page],
    *,
    workers: int = 1,
    timeout: float = TIMEOUT,
    memory_limit: int = MEMORY_LIMIT,
    clean: CleanFunction | None = None,
) -> Generator[CleanDocument | Failure, None, None]:
    """Yield each page's clean document, or its failure, in the order of `pages`.

    `pages` is read four pages per worker ahead and no further. The other arguments are those of `CleanerPool`.
    """
    with CleanerPool(workers=workers, timeout=timeout, memory_limit=memory_limit, clean=clean) as cleaner:
        pending: deque[Future[CleanDocument | Failure]] = deque()
        for page in pages:
            pending.append(cleaner.submit(page))
            if len(pending) >= max(workers, 1) * _PENDING_PER_WORKER:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _prepare_process(memory_limit: int) -> None:
    """Limit the data of this worker process, in bytes, and its garbage collector to what pages leave.

    Reading a page makes thousands of objects that live until it is done: the collector, which looks through them and
    through all that was imported, takes 12 % of the time of cleaning and finds next to nothing.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    _limit_memory(memory_limit)


def _limit_memory(limit: int) -> None:
    """Limit the data of this process to `limit` bytes."""
    # RLIMIT_DATA counts what a process allocates and not the files it maps (models, libraries), as RLIMIT_AS would.
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
