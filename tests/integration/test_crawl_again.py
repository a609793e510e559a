"""The same crawl again: what is unchanged is only confirmed, what is new or changed is fetched, limits go on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from saaf.corpus.exit_codes import Exit
from saaf.corpus.readers import read_inputs
from tests.corpora import corpus_rows, corpus_table
from tests.integration.server import (
    ROOT,
    Answer,
    Crawl,
    Server,
    article,
    command,
    crawl,
    environment,
    html,
    links,
    serving,
    start_crawl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEGMENT = "records-00000.warc.gz"


def tagged(answer: Answer, tag: str) -> Answer:
    """Return an answer with a validator."""
    return Answer(body=answer.body, headers={**answer.headers, "ETag": f'"{tag}"', "Last-Modified": "yesterday"})


def site(base: str) -> dict[str, Answer]:
    names = ("tide", "mill", "ferry")
    return {
        "/": tagged(html(links("/list", "/lying", "/plain")), "1"),
        "/list": tagged(html(links(*(f"/news/{name}" for name in names), "/gone")), "1"),
        "/plain": html(links("/list", "/", "/news/tide")),
        "/lying": Answer(status=304),
        **{f"/news/{name}": tagged(html(article(name)), "1") for name in names},
    }


def again(server: Server, output: Path, **settings: Any) -> tuple[Crawl, list[str]]:
    """Crawl once more; return the crawl and what it asked for."""
    server.asked.clear()
    server.conditional.clear()
    done = crawl("web", "-a", f"start={server.base}/", output=output, RETRY_ENABLED=0, **settings)
    assert done.code in (Exit.DONE, Exit.LIMIT), done.stderr
    return done, sorted(server.asked)


def records(output: Path, kind: WarcRecordType) -> list[tuple[str, str | None]]:
    """Return path and WARC-Profile of the records of a type."""
    with (output / "capture" / SEGMENT).open("rb") as stream:
        return [
            ("/" + (record.headers["WARC-Target-URI"] or "").split("/", 3)[3], record.headers.get("WARC-Profile"))
            for record in ArchiveIterator(stream, record_types=kind, parse_http=False)
        ]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A site that was crawled once; the tests follow one another."""
    output = tmp_path_factory.mktemp("again")
    with serving(site) as server:
        done, asked = again(server, output)
        assert asked == sorted([*server.answers, "/robots.txt", "/gone"])
        assert server.conditional == []
        states = {url.removeprefix(server.base): line for url, line in done.ledger().items()}
        assert states["/lying"][1:] == (
            "http_error",
            "HTTP status 304 (not modified), but the request asked for no comparison: there is no earlier copy",
        )
        yield server, output


