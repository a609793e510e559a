"""Rows and records with dates, columns and sizes that no table should have: none takes another along."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.cleaning import Page, clean_html
from saaf.cleaning import read as read_document
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import State
from saaf.corpus.readers import read_inputs
from saaf.corpus.schema import iso_timestamp
from tests.corpora import corpus_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from saaf.corpus.records import Record

    Run = Callable[..., tuple[int, str, str]]

TEXTS = (
    "नगर के पुराने पुल की मरम्मत का काम पूरा हो गया।",
    "شہر کے پرانے پل کی مرمت مکمل ہو گئی۔",
    "የድሮው ድልድይ ጥገና ተጠናቀቀ።",
    "老桥的修缮工程终于完工。",
)
EDGES = ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+01:00")


def read(path: Path) -> list[Record]:
    return list(read_inputs([path]))


def dates(path: Path) -> list[str | None]:
    pages = [record.page for record in read(path)]
    assert all(page is not None and page.body for page in pages)
    return [iso_timestamp(page.fetched_at) for page in pages if page]


@pytest.mark.parametrize("edge", EDGES)
def test_a_date_beyond_the_calendar_is_unknown(tmp_path: Path, edge: str) -> None:
    rows = [{"text": TEXTS[0], "date": edge}, {"text": TEXTS[1], "date": "2025-03-16"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{TEXTS[2]}</p>".encode()
    head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: {edge}\r\nWARC-Target-URI: https://a.example/\r\n"
    head += f"Content-Type: application/http\r\nContent-Length: {len(body)}\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(head.encode() + body + b"\r\n\r\n")
    assert dates(tmp_path / "a.jsonl") == [None, "2025-03-16T00:00:00Z"]
    assert dates(tmp_path / "a.parquet") == [None, "2025-03-16T00:00:00Z"]
    assert dates(tmp_path / "a.warc") == [None]


def test_a_build_goes_on_where_a_date_is_beyond_the_calendar(run: Run, tmp_path: Path) -> None:
    rows = [
        {"text": f"{text} {number}. " * 12, "date": edge}
        for number, (text, edge) in enumerate(zip(TEXTS, EDGES * 2, strict=True))
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, _, err = run("dedupe", tmp_path / "a.jsonl", "-o", tmp_path / "out")
    assert (code, err.count("\n")) == (0, 1)  # which columns are read as what
    assert corpus_table(tmp_path / "out", "documents")["date"].to_pylist() == [None] * 4


@pytest.mark.parametrize(
    "fetched_at",
    [
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_a_page_is_cleaned_whatever_its_capture_time(fetched_at: datetime) -> None:
    page = f'<meta property="article:published_time" content="2024-12-14"><time>14.12.2024</time><p>{TEXTS[0] * 9}</p>'
    assert TEXTS[0] in clean_html(page, fetched_at=fetched_at).text


DAY = "2025-03-16T10:00:00"
NOON = datetime.fromisoformat(DAY)
COLUMNS = {
    "microseconds": (pa.array([2**62, -(2**62), None, NOON], pa.timestamp("us")), f"{DAY}Z"),
    "seconds": (pa.array([2**50, -(2**50), None, NOON], pa.timestamp("s")), f"{DAY}Z"),
    "nanoseconds": (pa.array([1, None, -1, 1_742_119_200_000_000_001], pa.timestamp("ns")), f"{DAY}Z"),
    "a zone": (pa.array([2**62, None, None, NOON], pa.timestamp("us", "Asia/Kolkata")), f"{DAY}Z"),
    "an unknown zone": (pa.array([2**62, None, None, NOON], pa.timestamp("us", "Mars/Olympus")), f"{DAY}Z"),
    "days": (pa.array([2**30, -(2**30), None, NOON.date()], pa.date32()), "2025-03-16T00:00:00Z"),
    "milliseconds of days": (
        pa.array([2**62, -(2**62), None, 86_400_000 * 20_163], pa.date64()),
        "2025-03-16T00:00:00Z",
    ),
    "a dictionary": (pa.array([2**62, None, None, NOON], pa.timestamp("us")).dictionary_encode(), f"{DAY}Z"),
    "times": (pa.array([2**40, -1, None, 1], pa.time64("ns")), None),
    "durations": (pa.array([2**62, -(2**62), None, 1], pa.duration("s")), None),
    "decimals": (pa.array([1, None, 2, 3], pa.decimal128(38, 3)), None),
    "truth": (pa.array([True, None, False, True]), None),
    "bytes": (pa.array([b"\xff", None, b"", b"2025-03-16"]), None),
    "nothing": (pa.nulls(4), None),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_any_type_costs_no_row(tmp_path: Path, name: str) -> None:
    column, last = COLUMNS[name]
    for place in ("date", "fetched_at", "url"):
        pq.write_table(pa.table({"text": TEXTS, place: column}), tmp_path / "a.parquet")
        found = dates(tmp_path / "a.parquet")
        assert len(found) == len(TEXTS)
        assert found[-1] == (None if place == "url" else last)


def test_an_unknown_date_leaves_the_other_column(tmp_path: Path) -> None:
    row = {"text": TEXTS[3], "fetched_at": "soon", "date": DAY}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    assert dates(tmp_path / "a.jsonl") == [f"{DAY}Z"]


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    names = ["text", "text", "url"]
    pq.write_table(pa.Table.from_arrays([pa.array(TEXTS)] * 3, names=names), tmp_path / "a.parquet")
    (record,) = read(tmp_path / "a.parquet")
    assert record.failure is not None
    assert record.failure.state is State.UNREADABLE
    assert record.failure.reason == "column 'text' stands twice in the table: leave one"
    pq.write_table(pa.Table.from_arrays([pa.array(TEXTS)] * 3, names=["text", "url", "url"]), tmp_path / "a.parquet")
    assert [record.page.body.decode() for record in read(tmp_path / "a.parquet") if record.page] == list(TEXTS)


def test_a_table_without_rows_and_a_file_without_lines_are_empty(tmp_path: Path) -> None:
    table = pa.table({"text": pa.array([], pa.string()), "url": pa.array([], pa.string())})
    pq.write_table(table, tmp_path / "a.parquet")
    with pq.ParquetWriter(tmp_path / "b.parquet", table.schema) as writer:
        writer.write_table(table)
        writer.write_table(pa.table({"text": TEXTS, "url": TEXTS}))
    (tmp_path / "c.jsonl").write_bytes(b"\n\n")
    empty, *rows, no_lines = read(tmp_path)
    assert empty.failure is not None
    assert no_lines.failure is not None
    assert (empty.failure.state, empty.failure.reason) == (State.EMPTY, "the table has no rows")
    assert (no_lines.failure.state, no_lines.failure.reason) == (State.EMPTY, "the file has no lines")
    assert [record.page.url for record in rows if record.page] == list(TEXTS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{not json", "character 2 cannot stand there ('n')"),
        ('{"text": "पुल" "url"}'.encode(), "character 16 cannot stand there ('\"')"),
        (b'{"text": "\xe1\x88\xff"}', "byte 11 is not UTF-8"),
        (b'{"text": "a"} {"text": "b"}', "its object ends before character 15, and more follows"),
        ('{"text": "ጥገና'.encode(), "it is cut off: what begins at character 10 has no end"),
        (b'{"text": "a",', "it is cut off: what begins at character 14 has no end"),
        (b'{"text": ', "it is cut off: what begins at character 10 has no end"),
    ],
)
def test_where_a_line_is_no_json_is_said_in_plain_words(tmp_path: Path, line: bytes, reason: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(line)
    (record,) = read(tmp_path / "a.jsonl")
    assert record.failure is not None
    assert record.failure.reason == f"the line is not JSON: {reason}; write it again as one object on one line"


def test_one_word_and_one_input_are_no_plural(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("मरम्मत", encoding="utf-8")
    code, _, err = run("build", tmp_path / "a.txt", "-o", tmp_path / "out")
    assert code == Exit.INPUT
    assert "1 word of clean text" in err
    (tmp_path / "b.html").write_bytes(b"")
    code, _, err = run("clean", tmp_path / "b.html")
    assert code == Exit.INPUT
    assert "1 input could not be read" in err


def test_a_flag_stands_once() -> None:
    page = Page(
        url=None, body="پل کی مرمت \ufffd مکمل۔".encode() * 9, flags=("encoding_damaged", "truncated", "truncated")
    )
    flags = read_document(page).flags
    assert sorted(flags) == sorted(set(flags))
    assert "truncated" in flags
