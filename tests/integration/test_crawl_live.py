"""A live crawl of a real server: what is captured, what becomes of each URL, what an interrupt leaves."""

from __future__ import annotations

import gzip
import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from saaf.cleaning.types import Page
from saaf.corpus.exit_codes import Exit
from saaf.corpus.warc_reader import read_warc
from tests.integration.server import (
    Answer,
    Crawl,
    Server,
    article,
    crawl,
    html,
    links,
    serving,
    site,
    start_crawl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


NOTHING = Answer(status=404)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Crawl]]:
    with serving(site) as server:
        output = tmp_path_factory.mktemp("live")
        yield (
            server,
            crawl("web", "-a", f"start={server.base}/", output=output, SAAF_BUILD=0, RETRY_TIMES=1, DOWNLOAD_TIMEOUT=6),
        )


def pages(done: Crawl) -> dict[str, Page]:
    records = list(read_warc(done.output / "capture" / "records-00000.warc.gz"))
    found = {record.url or "": record for record in records if isinstance(record, Page)}
    assert len(found) == len(records), "one good record for each URL"
    return found


def test_every_url_ends_in_one_state(live: tuple[Server, Crawl]) -> None:
    server, done = live
    assert done.code == 0, done.stderr
    states = {url.removeprefix(server.base): state for url, state in done.states().items()}
    assert states == {
        "/": "not_content",
        "/robots.txt": "not_content",
        "/sitemap.xml": "not_content",
        "/feed": "not_content",
        "/flyer": "not_content",
        "/moved": "not_content",
        "/refresh": "not_content",  # a page like any other for the downloader; what it leads to is the spider's affair
        "/news/tide": "document",
        "/news/mill": "document",
        "/news/ferry": "document",
        "/news/choir": "document",
        "/binary.html": "document",
        "/empty": "document",
        "/wrong-charset": "document",
        "/private/diary": "blocked_by_robots",
        "/gone": "http_error",
        "/broken": "http_error",
        "/circle/one": "fetch_failed",
        "/circle/two": "fetch_failed",
        "/slow": "fetch_failed",
        "/cut": "fetch_failed",
        "/damaged-gzip": "unreadable",
        "http://elsewhere.invalid/page-1": "offsite",
    }


def test_reasons_say_what_happened(live: tuple[Server, Crawl]) -> None:
    server, done = live
    reasons = {url.removeprefix(server.base): reason or "" for url, (_, _, reason) in done.ledger().items()}
    assert reasons["/private/diary"] == "the site's robots.txt does not allow it"
    assert reasons["/gone"] == "HTTP status 404"
    assert reasons["/slow"] == "no answer in time (DOWNLOAD_TIMEOUT)"
    assert reasons["/cut"] == "the connection ended before the whole body had come; the WARC has its beginning"
    assert reasons["/moved"] == f"redirects to {server.base}/news/choir"
    assert "in a circle" in reasons["/circle/one"]
    assert "2 links to elsewhere.invalid" in reasons["http://elsewhere.invalid/page-1"]
    assert reasons["/flyer"] == "application/pdf: not a text"


def test_what_robots_txt_forbids_is_never_asked_for(live: tuple[Server, Crawl]) -> None:
    server, _ = live
    assert "/private/diary" not in server.asked
    assert "/news/tide" in server.asked, "the tracking parameter and the fragment are gone"
    assert server.asked.count("/news/tide") == 1


def test_the_warc_holds_raw_bytes_headers_and_the_time(live: tuple[Server, Crawl]) -> None:
    server, done = live
    records = pages(done)
    mill = records[f"{server.base}/news/mill"]
    assert mill.body == article("mill"), "kept compressed with its header, so that a reader can undo it"
    assert mill.header("content-type") == "text/html; charset=utf-8"
    assert records[f"{server.base}/binary.html"].body == bytes(range(256)) * 8
    assert records[f"{server.base}/gone"].status == 404
    assert records[f"{server.base}/moved"].header("location") == "/news/choir"
    raw = gzip.decompress((done.output / "capture" / "records-00000.warc.gz").read_bytes())
    assert b"\x1f\x8b\x08 not gzip at all" in raw, "though nothing of it can be read"
    assert all(page.fetched_at and datetime.now(UTC) - page.fetched_at < timedelta(days=1) for page in records.values())


