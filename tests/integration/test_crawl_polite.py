"""Politeness as a server sees it: delays, back-off, dead hosts, shared addresses, budgets, and who crawls."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

import pytest

from saaf.corpus.exit_codes import Exit
from tests.integration.hostile import PLAY, Web, good, says, serving_plays, silent, whole
from tests.integration.server import crawl, links

if TYPE_CHECKING:
    import socket
    from pathlib import Path

ALL = "127.0.0.0/8:*"
ROBOTS = {"Content_Type": "text/plain"}


def front(*paths: str) -> PLAY:
    return says(whole(links(*paths).encode()))


def site(count: int, page: PLAY | None = None, *, robots: PLAY | None = None) -> dict[str, PLAY]:
    """Return a site of a front page and `count` pages, with the first page's behaviour for all of them."""
    paths = [f"/page/{number}" for number in range(count)]
    plays = {"/": front(*paths), **dict.fromkeys(paths, page or says(whole(good())))}
    return plays if robots is None else {"/robots.txt": robots, **plays}


def first_then(first: PLAY, then: PLAY, *, times: int = 1) -> PLAY:
    """Return a behaviour that is `first` for some requests, and `then` for all later ones."""
    counter = itertools.count()

    def play(connection: socket.socket) -> None:
        (first if next(counter) < times else then)(connection)

    return play


def asked_at(web: Web, address: str, path: str = "/page") -> list[float]:
    return [moment for moment, name, asked in web.log if name == address and asked.startswith(path)]


def test_crawl_delay_sets_the_pace_and_hosts_of_one_site_take_turns(tmp_path: Path) -> None:
    robots = says(whole(b"User-agent: *\nCrawl-delay: 0.6\n", **ROBOTS))
    with serving_plays({"127.0.0.2": site(4, robots=robots), "127.0.0.3": site(4)}) as web:
        starts = f"start={web.url('127.0.0.2')},{web.url('127.0.0.3')}"
        done = crawl(
            "web",
            "-a",
            starts,
            output=tmp_path,
            SAAF_BUILD=0,
            SAAF_ALLOW_ADDRESSES=ALL,
            CONCURRENT_REQUESTS_PER_DOMAIN=1,
        )
    assert done.code == 0, done.stderr[-2000:]
    slow = asked_at(web, "127.0.0.2")
    assert len(slow) == len(asked_at(web, "127.0.0.3")) == 4
    assert min(later - earlier for earlier, later in itertools.pairwise(slow)) >= 0.55
    assert asked_at(web, "127.0.0.3")[-1] < slow[1], "the other host does not wait for this one"


def test_names_of_one_address_share_a_slot_with_its_delay(tmp_path: Path) -> None:
    with serving_plays({"127.0.0.1": site(3)}) as web:
        # Two names that need no name server.
        starts = f"start=http://127.0.0.1:{web.port}/,http://localhost:{web.port}/"
        done = crawl(
            "web", "-a", starts, output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=ALL,
            CONCURRENT_REQUESTS_PER_DOMAIN=1, DOWNLOAD_DELAY=0.5, DOWNLOAD_DELAY_JITTER=0,
        )  # fmt: skip
    assert sum(state == "document" for state in done.states().values()) == 6
    _, *moments = [moment for moment, _, _ in web.log]  # the first request also waits for what is loaded for it
    assert min(later - earlier for earlier, later in itertools.pairwise(moments)) >= 0.4


@pytest.mark.parametrize("status", ["429 Slow", "503 Later"])
def test_a_host_that_asks_to_wait_is_left_alone_that_long(status: str, tmp_path: Path) -> None:
    page = says(whole(good()))
    waits = first_then(says(whole(b"", status, Retry_After="2")), page)
    plays = {"127.0.0.2": {**site(4, page), "/page/3": waits}, "127.0.0.3": site(3)}
    with serving_plays(plays) as web:
        starts = f"start={web.url('127.0.0.2')},{web.url('127.0.0.3')}"
        done = crawl(
            "web", "-a", starts, output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=ALL,
            CONCURRENT_REQUESTS_PER_DOMAIN=1, SAAF_BACKOFF_MAX=5,
        )  # fmt: skip
    assert [state for url, state in done.states().items() if "/page/" in url] == ["document"] * 7
    (pushed_back, *_) = asked_at(web, "127.0.0.2", "/page/3")
    later = [moment for moment, name, _ in web.log if name == "127.0.0.2" and moment > pushed_back]
    assert min(later) - pushed_back >= 1.9
    assert asked_at(web, "127.0.0.3")[-1] - pushed_back < 1.9, "others go on meanwhile"


