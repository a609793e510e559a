"""The crawl's settings, its Parquet feed, its log lines, its item pipeline."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import Settings
from scrapy.statscollectors import DummyStatsCollector, MemoryStatsCollector
from scrapy.utils.test import get_crawler

from saaf.cleaning.types import CleanDocument, Page
from saaf.corpus.schema import DOCUMENTS
from saaf.corpus.workers import CleanerPool, WorkersError
from saaf.crawler import settings as project
from saaf.crawler.config import Config, config_of
from saaf.crawler.items.parquet import ParquetItemExporter
from saaf.crawler.items.pipeline import CleaningPipeline
from saaf.crawler.run import finish
from saaf.crawler.run.logformatter import ShortLogFormatter
from saaf.crawler.spiders.web import WebSpider

if TYPE_CHECKING:
    from concurrent.futures import Future

    from saaf.corpus.build import BuildSummary
    from saaf.corpus.page_tasks import Task
    from saaf.corpus.settings import Progress

from saaf.atomic_files import BusyError
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import Failure, LedgerError
from tests.fasttext_models import train

TEXT = "The harbour wall was repaired by forty people over three weekends, and the tide gauge was put back. " * 6
PAGE = Page(
    url="https://example.org/tide.txt",
    body=TEXT.encode(),
    headers=(("Content-Type", "text/plain; charset=utf-8"),),
    fetched_at=datetime(2025, 3, 16, 10, tzinfo=UTC),
)


def configured(**values: object) -> Config:
    settings = Settings()
    settings.setmodule(project)
    settings.setdict({name: str(value) for name, value in values.items()})
    return Config.from_settings(settings, "site")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, 120.0),
        ({"SAAF_BACKOFF_MAX": 300}, 300.0),
        ({"SAAF_BACKOFF_MAX": 5}, 60.0),
        ({"SAAF_BACKOFF": 200}, 200.0),
        ({"SAAF_PATIENCE": 7, "SAAF_BACKOFF_MAX": 300}, 7.0),
    ],
)
def test_a_crawl_waits_as_long_as_a_host_may_ask_for(given: dict[str, float], seconds: float) -> None:
    assert configured(**given).patience == seconds


def test_the_defaults_capture_nothing_and_go_to_the_spider_s_directory() -> None:
    config = configured()
    assert (config.output, config.capture_path) == (Path("out/site"), Path("out/site/capture"))
    assert not config.capture, "only `scrapy crawl` captures: a shell must not overwrite a capture"
    assert config.workers >= 1


def test_the_settings_of_a_crawl_are_read_once_from_when_they_cannot_change() -> None:
    crawler = get_crawler(WebSpider, {"SAAF_OUTPUT": "one"})
    assert config_of(crawler) is config_of(crawler)
    assert config_of(get_crawler(WebSpider, {"SAAF_OUTPUT": "two"})).output == Path("two")
    changing = Crawler(WebSpider, {"SAAF_OUTPUT": "one"})
    assert config_of(changing).output == Path("one")
    changing.settings.set("SAAF_OUTPUT", "two")
    assert config_of(changing).output == Path("two")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SAAF_TIMEOUT", "soon", "SAAF_TIMEOUT is a number, not 'soon'"),
        ("SAAF_TIMEOUT", "0", "more than 0"),
        ("SAAF_KEEP", "html.captoin", "SAAF_KEEP: there is no rule html.captoin"),
        ("SAAF_WORKERS", "-1", "0 for one a processor"),
        ("SAAF_FIXTURES", "/no/such", "/no/such is not a directory"),
    ],
)
def test_a_wrong_setting_says_which_and_how(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        configured(**{name: value})


def cleaned(item: object) -> object:
    pipeline = CleaningPipeline(CleanerPool(workers=0), DummyStatsCollector(get_crawler(Spider)), "site")
    return asyncio.run(pipeline.process_item(item))


def test_a_row_keeps_what_the_settings_name() -> None:
    story = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
    body = f"<html><article><p>{story}</p><p>{story[:-1]} in the north.</p><figure><figcaption>The ferry</figcaption>"
    page = Page(url="https://a.example/1", body=body.encode(), headers=(("Content-Type", "text/html"),))
    stats = DummyStatsCollector(get_crawler(Spider))
    texts = [
        asyncio.run(CleaningPipeline(CleanerPool(workers=0), stats, "site", keep).process_item(page))["text"]
        for keep in ((), ("html.caption",))
    ]
    assert ["The ferry" in text.split("\n") for text in texts] == [False, True]


def test_a_row_has_neither_what_packs_of_the_users_remove_nor_another_language_than_their_model(tmp_path: Path) -> None:
    story = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
    body = f"<html><article><p>{story}</p><p>{story[:-1]} in the north.</p><p>Grumbo the plumbus</p></article>"
    page = Page(url="https://a.example/1", body=body.encode(), headers=(("Content-Type", "text/html"),))
    rule = 'id = "en.grumbo"\nkind = "share"\nwhy = "A button."\nphrases = ["Grumbo the plumbus"]'
    pack = f'language = "en"\n[[rule]]\n{rule}\nremoves = ["x\\nGrumbo the plumbus"]\nkeeps = ["x"]\n'
    (tmp_path / "en.toml").write_text(pack, encoding="utf-8")
    model = train(tmp_path / "tiny.bin", {"xyz_Latn": [story]})
    pipeline = CleaningPipeline(
        CleanerPool(workers=0), DummyStatsCollector(get_crawler(Spider)), "site", (), [tmp_path], model
    )
    row = asyncio.run(pipeline.process_item(page))
    assert "Grumbo" not in row["text"]
    assert row["language"] == "xyz"


def test_a_page_becomes_the_row_of_a_clean_document() -> None:
    row = cleaned(PAGE)
    assert isinstance(row, dict)
    assert row.keys() == set(DOCUMENTS.names)
    assert row["url"] == PAGE.url
    assert row["date"] == "2025-03-16T10:00:00Z"
    assert str(row["text"]).startswith("The harbour wall")


def test_an_item_of_the_user_s_own_passes() -> None:
    assert cleaned({"price": 3}) == {"price": 3}


def test_a_page_without_text_is_dropped_with_its_reason() -> None:
    with pytest.raises(DropItem, match="empty: the body is empty"):
        cleaned(Page(url="https://example.org/", body=b" "))


def test_without_workers_a_page_is_dropped_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(CleanerPool):
        def submit(self, page: Task) -> Future[CleanDocument | Failure]:
            raise WorkersError

    pipeline = CleaningPipeline(Broken(workers=0), MemoryStatsCollector(get_crawler(Spider)), "site")
    for _ in range(3):
        with pytest.raises(DropItem, match="not cleaned"):
            asyncio.run(pipeline.process_item(PAGE))
    assert caplog.text.count("no page is cleaned for the feeds") == 1


def exported(fields: list[str] | None = None, *, file: io.BytesIO | None = None) -> io.BytesIO:
    target = file or io.BytesIO()
    exporter = ParquetItemExporter(target, fields_to_export=fields, encoding="utf-8", indent=None)
    exporter.start_exporting()
    exporter.export_item(cleaned(PAGE))
    exporter.finish_exporting()
    return target


def test_a_parquet_feed_has_the_corpus_s_schema() -> None:
    table = pq.read_table(exported())
    assert table.schema.equals(DOCUMENTS)
    assert table.num_rows == 1


def test_feed_export_fields_choose_columns() -> None:
    assert pq.read_table(exported(["url", "text"])).schema.names == ["text", "url"]


def test_a_parquet_feed_is_not_appended_to(caplog: pytest.LogCaptureFixture) -> None:
    before = exported()
    kept = before.getvalue()
    before.seek(0, io.SEEK_END)
    exported(file=before)
    assert before.getvalue() == kept
    assert "use -O to write it anew" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_log_lines_name_items_and_do_not_print_them() -> None:
    crawler = get_crawler(Spider)
    spider = crawler.spidercls.from_crawler(crawler, name="site")
    formatter = ShortLogFormatter()
    for item in (PAGE, {"url": PAGE.url, "text": TEXT}):
        for line in (
            formatter.scraped(item, None, spider),
            formatter.dropped(item, DropItem("empty"), None, spider),
            formatter.item_error(item, ValueError("x"), None, spider),
        ):
            message = line["msg"] % line["args"]
            assert str(PAGE.url) in message
            assert "harbour wall" not in message
    dropped = formatter.dropped({"url": "u"}, DropItem("no text"), None, spider)
    assert dropped["msg"] % dropped["args"] == "Dropped u: no text"


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (BusyError("another build is writing to out"), Exit.OUTPUT, "another build"),
        (OSError(28, "No space left on device", "out/documents.parquet"), Exit.OUTPUT, "No space left"),
        (LedgerError("3 inputs were read but 2 are in the ledger"), Exit.LEDGER, "3 inputs"),
    ],
)
def test_a_build_that_fails_says_how_to_build_later(raised: BaseException, code: int, message: str) -> None:
    def build(*_: object, **__: object) -> BuildSummary:
        raise raised

    with pytest.raises(finish.BuildError, match=message) as failed:
        finish.build_from_capture(configured(), build=build)
    assert failed.value.exit_code == code
    assert "saaf build out/site/capture -o out/site" in str(failed.value)


@pytest.mark.parametrize(("seconds", "least"), [(0.05, 2), (0, 0)])
def test_a_build_after_a_crawl_writes_a_line_now_and_then_without_a_terminal(
    seconds: float, least: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object, report_progress: Progress, **__: object) -> BuildSummary:
        report_progress("filtering", 20, 40)
        time.sleep(0.3)
        raise LedgerError("the end")

    with pytest.raises(finish.BuildError):
        finish.build_from_capture(configured(SAAF_PROGRESS=seconds), build=build)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= least
    assert bool(lines) == bool(least)
    assert all(line.startswith("saaf: filtering 20 of 40 documents") for line in lines)