def test_what_has_no_answer_has_no_record(live: tuple[Server, Crawl]) -> None:
    server, done = live
    captured = {url.removeprefix(server.base) for url in pages(done)}
    listed = {url.removeprefix(server.base) for url in done.ledger()}
    assert listed - captured == {"/private/diary", "/slow", "http://elsewhere.invalid/page-1"}
    assert captured <= listed
    assert "truncated" in pages(done)[f"{server.base}/cut"].flags


def test_a_retry_that_succeeds_counts(tmp_path: Path) -> None:
    with serving(lambda _: {"/": html(links("/news/tide")), "/news/tide": html("later", status=503)}) as server:
        tide = server.answers["/news/tide"]

        class Recovering(dict[str, Answer]):
            def get(self, path: str, default: Answer = tide) -> Answer:  # type: ignore[override]  # as the server calls it
                if path == "/news/tide" and server.asked.count(path) > 1:
                    return html(article("tide"))
                return super().get(path, default)

        server.answers = Recovering(server.answers)
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        assert done.states()[f"{server.base}/news/tide"] == "document"
        assert pages(done)[f"{server.base}/news/tide"].status == 200


def test_a_limit_leaves_what_was_not_reached_in_the_ledger(tmp_path: Path) -> None:
    names = [f"/page/{number}" for number in range(40)]
    with serving(lambda _: {"/": html(links(*names)), **{name: html(article("tide")) for name in names}}) as server:
        start = f"start={server.base}/"
        done = crawl("web", "-a", start, output=tmp_path, SAAF_BUILD=0, CLOSESPIDER_PAGECOUNT=5)
    states = done.states()
    assert set(states) >= {f"{server.base}{name}" for name in names}
    left = [url for url, state in states.items() if state == "pending"]
    assert 0 < len(left) < 40
    assert "closespider_pagecount" in (done.ledger()[left[0]][2] or "")


def test_a_limit_of_pages_counts_pages_alone_and_holds_for_each_run(tmp_path: Path) -> None:
    names = [f"/page/{number}" for number in range(20)]
    body = "<p>The gauge of page {} has a paragraph of its own.</p>"
    articles = {name: html(article("tide", body=body.format(name))) for name in names}
    sitemap = "<urlset>" + "".join(f"<url><loc>{{base}}{name}</loc></url>" for name in names) + "</urlset>"

    def answers(base: str) -> dict[str, Answer]:
        robots = Answer(
            body=f"User-agent: *\nSitemap: {base}/sitemap.xml\n".encode(), headers={"Content-Type": "text/plain"}
        )
        listed = Answer(body=sitemap.replace("{base}", base).encode(), headers={"Content-Type": "text/xml"})
        return {"/": html(links("/gone", *names)), "/robots.txt": robots, "/sitemap.xml": listed, **articles}

    one: dict[str, Any] = {"SAAF_BUILD": 0, "CONCURRENT_REQUESTS": 1}
    with serving(answers) as server:
        start = f"start={server.base}/"
        first = crawl("web", "-a", start, output=tmp_path, CLOSESPIDER_PAGECOUNT=3, **one)
        pages = [path for path in server.asked if path == "/" or path in names]
        documents = sum(state == "document" for state in first.states().values())
        assert (len(pages), documents) == (3, 2), (server.asked, first.states())
        again = crawl("web", "-a", start, output=tmp_path, CLOSESPIDER_PAGECOUNT=5, **one)
        pages = [path for path in server.asked if path == "/" or path in names]
        documents = sum(state == "document" for state in again.states().values())
        assert (len(pages), documents) == (8, 7), (server.asked, again.states())
    assert "reached its limit of pages" in first.stderr


def test_an_interrupt_leaves_a_capture_that_can_be_read(tmp_path: Path) -> None:
    names = [f"/page/{number}" for number in range(500)]
    slow = {name: html(article("tide"), wait=0.05) for name in names}
    with serving(lambda _: {"/": html(links(*names)), **slow}) as server:
        interrupted = threading.Event()

        class Interrupting(dict[str, Answer]):
            def get(self, path: str, default: Answer = NOTHING) -> Answer:  # type: ignore[override]  # as the server calls it
                if len(server.asked) >= 20 and not interrupted.is_set():  # however long it took to get here
                    interrupted.set()
                    os.kill(process.pid, signal.SIGINT)
                return super().get(path, default)

        server.answers = Interrupting(server.answers)
        process = start_crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        stdout, stderr = process.communicate()
    assert process.returncode == Exit.INTERRUPTED, stderr
    assert "the same command goes on" in stderr
    done = Crawl(code=0, stdout=stdout, stderr=stderr, output=tmp_path)
    documents = [url for url, state in done.states().items() if state == "document"]
    assert 5 <= len(documents) < 500
    assert set(documents) <= set(pages(done))
    assert "pending" in done.states().values()
    assert "the crawl: shutdown" in stdout


