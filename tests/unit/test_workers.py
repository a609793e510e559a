from __future__ import annotations

import os
import signal
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from saaf import cleaning
from saaf.cleaning.types import CleanDocument, Document, Language, Metadata, Page, Track, Unreadable
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.workers import CleanerPool, clean_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.cleaning.site.profile import SiteProfile


def page(body: bytes) -> Page:
    return Page(url="https://example.org/", body=body, fetched_at=datetime(2025, 3, 16, tzinfo=UTC))


def document(text: str) -> CleanDocument:
    return CleanDocument(
        document=Document(
            id=f"{len(text):016x}",
            url=None,
            site="",
            track=Track.TEXT,
            language=Language(code="und", script="Zyyy", score=0.0),
            metadata=Metadata(),
            text=text,
            blocks=(),
        ),
        removals=(),
    )


def obey(page: Page) -> CleanDocument | Failure:
    """Do what the body says, in a worker."""
    command, _, argument = page.body.decode().partition(" ")
    if command == "sleep":
        time.sleep(float(argument))
    elif command == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif command == "eat":
        try:
            bytearray(int(argument))
        except MemoryError:
            return Failure(state=State.OVER_BUDGET, reason="no memory")
    return document(f"{page.body.decode()} in {threading.current_thread().name}")


def outcomes(bodies: list[str], *, workers: int = 2, timeout: float = 30.0) -> list[str]:
    results = clean_pages([page(body.encode()) for body in bodies], workers=workers, timeout=timeout, clean=obey)
    return [result.reason if isinstance(result, Failure) else result.text.partition(" in ")[0] for result in results]


def test_results_come_in_the_order_of_the_pages_in_however_many_processes() -> None:
    bodies = ["sleep 0.3", *(f"say {number}" for number in range(20))]
    assert outcomes(bodies) == bodies
    assert outcomes(bodies, workers=0) == bodies


def test_a_page_that_hangs_dies_or_eats_memory_costs_that_page_only() -> None:
    bodies = ["say 1", "sleep 60", "say 2", "die", "say 3", f"eat {1 << 33}", "say 4"]
    assert outcomes(bodies, timeout=1.5) == [
        "say 1",
        "cleaning took longer than 1.5 seconds",
        "say 2",
        "the worker process died (exit code -9)",
        "say 3",
        "no memory",
        "say 4",
    ]


def test_pages_are_read_no_further_ahead_than_the_workers_need() -> None:
    taken = 0

    def pages() -> Iterator[Page]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield page(f"say {number}".encode())

    results = clean_pages(pages(), workers=0, clean=obey)
    next(results)
    assert taken < 10
    results.close()


def test_a_submitted_page_is_a_future_that_holds_its_result() -> None:
    with CleanerPool(workers=1, clean=obey) as cleaner:
        future = cleaner.submit(page(b"say hello"))
        result = future.result(timeout=30)
    assert isinstance(result, CleanDocument)


def test_an_empty_page_and_a_huge_one_are_told_before_parsing() -> None:
    results = [clean_page(page(b" \n")), clean_page(page(bytes(BODY_LIMIT + 1)))]
    assert [result.state for result in results if isinstance(result, Failure)] == [State.EMPTY, State.OVER_BUDGET]


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (Unreadable("a picture, not a page"), State.UNREADABLE, "a picture, not a page"),
        (MemoryError(), State.OVER_BUDGET, "cleaning needed more memory than a worker may have"),
        (RecursionError(), State.OVER_BUDGET, "the page is nested too deeply"),
        (KeyError("title"), State.UNREADABLE, "cleaning failed with KeyError at test_workers.py:"),
    ],
)
def test_what_goes_wrong_is_named(monkeypatch: pytest.MonkeyPatch, error: Exception, state: State, reason: str) -> None:
    def broken(page: Page, *, profile: SiteProfile | None) -> Document:
        raise error

    monkeypatch.setattr(cleaning, "read", broken)
    result = clean_page(page(b"<p>text</p>"))
    assert isinstance(result, Failure)
    assert (result.state, result.url) == (state, "https://example.org/")
    assert result.reason.startswith(reason)