def test_a_host_that_asks_for_a_long_pause_is_waited_for_or_left_to_the_next_run(tmp_path: Path) -> None:
    page = says(whole(good()))
    waits = first_then(says(whole(b"", "429 Slow", Retry_After="7")), page)
    with serving_plays({"127.0.0.2": {**site(3, page), "/page/1": waits}}) as web:
        settings: dict[str, Any] = {
            "output": tmp_path, "SAAF_BUILD": 0, "SAAF_ALLOW_ADDRESSES": ALL, "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        }  # fmt: skip
        left = crawl("web", "-a", f"start={web.url('127.0.0.2')}", **settings, SAAF_PATIENCE=1)
        assert left.code == Exit.LIMIT
        assert "saaf: the crawl reached its limit of waiting (SAAF_PATIENCE)" in left.stderr
        assert "URLs left: 2;" in left.stderr
        assert "(the crawl: patience)" in left.stdout
        done = crawl("web", "-a", f"start={web.url('127.0.0.2')}", **settings)
    assert done.code == Exit.DONE, done.stderr
    assert "(the crawl: finished)" in done.stdout
    assert [state for url, state in done.states().items() if "/page/" in url] == ["document"] * 3
    first, second = asked_at(web, "127.0.0.2", "/page/1")
    assert second - first >= 6.9


def test_a_host_that_dies_gets_a_few_requests_and_says_why(tmp_path: Path) -> None:
    alive = {"127.0.0.3": site(3)}
    with serving_plays({"127.0.0.2": site(40, silent), **alive}) as web:
        starts = f"start={web.url('127.0.0.2')},{web.url('127.0.0.3')},http://127.0.0.4:{web.port}/"
        began = time.monotonic()
        done = crawl(
            "web", "-a", starts, output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=ALL, DOWNLOAD_TIMEOUT=1,
            CONCURRENT_REQUESTS_PER_DOMAIN=1, RETRY_TIMES=2,
        )  # fmt: skip
    assert time.monotonic() - began < 40
    assert 5 <= len(asked_at(web, "127.0.0.2")) <= 10
    ledger = done.ledger()
    reasons = [
        reason or "" for url, (_, state, reason) in ledger.items() if "/page/" in url and state == "fetch_failed"
    ]
    assert len(reasons) == 40
    assert all("no answer in time" in reason and "the next crawl tries it again" in reason for reason in reasons)
    assert sum("times in a row" in reason for reason in reasons) >= 30
    _, state, reason = ledger[f"http://127.0.0.4:{web.port}/"]
    assert state == "fetch_failed"
    assert "robots.txt could not be read (the host refused the connection)" in (reason or "")
    assert [state for url, state in done.states().items() if "127.0.0.3" in url].count("document") == 3


def test_a_host_that_comes_back_is_crawled_to_its_end(tmp_path: Path) -> None:
    page = first_then(silent, says(whole(good())), times=6)
    with serving_plays({"127.0.0.2": site(20, page)}) as web:
        done = crawl(
            "web", "-a", f"start={web.url('127.0.0.2')}", output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=ALL,
            DOWNLOAD_TIMEOUT=1, CONCURRENT_REQUESTS_PER_DOMAIN=1,
        )  # fmt: skip
    assert [state for url, state in done.states().items() if "/page/" in url] == ["document"] * 20


def test_many_silent_hosts_do_not_stop_the_others(tmp_path: Path) -> None:
    # More pages of silent hosts than the crawl has requests under way at once.
    quiet = {f"127.0.1.{number}": {"/robots.txt": silent} for number in range(1, 31)}
    with serving_plays({**quiet, "127.0.0.2": site(20)}) as web:
        starts = [f"{web.url(address)}page/{number}" for address in quiet for number in range(5)]
        began = time.monotonic()
        done = crawl(
            "web", "-a", f"start={','.join([*starts, web.url('127.0.0.2')])}", output=tmp_path, SAAF_BUILD=0,
            SAAF_ALLOW_ADDRESSES=ALL, DOWNLOAD_TIMEOUT=4, RETRY_TIMES=0, CONCURRENT_REQUESTS=32,
        )  # fmt: skip
    assert [state for url, state in done.states().items() if "127.0.0.2" in url and "/page/" in url] == [
        "document"
    ] * 20
    assert asked_at(web, "127.0.0.2")[-1] - web.log[0][0] < 3, "not only after the time-outs of the silent hosts"
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("setting", "value", "spent"),
    [
        ("SAAF_HOST_PAGES", 5, range(5, 6)),
        ("SAAF_HOST_BYTES", 4000, range(3, 8)),
        ("SAAF_HOST_SECONDS", 1, range(1, 15)),
    ],
)
def test_the_budget_of_a_host_is_kept(setting: str, value: int, spent: range, tmp_path: Path) -> None:
    with serving_plays({"127.0.0.2": site(20), "127.0.0.3": site(3)}) as web:
        starts = f"start={web.url('127.0.0.2')},{web.url('127.0.0.3')}"
        pace: dict[str, Any] = {"DOWNLOAD_DELAY": 0.1} if setting == "SAAF_HOST_SECONDS" else {}
        done = crawl(
            "web", "-a", starts, output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=ALL,
            CONCURRENT_REQUESTS_PER_DOMAIN=1, **{setting: value, **pace},
        )  # fmt: skip
    rows = {url: row for url, row in done.ledger().items() if "127.0.0.2" in url and "/page/" in url}
    left = [reason for _, state, reason in rows.values() if state == "over_budget"]
    assert len(rows) == 20
    assert len(asked_at(web, "127.0.0.2", "/")) in spent
    assert len(left) == 20 - len(asked_at(web, "127.0.0.2"))
    assert all(f"the budget of its host is spent ({setting}={value})" in (reason or "") for reason in left)


