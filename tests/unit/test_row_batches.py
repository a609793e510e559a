"""Rows of Parquet files read in batches: what becomes of each is what would become of it as a page of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning import read
from saaf.cleaning.types import Page, Unreadable
from saaf.corpus.batch_reading import BatchRead, BatchTask, read_batch
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import Failure
from saaf.corpus.plain_texts import plain_rows
from saaf.corpus.readers import read_inputs
from saaf.corpus.records import RowBatch
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows, corpus_table
from tests.unit.test_record_batches import row, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


LIMIT = 60_000
ODD = [
    "\ufeffनदी का पानी",
    "line\r\nline",
    "bell \x07 rings",
    "Itâ\x80\x99s double",
    "\u202aembedded",
    "\u2066isolate\u2069 closed",
    "damaged \ufffd here",
    "noncharacter \ufdd0",
    "last of a plane \U0001ffff",
    "~{<:Ky2;Q#,NpJ)l6HK!#~} HZ ~{<:Ky2;Q#,NpJ)l6HK!#~}",
    "%PDF-1.4\nstream",
    "{\\rtf1\\ansi text}",
    "<!doctype html><p>a page of HTML",
    " \n <html><body><p>page</p></body></html>",
    "नदीftyp avif",
    "   \n\t ",
    "",
    "x" * (LIMIT + 1),
    "WARC/1.0\nWARC-Type: response",
    "\x1b$B!!\x1b(B",
]
PLAIN = [
    "ﷺ صلى الله",
    "नमस्ते दुनिया",
    "ሰላም ለዓለም",
    "（全角）、。",
    "a\u200cb zwnj\u200d",
    "tab\tand\nline",
    "~ {x}",
    "€ – “q” 🙂",
    "x" * LIMIT,
]


def page(text: str) -> Page:
    return Page(url=None, body=text.encode(), headers=(("Content-Type", "text/plain; charset=utf-8"),))


def read_unchanged(text: str) -> bool:
    try:
        document = read(page(text), text_only=True)
    except Unreadable:
        return False
    return document.text == text and not document.flags and document.track.value == "text"


@given(st.lists(st.text(max_size=20) | st.sampled_from([*ODD, *PLAIN]), max_size=8))
def test_a_text_is_taken_as_it_is_only_where_reading_leaves_it_so(found: list[str]) -> None:
    found = [text.encode("utf-8", "replace").decode() for text in found]
    column = pa.array(["padding", *found], pa.string()).slice(1)
    for text, plain in zip(found, plain_rows(column, LIMIT), strict=True):
        assert not plain or read_unchanged(text)


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_in_any_script_is_taken_as_it_is(text: str) -> None:
    assert plain_rows(pa.array([text], pa.string()), LIMIT).tolist() == [True]


@pytest.mark.parametrize("text", ODD)
def test_what_reading_changes_refuses_or_flags_is_read_by_itself(text: str) -> None:
    assert plain_rows(pa.array([text], pa.string()), LIMIT).tolist() == [False]


def task(rows: list[dict[str, object]], *, text_only: bool) -> BatchTask:
    batch = RowBatch(file_path="in.parquet", first=1, rows=pa.RecordBatch.from_pylist(rows))
    return BatchTask(rows=batch, dump="d", body_limit=LIMIT, text_only=text_only)


def alone(rows: list[dict[str, object]], *, text_only: bool) -> list[BatchRead]:
    one_each = [read_batch(part) for part in task(rows, text_only=text_only).parts()]
    assert not [found for found in one_each if isinstance(found, Failure)]
    return [found for found in one_each if isinstance(found, BatchRead)]


@pytest.mark.parametrize("text_only", [True, False])
def test_a_batch_of_odd_and_plain_rows_is_its_rows_one_by_one(text_only: bool) -> None:
    odd = [text for text in ODD if len(text) <= LIMIT]
    found = [text for pair in zip(odd, texts(len(odd)), strict=True) for text in pair] + PLAIN
    rows: list[dict[str, object]] = [
        {"url": f"https://www.a.example/{n}?utm_source=x", "date": "2025-03-16T10:00:00+05:30", "text": text}
        for n, text in enumerate(found)
    ]
    rows[1]["url"], rows[3]["url"], rows[5]["url"] = None, "", "https://a.example/robots.txt"
    rows[7]["date"] = "no date"
    whole = read_batch(task(rows, text_only=text_only))
    assert isinstance(whole, BatchRead)
    parts = alone(rows, text_only=text_only)
    assert whole.rows.to_pylist() == [each for part in parts for each in part.rows.to_pylist()]
    assert whole.measures.to_pylist() == [each for part in parts for each in part.measures.to_pylist()]
    assert len(whole.positions) + len(whole.failures) == len(rows)
    assert whole.positions.tolist() == sorted(whole.positions.tolist())
    assert whole.failures[5].reason == "robots.txt"
    assert datetime(2025, 3, 16, 4, 30, tzinfo=UTC) in whole.measures["fetched_at"].to_pylist()


def keys(path: Path) -> set[str]:
    return {record.key for record in read_inputs([path], body_limit=LIMIT)}


@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize("dictionary", [True, False])
def test_a_parquet_file_has_the_same_ledger_in_batches_as_row_by_row(
    tmp_path: Path, metadata: bool, dictionary: bool
) -> None:
    rows = [row(number, text) for number, text in enumerate([*texts(1_300), *ODD])]
    rows[700]["text"] = None  # its batch goes row by row
    path = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, use_dictionary=dictionary, row_group_size=500)
    settings = BuildSettings(clean=False, min_tokens=0, workers=1, body_limit=LIMIT)
    deduplicate([path], tmp_path / "out", settings=settings, options=DedupeOptions(metadata=metadata))
    ledger = {entry["key"]: entry for entry in corpus_rows(tmp_path / "out", "ledger")}
    assert set(ledger) == keys(path)
    assert ledger["in.parquet#701"]["state"] == "empty"
    by_text = {row["text"]: f"in.parquet#{number}" for number, row in enumerate(rows, start=1)}
    assert ledger[by_text["x" * (LIMIT + 1)]]["state"] == "over_budget"
    assert ledger[by_text["%PDF-1.4\nstream"]]["url"] == rows[-10]["url"]
    languages = {entry["language"] for entry in ledger.values() if entry["state"] == "kept"}
    # A page of HTML has a language all the same.
    assert languages == {"und", "en"} if not metadata else {"hi", "ur", "am", "en"} <= languages


def test_near_duplicates_are_the_same_with_and_without_metadata(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    found = list(texts(300))
    rows = [row(number, text) for number, text in enumerate([*found, *(f"{text} again" for text in found[:20])])]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    for output, options in (("with", ("--metadata",)), ("without", ())):
        code, _, _ = run("dedupe", tmp_path / "in.parquet", "-o", tmp_path / output, *options)
        assert code == Exit.DONE
    with_metadata, without = (corpus_table(tmp_path / name, "pairs") for name in ("with", "without"))
    assert with_metadata.equals(without)
    assert len(without) >= 20
    assert set(corpus_table(tmp_path / "without", "documents")["title"].to_pylist()) == {None}
