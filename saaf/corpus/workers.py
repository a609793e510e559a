"""Cleaning in worker processes: a page that hangs, eats memory or crashes the parser costs that page and no other.

Processes, because lxml can crash natively under threads and a time limit must hold against C code; pebble, because it
kills the worker that ran over and starts another.
"""

from __future__ import annotations

import multiprocessing
import resource
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol, Self

from pebble import ProcessExpired, ProcessPool

from saaf import cleaning
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.types import CleanDocument, Page, Unreadable
from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from saaf.cleaning.site.profile import SiteProfile

TIMEOUT = 30.0
"""Seconds a page may take: a page takes 10 to 50 ms, so this is a page that will not end."""
MEMORY_LIMIT = 2 << 30
"""Bytes of data a worker may hold."""
BODY_LIMIT = 16 << 20
"""Bytes of body: an article is far below 1 MB, and parsing takes about twenty times a body's size."""
Clean = Callable[[Any], CleanDocument | Failure]
_WINDOW = 4  # pages under way per worker: enough that no worker waits, few enough that little is held


class Task(Protocol):
    """What a worker is given: a page, or something else that has a URL, None where it has none."""

    @property
    def url(self) -> str | None:
        """Where it came from, for the ledger."""


class WorkersError(Exception):
    """The worker processes cannot start, or died while they had nothing to do."""

    def __init__(self) -> None:
        super().__init__(
            "the worker processes cannot work; their own error stands above. In a script, call what needs them under "
            "`if __name__ == '__main__':`, because each process imports the script; or use no processes (workers=0)"
        )


class Cleaner:
    """A pool of processes that read and clean pages; `workers=0` cleans in this process, for tests and debugging.

    `timeout` is in seconds, `memory_limit` in bytes per worker, neither of which holds where `workers` is 0. `clean` is
    what is done to a page, or to another task, a function of a module. A context manager; `close` waits for what was
    submitted.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        timeout: float = TIMEOUT,
        memory_limit: int = MEMORY_LIMIT,
        clean: Clean | None = None,
    ) -> None:
        self._clean: Clean = clean or clean_page
        self._timeout = timeout
        self._pool: ProcessPool | None = None
        if workers:
            # A fork server has no threads, so that its children are safe to fork, and is quicker than a spawn.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPool(
                max_workers=workers, initializer=_limit_memory, initargs=(memory_limit,), context=context
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
        self.close()

    def submit(self, page: Task) -> Future[CleanDocument | Failure]:
        """Return the future of a page. It raises only `WorkersError`, as this does, where no worker can start."""
        answer: Future[CleanDocument | Failure] = Future()
        if self._pool is None:
            answer.set_result(self._clean(page))
            return answer

        def settle(done: Future[CleanDocument | Failure]) -> None:
            try:
                answer.set_result(done.result())
            except FutureTimeoutError:
                answer.set_result(_over_budget(page, f"cleaning took longer than {self._timeout:g} seconds"))
            except ProcessExpired as death:
                answer.set_result(_over_budget(page, f"the worker process died (exit code {death.exitcode})"))
            except CancelledError:
                answer.cancel()
            except BrokenProcessPool:
                answer.set_exception(WorkersError())
            except Exception as error:  # whoever asks for the result gets it
                answer.set_exception(error)

        try:
            self._pool.schedule(self._clean, args=(page,), timeout=self._timeout).add_done_callback(settle)
        except RuntimeError as error:  # what pebble raises once its pool is broken
            raise WorkersError from error
        return answer

    def close(self) -> None:
        """Wait for the pages under way and end the processes."""
        if self._pool is not None:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
            self._pool.join()


def clean_pages(
    pages: Iterable[Page],
    *,
    workers: int = 1,
    timeout: float = TIMEOUT,
    memory_limit: int = MEMORY_LIMIT,
    clean: Clean | None = None,
) -> Generator[CleanDocument | Failure, None, None]:
    """Yield each page's clean document, or why there is none, in the order of `pages`.

    A few pages per worker are under way at once; `pages` is read no further ahead.
    """
    with Cleaner(workers=workers, timeout=timeout, memory_limit=memory_limit, clean=clean) as cleaner:
        under_way: deque[Future[CleanDocument | Failure]] = deque()
        for page in pages:
            under_way.append(cleaner.submit(page))
            if len(under_way) >= max(workers, 1) * _WINDOW:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def clean_page(page: Page, *, profile: SiteProfile | None = None) -> CleanDocument | Failure:
    """Return the page read and cleaned, by `profile` alone where it is of a template that the profile knows; whatever
    goes wrong is a `Failure` that says where.
    """

    def make() -> CleanDocument:
        document = cleaning.read(page, profile=profile)
        return cleaning.clean(document, profile=profile if KNOWN_TEMPLATE in document.flags else None)

    return _attempt(page, make)


def read_page(page: Page) -> CleanDocument | Failure:
    """Return the page read, with nothing removed; whatever goes wrong is a `Failure` that says where."""
    return _attempt(page, lambda: CleanDocument(document=cleaning.read(page), removals=()))


def _attempt(page: Page, make: Callable[[], CleanDocument]) -> CleanDocument | Failure:
    if not page.body.strip():
        return Failure(state=State.EMPTY, reason="the body is empty", url=page.url)
    if len(page.body) > BODY_LIMIT:
        return _over_budget(page, f"the body has {len(page.body)} bytes, the limit is {BODY_LIMIT}")
    try:
        return make()
    except Unreadable as error:
        return Failure(state=State.UNREADABLE, reason=str(error), url=page.url)
    except MemoryError:
        return _over_budget(page, "cleaning needed more memory than a worker may have")
    except RecursionError:
        return _over_budget(page, "the page is nested too deeply")
    except Exception as error:
        # One page must not take the others with it; the ledger names the place.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(frame.filename).name}:{frame.lineno}"
        return Failure(
            state=State.UNREADABLE,
            reason=f"cleaning failed with {type(error).__name__} at {place}: {error}; please report this page",
            url=page.url,
        )


def _over_budget(page: Task, reason: str) -> Failure:
    return Failure(state=State.OVER_BUDGET, reason=reason, url=page.url)


def _limit_memory(limit: int) -> None:
    # RLIMIT_DATA counts what a process allocates and not the files it maps (models, libraries), as RLIMIT_AS would.
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