def test_repeated_challenges_end_the_crawl_of_a_host(tmp_path: Path) -> None:
    challenge = says(whole(b"<html><body><div id='px-captcha'></div></body></html>", "403 Forbidden"))
    with serving_plays({"127.0.0.2": site(30, challenge)}) as web:
        done = crawl(
            "web", "-a", f"start={web.url('127.0.0.2')}", output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=ALL,
            CONCURRENT_REQUESTS_PER_DOMAIN=1, SAAF_BACKOFF=0.05,
        )  # fmt: skip
    assert 5 <= len(asked_at(web, "127.0.0.2")) <= 10
    assert [state for url, state in done.states().items() if "/page/" in url] == ["challenge"] * 30


SCHEDULER = """
from scrapy.core.scheduler import Scheduler


class Listening(Scheduler):
    def delay_host(self, host, seconds):
        print(f"delayed {host} {seconds:.1f}", flush=True)
"""
RESOLVER = """
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer

ANSWERS = {"rebinding.example": ["127.0.0.2", "127.0.0.66"], "private.example": ["127.0.0.66"]}


class Lying(CachingThreadedResolver):
    def getHostByName(self, name, timeout=()):
        answers = ANSWERS[name]
        return defer.succeed(answers.pop(0) if len(answers) > 1 else answers[0])
"""


def project(directory: Path, **modules: str) -> Path:
    """Write a project with the settings of ours and more modules."""
    for name, text in {"project": "from saaf.crawler.settings import *\n", **modules}.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    return directory


def test_a_scheduler_that_can_delay_hosts_is_told(tmp_path: Path) -> None:
    waits = first_then(says(whole(b"", "429 Slow", Retry_After="5")), says(whole(good())))
    own = project(tmp_path, listening=SCHEDULER)
    with serving_plays({"127.0.0.2": {"/robots.txt": says(whole(b"", "404 None")), "/": waits}}) as web:
        done = crawl(
            "web", "-a", f"start={web.url('127.0.0.2')}", output=tmp_path / "out", project=own, SAAF_BUILD=0,
            SAAF_ALLOW_ADDRESSES=ALL, SCHEDULER="listening.Listening",
        )  # fmt: skip
    assert f"delayed 127.0.0.2:{web.port} 5.0" in done.stdout
    assert done.states()[web.url("127.0.0.2")] == "document"


def test_an_answer_of_dns_is_checked_when_the_connection_is_made(tmp_path: Path) -> None:
    own = project(tmp_path, lying=RESOLVER)
    with serving_plays({"127.0.0.2": site(1), "127.0.0.66": site(1)}) as web:
        names = ("rebinding.example", "private.example")
        done = crawl(
            "web", "-a", f"start={','.join(f'http://{name}:{web.port}/' for name in names)}", output=tmp_path / "out",
            project=own, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES=f"127.0.0.2:{web.port}", RETRY_TIMES=0,
            TWISTED_DNS_RESOLVER="lying.Lying", DNSCACHE_ENABLED=0,
        )  # fmt: skip
    assert web.asked["127.0.0.66"] == []
    for name in names:
        _, state, reason = done.ledger()[f"http://{name}:{web.port}/"]
        assert state == "refused"
        assert f"{name} (127.0.0.66) is a loopback address" in (reason or "")


def test_a_proxy_of_the_user_s_own_may_be_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = says(whole(good()))
    plays = {"127.0.0.2": {"http://news.example/": page}}
    with serving_plays(plays) as web:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.2:{web.port}")
        starts = "start=http://news.example/,http://127.0.0.3/,http://10.0.0.1/"
        done = crawl("web", "-a", starts, output=tmp_path, SAAF_BUILD=0, SAAF_ALLOW_ADDRESSES="")
    assert done.states()["http://news.example/"] == "document"
    assert done.states()["http://127.0.0.3/"] == done.states()["http://10.0.0.1/"] == "refused"
    assert {path for path in web.asked["127.0.0.2"] if "news.example" not in path} == set()


@pytest.mark.parametrize(
    "user_agent", ["", "saaf/0.2 (a crawler for text corpora)", "Scrapy/2.19.0 (+https://scrapy.org)"]
)
def test_a_live_crawl_says_who_runs_it(user_agent: str, tmp_path: Path) -> None:
    with serving_plays({"127.0.0.2": site(1)}) as web:
        done = crawl(
            "web",
            "-a",
            f"start={web.url('127.0.0.2')}",
            output=tmp_path,
            SAAF_ALLOW_ADDRESSES=ALL,
            USER_AGENT=user_agent,
        )
    assert done.code == Exit.USAGE  # the command line sets it; in a project's settings it is a wrong configuration
    assert 'with -s USER_AGENT="yourbot/1.0 (+https://example.org/bot; crawler@example.org)"' in done.stderr
    assert "Traceback" not in done.stderr
    assert web.log == []