def test_an_unchanged_site_gets_only_conditional_requests_where_it_gave_validators(
    crawled: tuple[Server, Path],
) -> None:
    server, output = crawled
    before = corpus_table(output, "documents")
    _, asked = again(server, output)
    assert asked == ["/", "/list", "/plain"]
    assert sorted(server.conditional) == ["/", "/list"]
    profiles = dict(records(output, WarcRecordType.revisit))
    assert profiles["/"] == profiles["/list"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert profiles["/plain"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert corpus_table(output, "documents").equals(before)
    assert all(count == 1 for count in Counter(records(output, WarcRecordType.response)).values())
    urls = Counter(record.page.url for record in read_inputs([output / "capture"]) if record.page)
    assert sorted(urls.values()) == [1, 1, 1], "a revisit is no record of its own in the corpus"


def test_a_changed_site_gives_the_changed_and_the_new(crawled: tuple[Server, Path]) -> None:
    server, output = crawled
    server.answers["/list"] = tagged(html(links("/news/tide", "/news/choir")), "2")
    server.answers["/news/choir"] = tagged(html(article("choir")), "1")
    server.answers["/news/tide"] = tagged(html(article("tide", body="<p>The gauge was taken away again.</p>")), "2")
    _, asked = again(server, output)
    assert asked == ["/", "/list", "/news/choir", "/plain"]
    _, asked = again(server, output, SAAF_REVISIT="articles")
    articles = {f"/news/{name}" for name in ("tide", "mill", "ferry", "choir")}
    assert articles <= set(asked)
    assert articles <= set(server.conditional)
    rows = {row["url"]: row["text"] for row in corpus_rows(output, "documents")}
    assert "taken away again" in rows[f"{server.base}/news/tide"]
    assert len(rows) == 4
    versions = Counter(path for path, _ in records(output, WarcRecordType.response))
    assert versions["/news/tide"] == 2, "both versions are kept"
    assert versions["/news/mill"] == 1


def teasers(*names: str) -> Answer:
    """Return a section whose teasers are as long as paragraphs, and which so reads like an article."""
    shown = "".join(
        f"<li><a href='{name}'>{name}</a><p>This is what is said of {name} before it is read, in a sentence with a full"
        " stop at its end, as many papers print it on their front pages.</p></li>"
        for name in names
    )
    return tagged(html(f"<html><body><h1>Section</h1><ul>{shown}</ul></body></html>"), str(len(names)))


def test_a_section_that_reads_like_an_article_is_visited_again_and_articles_are_not(tmp_path: Path) -> None:
    names = [f"/news/{number}" for number in range(9)]
    related = [links(*(f"/news/{(number + step) % 8}" for step in (1, 2, 3, 4))) for number in range(9)]
    with serving(lambda _: {}) as server:
        server.answers = {
            "/": html(links("/sport", "/start")),
            "/sport": teasers(*names[:3]),
            "/start": tagged(html(article("mill")), "1"),
            **{name: tagged(html(article("tide", body=related[each])), "1") for each, name in enumerate(names)},
        }
        done, asked = again(server, tmp_path, SAAF_BUILD=0)
        assert {path for path in asked if path.startswith("/news")} == set(names[:8])
        assert done.states()[f"{server.base}/sport"] == "document"
        _, asked = again(server, tmp_path, SAAF_BUILD=0)
        assert asked == ["/", "/sport"]
        assert server.conditional == ["/sport"]
        server.answers["/sport"] = teasers(*names[:3], names[8])
        _, asked = again(server, tmp_path, SAAF_BUILD=0)
        assert asked == ["/", "/news/8", "/sport"]


def test_a_limit_leaves_the_queue_for_the_next_run_and_fresh_moves_the_capture_aside(tmp_path: Path) -> None:
    names = [f"/news/{number}" for number in range(30)]
    pages = {"/": html(links(*names)), **{name: html(article("tide", body=f"<p>{name}</p>")) for name in names}}
    with serving(lambda _: pages) as server:
        limited, asked = again(server, tmp_path, CLOSESPIDER_PAGECOUNT=8, SAAF_BUILD=0)
        assert 8 <= len(asked) < 31
        assert "pending" in limited.states().values()
        done, rest = again(server, tmp_path, SAAF_BUILD=0)
        assert sorted([*asked, *rest]) == sorted(["/robots.txt", "/", *names]), "nothing twice, nothing lost"
        assert set(done.states().values()) == {"document", "not_content"}
        _, asked = again(server, tmp_path, SAAF_BUILD=0, SAAF_FRESH=1, CLOSESPIDER_PAGECOUNT=8)
        assert "/" in asked
        assert sorted(path.name for path in tmp_path.iterdir()) == ["capture", "capture.1"]


def test_a_second_process_and_a_jobdir_are_refused_in_a_sentence(tmp_path: Path) -> None:
    names = [f"/news/{number}" for number in range(400)]
    slow = {name: html(article("tide"), wait=0.2) for name in names}
    with serving(lambda _: {"/": html(links(*names)), **slow}) as server:
        first = start_crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        deadline = time.monotonic() + 60
        while len(server.asked) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        second = crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        os.kill(first.pid, signal.SIGTERM)
        first.communicate()
        assert first.returncode == Exit.TERMINATED, "what was under way is finished, and the capture is closed"
    assert second.code == Exit.OUTPUT
    assert f"saaf: another crawl is writing to {tmp_path / 'capture'}: wait for it, or" in second.stderr
    assert "Traceback" not in second.stderr
    refused = crawl("web", "-a", f"start={server.base}/", output=tmp_path, JOBDIR=tmp_path / "job")
    assert refused.code == Exit.USAGE
    assert "JOBDIR is of no use here" in refused.stderr


def test_a_full_disk_ends_the_crawl_in_order_and_the_next_one_goes_on(tmp_path: Path) -> None:
    names = [f"/news/{number}" for number in range(40)]
    noise = {name: html(f"<p>{os.urandom(4000).hex()}</p>") for name in names}
    with serving(lambda _: {"/": html(links(*names)), **noise}) as server:
        arguments = command("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        limited = ["prlimit", "--fsize=70000", *arguments]
        full = subprocess.run(limited, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        assert full.returncode == Exit.OUTPUT, full.stderr
        assert "saaf: the capture could not be written: " in full.stderr
        assert "start the same crawl again" in full.stderr
        assert "Traceback" not in full.stderr
        done, _ = again(server, tmp_path, SAAF_BUILD=0)
    assert Counter(done.states().values()) == {"document": 40, "not_content": 2}
    counts = Counter(path for path, _ in records(tmp_path, WarcRecordType.response))
    assert set(counts.values()) == {1}
    assert len(counts) == 42
