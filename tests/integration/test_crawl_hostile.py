"""A crawl of a hostile web: every URL ends in its right state, every good page is fetched, and nothing forbidden is."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from saaf.cleaning.types import Page
from saaf.corpus.warc_reader import read_warc
from tests.integration.hostile import FORBIDDEN, MAIN, Endpoint, Web, hostile_web
from tests.integration.server import ROOT, Crawl, command, environment

CLASS_NAME = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*|Error\b|Exception\b|<twisted|Traceback")
SETTING_NAME = re.compile(r"\b[A-Z_]{4,}\b")


@dataclass(frozen=True, slots=True)
class Result:
    """A finished crawl of a hostile web, with its expectations, duration in seconds and peak memory in bytes."""

    web: Web
    endpoints: list[Endpoint]
    robots: dict[str, tuple[str, str, str]]
    vectors: dict[str, str]
    done: Crawl
    seconds: float
    memory: int


def vectors(web: Web) -> dict[str, str]:
    """Return start URLs that may not be requested, each with a part of its reason."""
    port = web.port
    return {
        f"http://{FORBIDDEN}:{port}/secret": "loopback",
        f"http://127.66:{port}/secret": "loopback",
        f"http://0x7f000042:{port}/secret": "loopback",
        f"http://0177.0.0.0102:{port}/secret": "loopback",
        f"http://2130706498:{port}/secret": "loopback",
        f"http://{FORBIDDEN}.:{port}/secret": "loopback",
        f"http://[::1]:{port}/secret": "loopback",
        f"http://[::ffff:{FORBIDDEN}]:{port}/secret": "loopback",
        f"http://{MAIN}:{web.forbidden_port}/secret": "neither 80 nor 443",
        f"http://localhost:{web.forbidden_port}/secret": "neither 80 nor 443",
        "http://0.0.0.0/secret": "unspecified",
        "http://10.0.0.1/secret": "private",
        "http://169.254.169.254/latest/meta-data/": "metadata",
        "http://[fd00:ec2::254]/latest/": "metadata",
        "http://[64:ff9b::a00:1]/secret": "private",
        "http://[2002:a00:1::]/secret": "private",
        "http://100.64.0.1/secret": "provider",
        "http://224.0.0.1/secret": "multicast",
    }


def peak_memory(pid: int) -> int:
    """Return the peak of a process's memory in bytes, 0 where it has ended.

    Not what `wait4` says: that begins with the memory of the process that started it, here a whole test run's.
    """
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Result:
    directory = tmp_path_factory.mktemp("hostile")
    with hostile_web() as (web, endpoints, robots):
        refused = vectors(web)
        user_info = f"http://user:hunter2@127.0.0.2:{web.port}/"
        starts = [web.url(MAIN), user_info, *robots, *refused, "http://no-such-host.invalid/"]
        allowed = ",".join(f"127.0.0.{number}:{web.port}" for number in (1, 2, *range(101, 140)))
        words = command(
            "web", "-a", f"start={','.join(starts)}", output=directory / "out", SAAF_BUILD=0, DOWNLOAD_TIMEOUT=2,
            RETRY_TIMES=1, SAAF_ALLOW_ADDRESSES=allowed, CLOSESPIDER_PAGECOUNT=0, LOG_LEVEL="DEBUG",
            SAAF_BACKOFF=0.1, SAAF_BACKOFF_MAX=2, DNS_TIMEOUT=5,
        )  # fmt: skip
        began = time.monotonic()
        with (directory / "stdout").open("wb") as stdout, (directory / "stderr").open("wb") as stderr:
            process = subprocess.Popen(words, cwd=ROOT, env=environment(), stdout=stdout, stderr=stderr)
            memory = 0
            while process.poll() is None:
                memory = max(memory, peak_memory(process.pid))
                time.sleep(0.05)
        seconds = time.monotonic() - began
    texts = [(directory / name).read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr")]
    done = Crawl(code=process.returncode, stdout=texts[0], stderr=texts[1], output=directory / "out")
    return Result(web, endpoints, robots, refused, done, seconds, memory)


def test_the_web_is_hostile_enough(crawled: Result) -> None:
    assert crawled.done.code == 0, crawled.done.stderr[-3000:]
    assert len(crawled.endpoints) + len(crawled.robots) + len(crawled.vectors) >= 82
    assert len([name for name, state, _ in crawled.robots.values() if state != "document"]) >= 11


def test_each_endpoint_ends_in_its_state_with_its_reason(crawled: Result) -> None:
    ledger = crawled.done.ledger()
    wrong = {}
    for endpoint in crawled.endpoints:
        role, state, reason = ledger.get(crawled.web.url(MAIN, endpoint.path), ("", None, None))
        if (state or role) != endpoint.state or endpoint.reason not in (reason or ""):
            wrong[endpoint.path] = (state or role, reason, "expected", endpoint.state, endpoint.reason)
    assert not wrong, "\n".join(map(str, wrong.items()))


def test_each_fault_of_robots_txt_has_its_consequence(crawled: Result) -> None:
    ledger = crawled.done.ledger()
    wrong = {}
    for url, (name, expected, part) in crawled.robots.items():
        role, state, reason = ledger.get(url, ("", None, None))
        if (state or role) != expected or part not in (reason or ""):
            wrong[name] = (state or role, reason, "expected", expected, part)
    assert not wrong, "\n".join(map(str, wrong.items()))
    blocked = [url for url, (_, state, _) in crawled.robots.items() if state != "document"]
    asked = {f"{address}{path}" for address, paths in crawled.web.asked.items() for path in paths}
    assert not [url for url in blocked if url.removeprefix("http://").replace(f":{crawled.web.port}", "") in asked]


def test_robots_txt_itself_ends_with_what_it_means_for_its_host(crawled: Result) -> None:
    ledger = crawled.done.ledger()
    names = {name: url.replace("/aaaa", "/robots.txt") for url, (name, _, _) in crawled.robots.items()}
    expected = {
        "429": ("http_error", "fewer requests"),
        "206": ("http_error", "a part of the file"),
        "304": ("http_error", "no earlier copy"),
        "404": ("not_content", "everything is allowed"),
        "redirect-loop": ("not_content", "everything is allowed"),
        "redirect-host": ("not_content", "robots.txt"),
        "forbids": ("not_content", "robots.txt"),
    }
    found = {name: ledger.get(names[name], ("", None, None)) for name in expected}
    wrong = {
        name: row for name, row in found.items()
        if row[1] != expected[name][0] or expected[name][1] not in (row[2] or "")
    }  # fmt: skip
    assert wrong == {}
    shared = ledger[crawled.web.url("127.0.0.2", "/shared-robots.txt")]
    assert shared == ("discovery", "not_content", "robots.txt")


def test_nothing_forbidden_is_asked_for(crawled: Result) -> None:
    assert crawled.web.asked[FORBIDDEN] == []
    assert crawled.web.asked[f"{MAIN}:forbidden"] == []
    ledger = crawled.done.ledger()
    found = {url: ledger.get(url, ("", None, None)) for url in crawled.vectors}
    wrong = {
        url: row for url, row in found.items() if row[1] != "refused" or crawled.vectors[url] not in (row[2] or "")
    }
    assert wrong == {}
    assert all("SAAF_ALLOW_ADDRESSES" in (row[2] or "") for row in found.values())


def test_reasons_are_words(crawled: Result) -> None:
    reasons = {reason for _, _, reason in crawled.done.ledger().values() if reason}
    names = re.compile(r"https?://\S+|DataDome|PerimeterX")
    without_settings = {reason: SETTING_NAME.sub("", names.sub("", reason)) for reason in reasons}
    assert [reason for reason, text in without_settings.items() if CLASS_NAME.search(text)] == []
    assert crawled.done.ledger()["http://no-such-host.invalid/"][1] == "fetch_failed"
    assert "does not resolve" in (crawled.done.ledger()["http://no-such-host.invalid/"][2] or "")


def test_no_password_is_stored_logged_or_sent(crawled: Result) -> None:
    assert crawled.done.ledger()[crawled.web.url("127.0.0.2")][0] == "document"
    log = crawled.done.stderr + crawled.done.stdout
    assert [line for line in log.splitlines() if "hunter2" in line] == []
    assert "hunter2" not in (crawled.done.output / "capture" / "urls.jsonl").read_text(encoding="utf-8")
    assert [text for text in crawled.web.sent if "hunter2" in text] == []
    assert "uthorization" not in "".join(crawled.web.sent)


def test_robots_txt_is_asked_for_once_where_it_answers(crawled: Result) -> None:
    assert crawled.web.asked[MAIN].count("/robots.txt") == 1
    counts = {}
    for url, (name, state, _) in crawled.robots.items():
        asked = crawled.web.asked[url.split("/")[2].split(":")[0]]
        counts[name] = asked.count("/robots.txt")
        assert asked.count("/aaaa") == (state == "document")
    assert counts.pop("redirect-loop") == 1  # the first answer is in the WARC
    retried = {"500", "503", "429", "206", "304", "silent", "drips", "resets", "closes", "garbage", "cut"}
    assert {name: count for name, count in counts.items() if count != 1} == dict.fromkeys(retried, 2)


def test_bombs_leave_their_raw_record(crawled: Result) -> None:
    raw = {}
    for record in read_warc(crawled.done.output / "capture" / "records-00000.warc.gz"):
        url = (record.url or "").removeprefix(crawled.web.url(MAIN, ""))
        raw[url] = len(record.body) if isinstance(record, Page) else 0
    stopped = [endpoint.path for endpoint in crawled.endpoints if endpoint.state == "over_budget"]
    assert len(stopped) >= 13
    assert [path for path in stopped if path not in raw] == []


def test_memory_and_time_are_bounded(crawled: Result) -> None:
    assert 50 << 20 < crawled.memory < 500 << 20
    assert crawled.seconds < 120
