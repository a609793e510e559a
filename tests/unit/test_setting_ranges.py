"""Ranges of numeric settings: what would hang a crawl, or switch a guard off, is refused in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from saaf.corpus.exit_codes import Exit
from saaf.crawler import settings as project_settings
from saaf.crawler.run.checks import CrawlError, check_crawl
from saaf.crawler.run.setting_ranges import RANGES, range_problem
from saaf.crawler.spiders.web import WebSpider

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("CONCURRENT_REQUESTS_PER_DOMAIN", ("1", "8"), ("0", "-1", "1.5", "nan", "inf", "two")),
        ("CONCURRENT_REQUESTS", ("1", 100), ("0", "-3")),
        ("CONCURRENT_ITEMS", (1,), (0,)),
        ("DOWNLOAD_TIMEOUT", ("0.5", 30), ("0", "-1", "nan", "inf")),
        ("DOWNLOAD_MAXSIZE", ("1",), ("0", "-1")),
        ("DOWNLOAD_DELAY", ("0", "0.25"), ("-1", "nan")),
        ("DOWNLOAD_DELAY_JITTER", ("0", "1"), ("-0.1", "1.1")),
        ("DNS_TIMEOUT", ("1",), ("0",)),
        ("RETRY_TIMES", ("0",), ("-1",)),
        ("REACTOR_THREADPOOL_MAXSIZE", ("1",), ("0",)),
        ("CLOSESPIDER_TIMEOUT", ("0", "1.5"), ("-1",)),
    ],
)
def test_a_number_out_of_range_is_refused(name: str, good: tuple[object, ...], bad: tuple[object, ...]) -> None:
    for value in good:
        assert range_problem(Settings({name: value})) is None, value
    for value in bad:
        problem = range_problem(Settings({name: value}))
        assert problem is not None, value
        assert problem[0] == name
        assert problem[1].startswith(f"{name} is a ")
        assert repr(value) in problem[1]
        assert f"for example -s {name}=" in problem[1]


def test_the_defaults_and_examples_are_in_range() -> None:
    settings = Settings()
    settings.setmodule(project_settings)
    assert range_problem(settings) is None
    assert [name for name, allowed in RANGES.items() if allowed.problem(allowed.example)] == []


def test_slots_are_checked_too() -> None:
    problem = range_problem(Settings({"DOWNLOAD_SLOTS": {"example.org": {"concurrency": 0}}}))
    assert problem == (
        "DOWNLOAD_SLOTS", "DOWNLOAD_SLOTS: concurrency of example.org is a whole number from 1 on, not 0"
    )  # fmt: skip
    assert range_problem(Settings({"DOWNLOAD_SLOTS": {"example.org": {"concurrency": 1, "delay": 0.5}}})) is None


@pytest.mark.parametrize(("priority", "code"), [("cmdline", Exit.USAGE), ("project", Exit.CONFIGURATION)])
def test_a_crawl_with_one_does_not_start(priority: str, code: Exit, tmp_path: Path) -> None:
    settings = Settings({"SAAF_OUTPUT": str(tmp_path)})
    settings.set("DOWNLOAD_TIMEOUT", 0, priority)
    with pytest.raises(CrawlError, match="DOWNLOAD_TIMEOUT is a number above 0, not 0") as error:
        check_crawl(WebSpider, settings, {"start": "https://www.example.org/"})
    assert error.value.code == code