def test_a_start_that_is_no_url_is_one_line(tmp_path: Path) -> None:
    done = crawl("web", "-a", "start=www.example.org", output=tmp_path)
    assert done.code == 2
    assert "start=www.example.org is not a whole URL: did you mean https://www.example.org?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_capture_that_cannot_be_written_fails_the_command(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with serving(lambda _: {"/": html(article("tide"))}) as server:
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path / "file", SAAF_BUILD=0)
    assert done.code == Exit.OUTPUT
    assert "saaf: the capture could not be written" in done.stderr
    assert server.asked == [], "no page is asked for that could not be kept"


def test_a_body_over_the_limit_is_kept_as_far_as_it_came(tmp_path: Path) -> None:
    long = html(article("mill") * 20)
    answers = {"/": html(links("/news/tide", "/long")), "/news/tide": html(article("tide")), "/long": long}
    with serving(lambda _: answers) as server:
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0, DOWNLOAD_MAXSIZE=4000)
        role, state, reason = done.ledger()[f"{server.base}/long"]
        assert (role, state) == ("failure", "over_budget")
        assert "its body is larger than the limit of" in (reason or "")
        assert server.asked.count("/long") == 1, "it would be as large the next time"
        assert "truncated" in pages(done)[f"{server.base}/long"].flags
        assert done.states()[f"{server.base}/news/tide"] == "document"


OWN = """
from scrapy import FormRequest, Request, Spider


class Own(Spider):
    name = "own"

    async def start(self):
        yield Request(BASE, dont_filter=True)

    def parse(self, response):
        more = {"cb_kwargs": {"pair": (1, b"x")}, "meta": {"k": {"a": 1}}}
        yield Request(response.urljoin("/item"), callback=self.item, **more)
        yield Request(response.urljoin("/item"), callback=self.again, dont_filter=True)
        yield Request(response.urljoin("/item"), callback=self.again)
        yield Request(response.urljoin("/lambda"), callback=lambda response: print("lambda"))
        form = {"method": "GET", "formdata": {"q": "1"}, "cb_kwargs": {"pair": 0}}
        yield FormRequest(response.urljoin("/form"), callback=self.item, **form)
        yield Request(response.urljoin("/gone"), errback=self.failed)
        yield Request(response.urljoin("/poll"), callback=self.poll)

    def item(self, response, pair):
        print("item", pair, response.meta.get("k"), response.url.rpartition("?")[2][-3:])

    def again(self, response):
        print("again")

    def failed(self, failure):
        print("failed", failure.value.response.status)

    polls = 0

    def poll(self, response):
        self.polls += 1
        if self.polls < 3:
            yield Request(response.url, callback=self.poll, dont_filter=True)
        else:
            print("polled", self.polls)
"""


def test_a_spider_of_anybody_s_gets_the_callbacks_that_it_asked_for(tmp_path: Path) -> None:
    (tmp_path / "project.py").write_text(
        'from saaf.crawler.settings import *\n\nSPIDER_MODULES = ["own_spiders"]\n', encoding="utf-8"
    )
    answers = {path: html(article("tide", body=path)) for path in ("/", "/item", "/lambda", "/form", "/poll")}
    with serving(lambda _: answers) as server:
        code = OWN.replace("BASE", repr(server.base + "/"))
        (tmp_path / "own_spiders.py").write_text(code, encoding="utf-8")
        done = crawl("own", output=tmp_path / "out", project=tmp_path, SAAF_BUILD=0)
    words = ("item", "again", "lambda", "failed", "polled")
    printed = sorted(line for line in done.stdout.splitlines() if line.startswith(words))
    assert printed == ["again", "failed 404", "item (1, b'x') {'a': 1} tem", "item 0 None q=1", "lambda", "polled 3"]
    assert done.stderr.count("is held in memory, and lost if the crawl is killed") == 1
    assert set(done.states().values()) == {"not_content", "http_error"}
