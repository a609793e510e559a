"""A Parquet feed of mixed items: documents in the table, the others beside it, and nothing lost silently."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from scrapy import Field, Item, Spider
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler

from saaf.cleaning import clean, read
from saaf.cleaning.types import Page
from saaf.corpus.schema import DOCUMENTS, to_row
from saaf.crawler.items.parquet import ParquetItemExporter

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The harbour wall was repaired by forty people over three weekends, and the tide gauge was put back. " * 6
PAGE = Page(
    url="https://example.org/a.txt", body=TEXT.encode(), headers=(), fetched_at=datetime(2025, 3, 16, tzinfo=UTC)
)


class Event(Item):
    name = Field()


@dataclass
class Place:
    name: str
    where: object = None


def row(**values: object) -> dict[str, object]:
    return {**to_row(clean(read(PAGE)), dump="site", file_path="capture/x"), **values}


def feed(path: Path, *items: Any, fields: Any = None) -> MemoryStatsCollector:
    stats = MemoryStatsCollector(get_crawler(Spider))
    with path.open("wb") as file:
        exporter = ParquetItemExporter(file, stats=stats, fields_to_export=fields, encoding="utf-8", indent=None)
        exporter.start_exporting()
        for item in items:
            exporter.export_item(item)
        exporter.finish_exporting()
    return stats


def test_other_items_stand_beside_the_table_and_are_counted(tmp_path: Path) -> None:
    items = [{"name": "ebb"}, row(), Event(name="flood"), Place(name="पुल"), row(url="https://example.org/b")]
    stats = feed(tmp_path / "out.parquet", *items)
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.equals(DOCUMENTS)
    assert table["url"].to_pylist() == ["https://example.org/a.txt", "https://example.org/b"]
    lines = (tmp_path / "out.other.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["ebb", "flood", "पुल"]
    counted = {name: count for name, count in stats.get_stats().items() if name.startswith("saaf/feeds/")}
    assert counted == {"saaf/feeds/other/dict": 1, "saaf/feeds/other/Event": 1, "saaf/feeds/other/Place": 1}


def test_a_feed_of_documents_alone_has_no_file_beside(tmp_path: Path) -> None:
    feed(tmp_path / "out.parquet", row())
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


@pytest.mark.parametrize("change", [{"text": None}, {"language_score": "high"}, {"tags": 5}, {"published": 5}])
def test_a_document_that_does_not_fit_the_table_does_not_break_it(change: dict[str, object], tmp_path: Path) -> None:
    feed(tmp_path / "out.parquet", row(), row(**change))
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 1
    assert len((tmp_path / "out.other.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_a_field_more_is_not_in_the_table_and_is_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    feed(tmp_path / "out.parquet", row(topic="tides"), row(topic="walls"))
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 2
    assert caplog.text.count("topic") == 1


def test_what_cannot_be_written_is_refused_once_for_its_type(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bad = Place(name="x", where=object())
    stats = feed(tmp_path / "out.parquet", bad, row(), bad)
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 1
    assert stats.get_value("saaf/feeds/refused/Place") == 2
    assert [record.levelno for record in caplog.records if "Place" in record.getMessage()] == [logging.ERROR]


def test_on_a_stream_without_a_name_other_items_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    file = io.BytesIO()
    exporter = ParquetItemExporter(file)
    exporter.export_item({"name": "ebb"})
    exporter.export_item(row())
    exporter.finish_exporting()
    assert pq.read_table(file).num_rows == 1
    assert "give it a feed of its own" in caplog.text


def test_feed_export_fields_may_rename_columns(tmp_path: Path) -> None:
    feed(tmp_path / "out.parquet", row(), fields={"text": "content", "url": "address"})
    assert pq.read_table(tmp_path / "out.parquet").schema.names == ["content", "address"]
