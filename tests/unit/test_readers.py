from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.cleaning.types import Page
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.readers import InputError, read_inputs
from saaf.corpus.warc import WarcWriter

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.records import Record

MOMENT = datetime(2025, 3, 16, tzinfo=UTC)


def read(*paths: Path, text_column: str | None = None) -> list[Record]:
    return list(read_inputs(paths, text_column=text_column))


def page(record: Record) -> Page:
    assert record.page is not None, record.failure
    return record.page


def failure(record: Record) -> Failure:
    assert record.failure is not None
    assert record.page is None
    return record.failure


def capture(directory: Path, pages: dict[str, int], lines: list[dict[str, object]]) -> None:
    with WarcWriter(directory / "records.warc.gz") as writer:
        for url, status in pages.items():
            headers = (("Content-Type", "text/html"),)
            writer.write(Page(url=url, body=b"<p>body</p>", headers=headers, status=status, fetched_at=MOMENT))
    (directory / "urls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_text_and_html_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("اردو".encode())
    (tmp_path / "b.HTML").write_bytes(b"<p>hi</p>")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"one") + gzip.compress(b" two"))
    (tmp_path / "d.htm.zst").write_bytes(pa.compress(b"<p>zstd</p>", codec="zstd", asbytes=True))
    records = read(tmp_path)
    name = tmp_path.name
    assert [record.key for record in records] == [
        f"{name}/a.txt",
        f"{name}/b.HTML",
        f"{name}/c.txt.gz",
        f"{name}/d.htm.zst",
    ]
    assert [page(record).body for record in records] == ["اردو".encode(), b"<p>hi</p>", b"one two", b"<p>zstd</p>"]
    kinds = [page(record).header("content-type") for record in records]
    assert kinds == ["text/plain", "text/html", "text/plain", "text/html"]


def test_parquet_with_url_and_date(tmp_path: Path) -> None:
    table = pa.table(
        {"text": ["नमस्ते", None, ""], "url": ["https://example.org/1", None, ""], "date": ["2024-12-14", None, "?"]}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    one, null, empty = read(tmp_path / "a.parquet")
    assert page(one).body.decode() == "नमस्ते"
    assert (page(one).url, page(one).fetched_at) == ("https://example.org/1", datetime(2024, 12, 14, tzinfo=UTC))
    assert (null.key, failure(null).state) == ("a.parquet#2", State.EMPTY)
    assert (page(empty).url, page(empty).fetched_at) == (None, None)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_parquet_text_that_is_no_utf8_spoils_no_other_row(tmp_path: Path, kind: pa.DataType) -> None:
    raw = pa.array([b"before \xff after", "नमस्ते".encode(), None], pa.binary())
    strings = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    urls = [f"https://example.org/{number}" for number in range(3)]
    pq.write_table(pa.table({"url": urls, "text": strings.cast(kind)}), tmp_path / "a.parquet")
    broken, good, null = read(tmp_path / "a.parquet")
    assert (page(broken).body.decode(), page(broken).url) == ("before \ufffd after", urls[0])
    assert (page(good).body.decode(), page(good).url) == ("नमस्ते", urls[1])
    assert (failure(null).state, failure(null).url) == (State.EMPTY, urls[2])


def test_a_parquet_url_that_is_no_utf8(tmp_path: Path) -> None:
    urls = pa.array([b"https://example.org/\xff"], pa.binary())
    strings = pa.Array.from_buffers(pa.string(), len(urls), urls.buffers())
    pq.write_table(pa.table({"url": strings, "text": ["a"]}), tmp_path / "a.parquet")
    assert page(read(tmp_path / "a.parquet")[0]).url == "https://example.org/\ufffd"


def test_a_parquet_without_the_column_names_those_it_has(tmp_path: Path) -> None:
    pq.write_table(pa.table({"content": ["a"], "link": ["b"]}), tmp_path / "a.parquet")
    (record,) = read(tmp_path / "a.parquet", text_column="text")
    assert record.key == "a.parquet"
    assert failure(record).state is State.UNREADABLE
    assert failure(record).reason.startswith("no column 'text'; there are: content, link;")
    (record,) = read(tmp_path / "a.parquet", text_column="content")
    assert page(record).body == b"a"


def test_a_text_column_that_holds_no_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [7]}), tmp_path / "a.parquet")
    assert (
        failure(read(tmp_path / "a.parquet")[0]).reason
        == "column 'text' holds a number, not text; name the text's (--text-column)"
    )


def test_an_html_column_is_html(tmp_path: Path) -> None:
    pq.write_table(pa.table({"html": [b"<p>\xe9</p>"]}), tmp_path / "a.parquet")
    (record,) = read(tmp_path / "a.parquet", text_column="html")
    assert (page(record).body, page(record).header("content-type")) == (b"<p>\xe9</p>", "text/html")


def test_an_unreadable_parquet_is_named_and_the_next_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 but not really")
    (tmp_path / "b.txt").write_bytes(b"text")
    broken, good = read(tmp_path)
    assert failure(broken).state is State.UNREADABLE
    assert str(tmp_path) not in failure(broken).reason
    assert page(good).body == b"text"


