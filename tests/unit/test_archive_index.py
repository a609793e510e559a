"""Archives by URL: the last capture, revisits, spellings, WACZ, archives compressed as a whole, and broken ones."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.types import Page
from saaf.corpus.archive_index import ArchiveIndex
from saaf.corpus.ledger import Failure, State
from tests.archives import gzipped, http, record

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://www.example.org/a?x=1&y=2"
LATER = "2025-03-17T10:00:00Z"
LATEST = "2025-03-18T10:00:00Z"


def body(index: ArchiveIndex, url: str = URL) -> bytes:
    found = index.find(url)
    assert isinstance(found, Page), found
    return found.body


def indexed(path: Path, content: bytes) -> ArchiveIndex:
    path.write_bytes(content)
    return ArchiveIndex([path])


@pytest.mark.parametrize("reverse", [False, True])
def test_the_last_capture_by_time_counts_wherever_it_stands(tmp_path: Path, reverse: bool) -> None:
    records = [record("response", URL, http(b"old")), record("response", URL, http(b"new"), date=LATER)]
    with indexed(tmp_path / "a.warc.gz", gzipped(*(records[::-1] if reverse else records))) as index:
        assert body(index) == b"new"
        assert index.captures == 2


def test_a_url_is_found_in_any_spelling_and_exactly_where_it_can_be(tmp_path: Path) -> None:
    other = "https://www.example.org/a?y=2&x=1"
    records = [record("response", f"<{URL}#top>", http(b"1")), record("response", other, http(b"2"), date=LATER)]
    with indexed(tmp_path / "a.warc", b"".join(records)) as index:
        assert (body(index), body(index, other)) == (b"1", b"2")
        assert body(index, "https://WWW.example.org:443/a?x=1&utm_source=x&y=2") == b"2"
        page = index.find(f"{URL}#else")
        assert isinstance(page, Page)
        assert page.url == URL
        assert index.find("http://www.example.org/a?x=1&y=2") is None, "another scheme is another URL"


@pytest.mark.parametrize(
    "refers",
    [
        {"WARC_Refers_To_Target_URI": "https://other.example/b", "WARC_Refers_To_Date": LATER},
        {"WARC_Payload_Digest": "sha1:AAAA"},
        {},
    ],
)
def test_a_revisit_has_the_body_of_the_capture_it_refers_to_and_its_own_time(
    tmp_path: Path, refers: dict[str, str]
) -> None:
    original = {
        "WARC_Refers_To_Target_URI": ("https://other.example/b", LATER),
        "WARC_Payload_Digest": ("https://other.example/c", LATER),
    }
    url, date = original.get(next(iter(refers), ""), (URL, "2025-03-15T10:00:00Z"))
    profile = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    records = [
        record("revisit", URL, http(b""), date=LATEST, WARC_Profile=profile, **refers),
        record("response", url, http(b"body"), date=date, WARC_Payload_Digest="sha1:AAAA"),
        record("response", "https://other.example/d", http(b"wrong"), date=date, WARC_Payload_Digest="sha1:BBBB"),
    ]
    with indexed(tmp_path / "a.warc.gz", gzipped(*records)) as index:
        page = index.find(URL)
        assert isinstance(page, Page)
        assert (page.body, page.url, page.fetched_at and page.fetched_at.day) == (b"body", URL, 18)


def test_a_revisit_whose_original_is_elsewhere_says_what_to_add(tmp_path: Path) -> None:
    with indexed(tmp_path / "a.warc", record("revisit", URL, http(b""), WARC_Payload_Digest="sha1:A")) as index:
        found = index.find(URL)
    assert isinstance(found, Failure)
    assert "add that archive" in found.reason


def test_an_archive_that_was_compressed_as_a_whole_is_read_too(tmp_path: Path) -> None:
    records = [record("response", f"https://e.org/{number}", http(b"%d" % number)) for number in range(5)]
    with indexed(tmp_path / "a.warc.gz", gzip.compress(b"".join(records))) as index:
        assert [body(index, f"https://e.org/{number}") for number in (3, 0, 4)] == [b"3", b"0", b"4"]
        assert index.captures == 5
        assert index.failures == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wacz_is_a_zip_file_of_archives(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.wacz", "w", method) as packed:
        packed.writestr("datapackage.json", "{}")
        packed.writestr("archive/1.warc.gz", gzipped(record("response", URL, http(b"1"))))
        packed.writestr("archive/2.warc.gz", gzipped(record("response", URL, http(b"2"), date=LATER), b"junk"))
    with ArchiveIndex([tmp_path / "a.wacz"]) as index:
        assert body(index) == b"2"
        assert [failure.url for failure in index.failures] == ["a.wacz/archive/2.warc.gz"]


def test_broken_records_cost_no_other_and_have_reasons(tmp_path: Path) -> None:
    good = [record("response", f"https://e.org/{number}", http(b"%d" % number)) for number in range(3)]
    wrong = record("response", "https://e.org/wrong", http(b"x")).replace(b"Content-Length: ", b"Content-Length: 99999")
    (tmp_path / "b.warc.gz").write_bytes(
        gzipped(good[0]) + b"\x1f\x8b\x08broken" * 9 + gzipped(good[1], wrong, good[2])
    )
    (tmp_path / "cut.warc.gz").write_bytes(gzipped(record("response", "https://e.org/cut", http(b"x" * 999)))[:-20])
    (tmp_path / "c.arc.gz").write_bytes(b"")
    (tmp_path / "d.wacz").write_bytes(b"no zip")
    (tmp_path / "notes.txt").write_text("not an archive")
    with ArchiveIndex([tmp_path]) as index:
        assert [body(index, f"https://e.org/{number}") for number in range(3)] == [b"0", b"1", b"2"]
        for name, problem in (("wrong", "it states a length of"), ("cut", "broken WARC record at byte 0")):
            found = index.find(f"https://e.org/{name}")
            assert isinstance(found, Failure)
            assert problem in found.reason
        reasons = {failure.url: failure.reason for failure in index.failures}
    assert set(reasons) == {f"{tmp_path.name}/{file}" for file in ("b.warc.gz", "c.arc.gz", "d.wacz")}
    assert "warcio recompress" in reasons[f"{tmp_path.name}/c.arc.gz"]


def test_a_good_capture_comes_before_a_broken_one(tmp_path: Path) -> None:
    broken = record("response", URL, http(b"x"), date=LATEST).replace(b"Content-Length: ", b"Content-Length: 9999")
    with indexed(tmp_path / "a.warc.gz", gzipped(record("response", URL, http(b"good")), broken)) as index:
        assert body(index) == b"good"


def test_pages_are_html_with_status_200_and_sorted(tmp_path: Path) -> None:
    records = [
        record("warcinfo", "https://e.org/info", b"software: x", Content_Type="application/warc-fields"),
        record("request", "https://e.org/request", b"GET / HTTP/1.1\r\n\r\n"),
        record("response", "https://e.org/b", http(b"x")),
        record("response", "https://e.org/a", http(b"x", Content_Type="application/xhtml+xml")),
        record("response", "https://e.org/a", http(b"x"), date=LATER),
        record("response", "https://e.org/gone", http(b"x", status="404 Not Found")),
        record("response", "https://e.org/i.png", http(b"x", Content_Type="image/png")),
        record("resource", "urn:pageinfo:https://e.org/a", b"{}", Content_Type="application/json"),
        record("resource", "https://e.org/saved", b"<p>x", Content_Type="text/html"),
        record("conversion", "https://e.org/text", b"x", Content_Type="text/plain"),
    ]
    with indexed(tmp_path / "a.warc", b"".join(records)) as index:
        assert list(index.page_urls()) == ["https://e.org/a", "https://e.org/b", "https://e.org/saved"]
        assert body(index, "https://e.org/text") == b"x"
        assert index.find("https://e.org/request") is None


def test_a_body_over_the_limit_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record("response", URL, http(b"x" * 1001)))
    for limit, expected in ((1001, None), (1000, State.OVER_BUDGET)):
        with ArchiveIndex([tmp_path / "a.warc"], body_limit=limit) as index:
            found = index.find(URL)
            assert (found.state if isinstance(found, Failure) else None) == expected


def test_more_files_than_may_be_open_at_once(tmp_path: Path) -> None:
    for number in range(70):
        content = gzipped(record("response", f"https://e.org/{number}", http(b"%d" % number)))
        (tmp_path / f"{number}.warc.gz").write_bytes(content)
    with ArchiveIndex([tmp_path]) as index:
        assert all(body(index, f"https://e.org/{number}") == b"%d" % number for number in range(70))
