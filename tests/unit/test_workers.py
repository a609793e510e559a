from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from saaf import cleaning
from saaf.cleaning import clean_html
from saaf.cleaning.types import CleanDocument, Document, Language, Metadata, Page, Track, Unreadable
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.process_limits import Limits, call_in_child
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
        os.kill(os.getpid(), getattr(signal, argument))
    elif command == "die-once":
        if not Path(argument).exists():
            Path(argument).touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif command == "eat":
        try:
            bytearray(int(argument))
        except MemoryError:
            return Failure(state=State.OVER_BUDGET, reason="no memory")
    elif command == "keep":
        KEPT.append(bytearray(b"1" * int(argument)))
    elif command == "burn":
        burn(argument)
    return document(f"{page.body.decode()} in {threading.current_thread().name}")


KEPT: list[bytearray] = []


def burn(what: str) -> None:
    """Use CPU time without an end, in C code or where every exception is caught, as trafilatura does."""
    while True:
        if what == "in C":
            re.fullmatch("(a|a)*b", "a" * 64)
        with suppress(BaseException):
            sum(range(10_000))


def outcomes(bodies: list[str], *, workers: int = 2, limits: Limits | None = None) -> list[str]:
    results = clean_pages([page(body.encode()) for body in bodies], workers=workers, limits=limits, clean=obey)
    return [result.reason if isinstance(result, Failure) else result.text.partition(" in ")[0] for result in results]


def test_results_come_in_the_order_of_the_pages_in_however_many_processes() -> None:
    bodies = ["sleep 0.3", *(f"say {number}" for number in range(20))]
    assert outcomes(bodies) == bodies
    assert outcomes(bodies, workers=0) == bodies


def test_a_page_that_dies_burns_time_or_eats_memory_costs_that_page_only() -> None:
    bodies = ["say 1", "burn time", "say 2", "die SIGSEGV", "say 3", f"eat {1 << 33}", "say 4", "die SIGKILL", "say 5"]
    assert outcomes(bodies, limits=Limits(cpu_seconds=0.5)) == [
        "say 1",
        "cleaning needed more than 0.5 seconds of CPU time",
        "say 2",
        "the page crashed the process that cleaned it (SIGSEGV); please report this page",
        "say 3",
        "no memory",
        "say 4",
        "the process was killed while it cleaned the page: by the system, if memory ran out",
        "say 5",
    ]


def test_c_code_that_does_not_return_to_python_is_stopped_too() -> None:
    assert outcomes(["burn in C", "say 1"], workers=1, limits=Limits(cpu_seconds=0.3)) == [
        "cleaning needed more than 0.3 seconds of CPU time",
        "say 1",
    ]


def test_waiting_uses_up_no_budget() -> None:
    """A page that waits ten times its budget is in the state of every page on a machine with ten times the load."""
    bodies = ["sleep 1", "say 1"]
    assert outcomes(bodies, workers=1, limits=Limits(cpu_seconds=0.1)) == bodies


def test_each_page_has_a_budget_of_its_own() -> None:
    """Together, the pages take three times the limits of one."""
    spend = [f"keep {30 << 20}"] * 10
    assert outcomes(spend, workers=1, limits=Limits(memory_bytes=100 << 20)) == spend
    assert outcomes([f"eat {200 << 20}"], workers=1, limits=Limits(memory_bytes=100 << 20)) == ["no memory"]


def test_a_page_that_waits_for_ever_is_tried_again_and_then_named(tmp_path: Path) -> None:
    limits = Limits(idle_seconds=1)
    reason, other = outcomes(["sleep 60", "say 1"], workers=1, limits=limits)
    assert reason == (
        "cleaning waited for 1 seconds without using any CPU time: a disk does not answer, or the process was stopped; "
        "build again"
    )
    assert other == "say 1"


def test_a_worker_that_somebody_kills_costs_no_page(tmp_path: Path) -> None:
    bodies = [f"die-once {tmp_path / str(number)}" for number in range(3)]
    assert outcomes(bodies) == bodies


@pytest.mark.parametrize(
    "limits",
    [{"cpu_seconds": 0}, {"cpu_seconds": float("inf")}, {"cpu_seconds": float("nan")}, {"memory_bytes": 1 << 63}],
)
def test_limits_that_cannot_be_enforced_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be more than 0"):
        Limits(**limits)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("burn time", "cleaning needed more than 0.3 seconds of CPU time"),
        ("burn in C", "cleaning needed more than 0.3 seconds of CPU time"),
        (f"eat {1 << 33}", "no memory"),
        ("die SIGSEGV", "the page crashed the process that cleaned it (SIGSEGV); please report this page"),
        ("sleep 60", "cleaning waited for 1 seconds without using any CPU time"),
    ],
)
def test_a_single_page_has_the_same_limits_and_messages(command: str, reason: str) -> None:
    one = page(command.encode())
    result = call_in_child(partial(obey, one), Limits(cpu_seconds=0.3, idle_seconds=1), one.url)
    assert isinstance(result, Failure)
    assert result.reason.startswith(reason)


def test_a_single_page_comes_back_whole() -> None:
    one = clean_html("<p>हिन्दी में एक वाक्य।</p><p>اردو میں ایک جملہ۔</p>" * 500)
    assert call_in_child(lambda: one, Limits(), None) == one


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
        (MemoryError(), State.OVER_BUDGET, "cleaning needed more memory than a page may have"),
        (RecursionError(), State.OVER_BUDGET, "the page is nested too deeply"),
        (KeyError("title"), State.UNREADABLE, "cleaning failed with KeyError at test_workers.py:"),
    ],
)
def test_what_goes_wrong_is_named(monkeypatch: pytest.MonkeyPatch, error: Exception, state: State, reason: str) -> None:
    def broken(page: Page, *, profile: SiteProfile | None, structure: bool) -> Document:
        raise error

    monkeypatch.setattr(cleaning, "read", broken)
    result = clean_page(page(b"<p>text</p>"))
    assert isinstance(result, Failure)
    assert (result.state, result.url) == (state, "https://example.org/")
    assert result.reason.startswith(reason)


def test_a_process_that_is_killed_leaves_no_warning_of_semaphores() -> None:
    code = (
        "import os, signal\n"
        "from saaf.corpus.workers import CleanerPool\n"
        "if __name__ == '__main__':\n"
        "    pool = CleanerPool(workers=1)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = [sys.executable, "-c", code]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert done.stderr == ""