def test_json_lines_with_broken_lines(tmp_path: Path) -> None:
    lines = [
        b'{"text": "a", "url": "https://example.org/"}',
        b"{not json",
        b"",
        b'{"body": 1}',
        b"[1]",
        b'"\xff"',
        b'{"text": "\\ud800"}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    records = read(tmp_path / "a.jsonl")
    assert [record.key for record in records] == [f"a.jsonl#{number}" for number in (1, 2, 4, 5, 6, 7)]
    assert page(records[0]).url == "https://example.org/"
    assert "not JSON" in failure(records[1]).reason
    assert "holds a number" in failure(records[2]).reason
    assert "not an object" in failure(records[3]).reason
    assert "not JSON" in failure(records[4]).reason
    assert page(records[5]).body.decode() == "\ufffd"


def test_a_truncated_gzip_yields_what_came_before(tmp_path: Path) -> None:
    lines = b"".join(b'{"text": "%d"}\n' % number**7 for number in range(20_000))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines)[:40_000])
    *good, last = read(tmp_path / "a.jsonl.gz")
    assert len(good) > 1_000
    assert failure(last).state is State.UNREADABLE
    assert len({record.key for record in [*good, last]}) == len(good) + 1


def test_a_file_past_the_size_limit_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(bytes(3 * BODY_LIMIT)))
    (tmp_path / "b.html").write_bytes(bytes(BODY_LIMIT + 1))
    (tmp_path / "c.txt").write_bytes(b"x" * BODY_LIMIT)
    packed, plain, whole = read(tmp_path)
    assert (failure(packed).state, failure(plain).state) == (State.OVER_BUDGET, State.OVER_BUDGET)
    assert failure(packed).reason.startswith(f"the file has more than the limit of {BODY_LIMIT} bytes (--body-limit")
    assert failure(plain).reason.startswith(f"the file has {BODY_LIMIT + 1} bytes, and the limit is {BODY_LIMIT} ")
    assert len(page(whole).body) == BODY_LIMIT


def test_other_files_are_in_the_ledger_and_hidden_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").write_bytes(b"x")
    (tmp_path / "program.bin").write_bytes(bytes(range(256)))
    photo, program = read(tmp_path)
    assert failure(photo).state is State.NOT_CONTENT
    assert failure(program).state is State.UNREADABLE
    assert ".warc" in failure(program).reason


def test_same_names_get_keys_of_their_own(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name / "data").mkdir(parents=True)
        (tmp_path / name / "data" / "a.txt").write_bytes(name.encode())
    assert [record.key for record in read(tmp_path / "x" / "data", tmp_path / "y" / "data")] == [
        "data/a.txt",
        "data~2/a.txt",
    ]


def test_a_path_that_does_not_exist_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file or directory: .*nowhere"):
        next(read_inputs([tmp_path, tmp_path / "nowhere"]))


def test_no_input_at_all_is_an_error_and_no_empty_corpus() -> None:
    with pytest.raises(InputError, match="name at least one"):
        next(read_inputs([]))


def test_a_directory_without_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    with pytest.raises(InputError, match="there is no file in this directory"):
        list(read_inputs([tmp_path]))


def test_a_corpus_as_input_is_an_error_that_names_its_documents(tmp_path: Path) -> None:
    for name in ("documents.parquet", "originals.parquet", "ledger.parquet"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"is a corpus: name .*documents\.parquet"):
        list(read_inputs([tmp_path]))


def test_the_listing_of_a_crawl_decides_what_is_a_document(tmp_path: Path) -> None:
    base = "https://example.org"
    capture(
        tmp_path,
        {
            f"{base}/": 200,
            f"{base}/a": 200,
            f"{base}/robots.txt": 200,
            f"{base}/gone": 404,
            f"{base}/moved": 301,
            f"{base}/b": 200,
        },
        [
            {
                "url": f"{base}/",
                "role": "discovery",
                "state": "not_content",
                "reason": "listing page, looked at for links",
            },
            {"url": f"{base}/a", "role": "document", "state": None, "reason": None},
            {
                "url": f"{base}/blocked",
                "role": "failure",
                "state": "blocked_by_robots",
                "reason": "robots.txt does not allow it",
            },
            {"url": f"{base}/gone", "role": "failure", "state": "http_error", "reason": "HTTP 404 Not Found"},
            {"url": f"{base}/lost", "role": "document", "state": None, "reason": None},
            {"url": f"{base}/odd", "role": "failure", "state": "no such state", "reason": "?"},
        ],
    )
    records = read(tmp_path)
    assert len({record.key for record in records}) == len(records) == 9
    documents = [page(record).url for record in records if record.page]
    assert documents == [f"{base}/a", f"{base}/b"]
    states = {
        (failure(record).url or "").removeprefix(base): failure(record).state for record in records if record.failure
    }
    assert states == {
        "/": State.NOT_CONTENT,
        "/robots.txt": State.NOT_CONTENT,
        "/gone": State.HTTP_ERROR,
        "/moved": State.NOT_CONTENT,
        "/blocked": State.BLOCKED_BY_ROBOTS,
        "/lost": State.FETCH_FAILED,
        "": State.UNREADABLE,
    }


@pytest.mark.parametrize(
    ("content_type", "is_page"),
    [
        ("text/html; charset=utf-8", True),
        ("TEXT/PLAIN", True),
        ("application/xhtml+xml", True),
        ("application/octet-stream", True),
        ("", True),
        ("image/png", False),
        ("application/pdf", False),
        ("text/css", False),
    ],
)
def test_what_a_foreign_archive_holds_beside_pages(tmp_path: Path, content_type: str, is_page: bool) -> None:
    with WarcWriter(tmp_path / "a.warc.gz") as writer:
        headers = (("Content-Type", content_type),)
        writer.write(Page(url="https://example.org/x", body=b"x", headers=headers, fetched_at=MOMENT))
    (record,) = read(tmp_path / "a.warc.gz")
    assert (record.page is not None) == is_page
