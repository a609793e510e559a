"""Replay of anybody's archive (SAAF_SOURCE): the same spider code, and no request to the network."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.archives import gzipped, http, record
from tests.corpora import corpus_rows
from tests.integration.server import Crawl, article, crawl, links

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://www.harbour.example"
CHOIR = "https://choir.example/hall"
LATER = "2025-04-01T08:00:00Z"


def write_archives(directory: Path) -> None:
    """Write what three crawlers left: one of them with chunks, a redirect, revisits and a robots.txt; a WACZ; junk."""
    packed = gzip.compress(article("mill"), mtime=0)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    urls = ("/tide", "/old-mill", "/private/x", "/missing", "/gone", "/again", "/broken", "http://10.0.0.1/", CHOIR)
    first = [
        record("warcinfo", "", b"software: Heritrix", Content_Type="application/warc-fields"),
        record(
            "response", f"{HOST}/robots.txt", http(b"User-agent: *\nDisallow: /private/", Content_Type="text/plain")
        ),
        record("response", f"{HOST}/", http(links(*urls).encode())),
        record("request", f"{HOST}/missing", b"GET /missing HTTP/1.1\r\n\r\n"),
        record("response", f"{HOST}/tide", http(article("choir"))),
        record("response", f"{HOST}/old-mill", http(b"", status="301 Moved", Location="/mill")),
        record(
            "response",
            f"{HOST}/mill",
            http(chunked, Content_Encoding="gzip", Transfer_Encoding="chunked"),
        ),
        record("response", f"{HOST}/private/x", http(article("choir"))),
        record("response", f"{HOST}/gone", http(b"gone", status="404 Not Found")),
        record("response", f"{HOST}/again", http(article("ferry"))),
        record("revisit", f"{HOST}/again", http(b""), date=LATER, WARC_Refers_To_Target_URI=f"{HOST}/again"),
        record("response", f"{HOST}/broken", http(b"\x1f\x8b\x08 no gzip", Content_Encoding="gzip")),
        b"WARC/1.1 and then nothing that can be read",
    ]
    (directory / "heritrix.warc.gz").write_bytes(gzipped(*first))
    (directory / "wget.warc").write_bytes(record("response", f"<{HOST}/tide>", http(article("tide")), date=LATER))
    with zipfile.ZipFile(directory / "browsertrix.wacz", "w") as wacz:
        wacz.writestr("archive/rec.warc.gz", gzipped(record("response", CHOIR, http(article("choir")))))
        wacz.writestr("pages/pages.jsonl", "{}\n")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("archives")
    write_archives(directory)
    return directory


@pytest.fixture(scope="module")
def replayed(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """A replay from a start URL of hosts that do not exist."""
    output = tmp_path_factory.mktemp("replayed")
    return crawl("web", "-a", f"start={HOST}/", output=output, SAAF_SOURCE=archives, SAAF_TDMREP=1)


def test_an_archive_is_crawled_like_its_sites(replayed: Crawl) -> None:
    assert replayed.code == 0, replayed.stderr
    states = {url.removeprefix(HOST): state for url, state in replayed.states().items()}
    broken = next(url for url in states if url.endswith("heritrix.warc.gz"))
    assert states == {
        "/robots.txt": "not_content",
        "/": "not_content",
        "/tide": "document",
        "/old-mill": "not_content",
        "/mill": "document",
        "/again": "document",
        "/gone": "http_error",
        "/private/x": "blocked_by_robots",
        "/missing": "fetch_failed",
        "/broken": "unreadable",
        "http://10.0.0.1/": "offsite",
        CHOIR: "offsite",
        broken: "unreadable",
    }


def test_a_miss_says_that_the_archive_has_no_record(replayed: Crawl) -> None:
    _, _, reason = replayed.ledger()[f"{HOST}/missing"]
    assert reason == "SAAF_SOURCE has no record of this URL, and a replay asks the network for nothing"
    assert "could not be undone" in (replayed.ledger()[f"{HOST}/broken"][2] or "")


def test_documents_have_the_text_and_time_of_the_last_capture(replayed: Crawl) -> None:
    table = corpus_rows(replayed.output, "documents")
    rows = {row["url"].removeprefix(HOST): row for row in table}
    assert {path: row["date"] for path, row in rows.items()} == {
        "/tide": LATER,
        "/mill": "2025-03-16T10:00:00Z",
        "/again": LATER,
    }
    assert "tide gauge" in rows["/tide"]["text"]
    assert "old mill" in rows["/mill"]["text"]


def test_a_replay_gives_the_same_bytes_each_time(replayed: Crawl, archives: Path, tmp_path: Path) -> None:
    again = crawl("web", "-a", f"start={HOST}/", output=tmp_path, SAAF_SOURCE=archives, SAAF_BUILD=0)
    assert again.code == 0, again.stderr
    for name in ("records.warc.gz", "urls.jsonl"):
        ours, theirs = ((done.output / "capture" / name).read_bytes() for done in (replayed, again))
        assert ours == theirs, name


def test_without_a_start_every_page_of_the_archive_is_visited_and_no_link_followed(
    archives: Path, tmp_path: Path
) -> None:
    files = ",".join(str(archives / name) for name in ("heritrix.warc.gz", "browsertrix.wacz"))
    done = crawl("web", output=tmp_path, SAAF_SOURCE=files)
    assert done.code == 0, done.stderr
    states = {url.removeprefix(HOST): state for url, state in done.states().items() if "warc" not in url}
    assert states == {
        "/robots.txt": "not_content",
        "/": "not_content",
        "/tide": "document",
        "/mill": "document",
        "/again": "document",
        "/private/x": "blocked_by_robots",
        "/broken": "unreadable",
        CHOIR: "document",
    }


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = crawl("web", output=tmp_path, SAAF_SOURCE=tmp_path / "none.warc")
    assert done.code == 2
    assert "SAAF_SOURCE: there is no" in done.stderr
    assert crawl("web", output=tmp_path).code == 2, "without a source a start is needed"
