from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest
from datasets import load_dataset

from saaf import cleaning
from saaf.corpus import schema
from saaf.corpus.parquet import write_table
from saaf.corpus.schema import iso_timestamp, to_row

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

TABLES = {name: getattr(schema, name) for name in ("DOCUMENTS", "ORIGINALS", "CLUSTERS", "PAIRS", "LEDGER")}
TEXT = "صدر القرار اليوم في العاصمة\nوقال المتحدث إن العمل مستمر\n"


def row() -> dict[str, object]:
    return to_row(
        cleaning.clean_text(TEXT, url="https://www.example.org/1"),
        dump="test",
        file_path="a.txt",
        date=datetime(2025, 3, 16, 12, tzinfo=timezone(timedelta(hours=2))),
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_says_what_it_holds(table: pa.Schema) -> None:
    for field in table:
        assert len(field.metadata[b"comment"].decode()) > 10, field.name


def test_the_first_columns_have_the_names_fineweb_users_know() -> None:
    assert schema.DOCUMENTS.names[:10] == (
        "text id url date dump file_path language language_script language_score minhash_cluster_size".split()  # noqa: SIM905  (as one reads it)
    )


def test_a_row_has_every_column_and_nothing_else() -> None:
    one = row()
    assert list(one) == schema.DOCUMENTS.names
    assert (one["url"], one["site"], one["language"]) == ("https://www.example.org/1", "example.org", "ar")
    assert one["date"] == "2025-03-16T10:00:00Z"
    assert one["text"] == cleaning.clean_text(TEXT).text


def test_a_table_loads_in_polars_duckdb_and_datasets(tmp_path: Path) -> None:
    path = tmp_path / "documents.parquet"
    removal = {"start": 0, "end": 3, "rule": "echo.title", "score": 0.9}
    write_table(path, [{**row(), "removals": [removal], "tags": ["أخبار"]}, {**row(), "id": "2"}], schema.DOCUMENTS)
    table = pl.read_parquet(path)
    assert table["removals"].to_list() == [[removal], []]
    assert table.filter(pl.col("tags").list.contains("أخبار")).height == 1
    found = duckdb.read_parquet(str(path)).filter("len(removals) > 0").project("removals[1].rule, language").fetchall()
    assert found == [("echo.title", "ar")]
    loaded = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[0]["removals"] == [removal]
    assert math.isclose(loaded[1]["language_score"], table["language_score"][1])


def test_flags_are_those_of_reading_and_of_cleaning_each_once() -> None:
    clean = cleaning.clean_text(TEXT)
    document = replace(clean.document, flags=("whole_page", "methods_disagree"))
    flagged = replace(clean, document=document, flags=("methods_disagree", "appended:0123456789abcdef"))
    row = to_row(flagged, dump="test", file_path="a.txt")
    assert row["flags"] == ["appended:0123456789abcdef", "methods_disagree", "whole_page"]


def test_stamps_are_utc_and_none_stays_none() -> None:
    assert iso_timestamp(datetime(2024, 12, 14, 1, 2, 3, tzinfo=UTC)) == "2024-12-14T01:02:03Z"
    assert iso_timestamp(None) is None
