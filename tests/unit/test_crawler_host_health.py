"""Back-off, circuit breaker and budgets of a host, with a clock of the test's own."""

from __future__ import annotations

import pytest

from saaf.corpus.ledger import State
from saaf.crawler.politeness.host_health import (
    CHALLENGES_TO_GIVE_UP,
    FAILURES_TO_OPEN,
    PROBES_TO_GIVE_UP,
    SETBACKS_TO_GIVE_UP,
    HostHealth,
    Limits,
    parse_retry_after,
)

LIMITS = Limits(backoff=2, max_backoff=60)


def host(limits: Limits = LIMITS, *, pages: int = 0) -> HostHealth:
    made = HostHealth(name="a.example:443", limits=limits)
    for _ in range(pages):
        made.succeeded(100)
        made.let_in()
    return made


def test_the_breaker_opens_after_failures_in_a_row_and_closes_with_an_answer() -> None:
    one = host()
    steps = []
    for _ in range(FAILURES_TO_OPEN):
        pause = one.failed("no answer", 0)
        steps.append((pause, one.is_open))
    assert steps == [(0, False)] * (FAILURES_TO_OPEN - 1) + [(2, True)]
    assert one.failed("sent before", 0) == 0
    one.answered()
    pause = one.failed("no answer", 9)
    assert (pause, one.is_open) == (0, False)


def test_a_dead_host_is_given_up_after_a_few_probes_with_longer_pauses() -> None:
    one = host()
    for _ in range(FAILURES_TO_OPEN):
        one.failed("no answer", 0)
    pauses = [one.failed("no answer", one.blocked_until, probe=True) for _ in range(PROBES_TO_GIVE_UP)]
    assert pauses[:-1] == [4, 8]
    refusal = one.refusal(0, 0)
    assert refusal is not None
    assert refusal.state is State.FETCH_FAILED
    assert refusal.reason == "the host failed 8 times in a row: no answer; the next crawl tries it again"


def test_a_host_that_answered_often_is_asked_before_it_is_given_up() -> None:
    one = host(pages=5)
    for probe in (*[False] * FAILURES_TO_OPEN, *[True] * PROBES_TO_GIVE_UP):
        one.failed("no answer", 0, probe=probe)
    assert one.suspicion is not None
    assert one.refusal(0, 0) is None
    one.give_up()
    assert one.refusal(0, 0) == one.suspicion


def test_a_reprieve_is_not_given_again_without_new_answers() -> None:
    one = host(pages=5)
    for _ in range(2):
        for probe in (*[False] * FAILURES_TO_OPEN, *[True] * PROBES_TO_GIVE_UP):
            one.failed("no answer", 0, probe=probe)
        if one.gone is None:
            one.answered()
    assert one.gone is not None


def test_pauses_double_up_to_the_limit_and_start_again_after_a_page() -> None:
    one = host(Limits(backoff=2, max_backoff=10))
    assert [one.pushed_back(503, None, one.blocked_until) for _ in range(5)] == [2, 4, 8, 10, 10]
    one.succeeded(1)
    assert one.pushed_back(429, None, one.blocked_until) == 2


def test_retry_after_is_waited_for_within_the_limit() -> None:
    one = host()
    assert one.pushed_back(429, 60, 0) == 60
    one.succeeded(1)
    assert one.pushed_back(429, 61, 1000) == 2, "too long to wait for: the usual pause"
    one.succeeded(1)
    assert one.pushed_back(429, 0, 2000) == 2, "never less than the usual pause"


def test_a_host_that_only_pushes_back_is_given_up_and_the_same_page_counts_once() -> None:
    one = host()
    for _ in range(50):
        one.pushed_back(429, None, one.blocked_until, again=True)
    assert one.refusal(0, 0) is None
    for _ in range(SETBACKS_TO_GIVE_UP):
        one.pushed_back(429, None, one.blocked_until)
    refusal = one.refusal(0, 0)
    assert refusal is not None
    assert "HTTP status 429" in refusal.reason


@pytest.mark.parametrize(("pages", "limit"), [(0, CHALLENGES_TO_GIVE_UP), (3, CHALLENGES_TO_GIVE_UP + 3), (99, 20)])
def test_challenges_in_a_row_end_a_host_that_let_few_pages_in_sooner(pages: int, limit: int) -> None:
    one = host(pages=pages)
    for _ in range(limit - 1):
        one.challenged("Cloudflare", 0)
    assert one.refusal(0, 0) is None
    one.challenged("Cloudflare", 0)
    refusal = one.refusal(0, 0)
    assert refusal is not None
    assert refusal.state is State.CHALLENGE


def test_budgets() -> None:
    one = host(Limits(pages=5, size=1000, seconds=10))
    one.requested(100)
    one.succeeded(600)
    assert one.refusal(109, 3) is None
    for refusal in (one.refusal(109, 4), one.refusal(110, 0)):
        assert refusal is not None
        assert refusal.state is State.OVER_BUDGET
    one.succeeded(400)
    refusal = one.refusal(101, 0)
    assert refusal is not None
    assert "SAAF_HOST_BYTES=1000" in refusal.reason


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), (" 0 ", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
     ("9" * 400, 999_999_999_999), ("-3", None), ("soon", None), ("", None), ("1.5", None), ("١٢", None)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, 784_111_740.0) == seconds
