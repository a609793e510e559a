"""Settings and arguments that a crawl refuses before it starts, and the exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from saaf.corpus.exit_codes import Exit
from saaf.crawler import settings as project
from saaf.crawler.run.checks import CrawlError, check_crawl, known_settings
from saaf.crawler.run.launch import Launch, launch
from saaf.crawler.spiders.seeds import SeedsSpider
from saaf.crawler.spiders.web import WebSpider

if TYPE_CHECKING:
    from pathlib import Path

AGENT = "saaf-tests/1.0 (+https://example.org/tests)"
START = {"start": "https://www.example.org/"}


def settings(priority: str, **values: object) -> Settings:
    made = Settings()
    made.setmodule(project)
    made.set("USER_AGENT", AGENT)
    for name, value in values.items():
        made.set(name, value, priority)
    return made


def refused(made: Settings, **arguments: str) -> CrawlError:
    with pytest.raises(CrawlError) as caught:
        check_crawl(WebSpider, made, arguments)
    return caught.value


def test_what_is_right_is_not_refused() -> None:
    check_crawl(WebSpider, settings("cmdline", SAAF_TIMEOUT="5", DOWNLOAD_DELAY="0"), START)


@pytest.mark.parametrize(("priority", "code"), [("cmdline", Exit.USAGE), ("project", Exit.CONFIGURATION)])
def test_a_misspelled_setting_is_refused_with_the_near_name(priority: str, code: Exit) -> None:
    error = refused(settings(priority, SAAF_OUPUT="x"), **START)
    assert str(error) == "there is no setting SAAF_OUPUT: did you mean SAAF_OUTPUT?"
    assert error.code == code


def test_the_prefix_that_all_settings_share_makes_no_name_near() -> None:
    assert "SAAF_TLS?" not in str(refused(settings("cmdline", SAAF_ALOW="x"), **START))


def test_a_shard_that_is_none_is_refused_with_an_example() -> None:
    error = refused(settings("cmdline"), shard="4/4", **START)
    assert "for example -a shard=3/16" in str(error)
    assert error.code == Exit.USAGE


def test_a_name_like_no_other_is_refused_with_all_names() -> None:
    message = str(refused(settings("cmdline", SAAF_QXZQXZQXZQXZ="x"), **START))
    assert all(name in message for name in known_settings())


@pytest.mark.parametrize(("priority", "code"), [("cmdline", Exit.USAGE), ("project", Exit.CONFIGURATION)])
def test_a_wrong_value_is_the_fault_of_who_sets_it(priority: str, code: Exit) -> None:
    error = refused(settings(priority, SAAF_TIMEOUT="soon"), **START)
    assert "SAAF_TIMEOUT is a number" in str(error)
    assert error.code == code


def test_a_wrong_value_beside_a_right_one_on_the_command_line_is_the_project_s_fault() -> None:
    made = settings("project", SAAF_TIMEOUT="soon")
    made.set("SAAF_WORKERS", "2", "cmdline")
    assert refused(made, **START).code == Exit.CONFIGURATION


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DOWNLOD_DELAY", "3", "there is no setting DOWNLOD_DELAY: did you mean DOWNLOAD_DELAY?"),
        (
            "CLOSESPIDER_PAGECOUNTT",
            "5",
            "there is no setting CLOSESPIDER_PAGECOUNTT: did you mean CLOSESPIDER_PAGECOUNT?",
        ),
        ("DOWNLOAD_DELAY", "soon", "DOWNLOAD_DELAY is a number, not 'soon'"),
        ("ROBOTSTXT_OBEY", "maybe", "ROBOTSTXT_OBEY is true or false, not 'maybe'"),
        ("DEPTH_LIMIT", "two", "DEPTH_LIMIT is a number, not 'two'"),
    ],
)
def test_a_setting_of_scrapy_that_is_misspelled_or_of_another_kind_is_refused(
    name: str, value: str, sentence: str
) -> None:
    error = refused(settings("cmdline", **{name: value}), **START)
    assert (str(error), error.code) == (sentence, Exit.USAGE)


def test_names_that_are_like_none_of_scrapy_s_are_the_project_s_own() -> None:
    check_crawl(WebSpider, settings("cmdline", MY_OWN="x", DOWNLOAD_DELAY="0.5", ROBOTSTXT_OBEY="False"), START)
    check_crawl(WebSpider, settings("project", DOWNLOD_DELAY="3"), START)


def test_a_parquet_feed_is_not_appended_to(tmp_path: Path) -> None:
    (tmp_path / "out.parquet").write_bytes(b"PAR1")
    feeds = {str(tmp_path / "out.parquet"): {"format": "parquet", "overwrite": False}}
    assert "nothing can be appended to a Parquet file" in str(refused(settings("cmdline", FEEDS=feeds), **START))
    feeds[str(tmp_path / "out.parquet")]["overwrite"] = True
    check_crawl(WebSpider, settings("cmdline", FEEDS=feeds), START)


def test_start_urls_are_divided_by_lines_spaces_and_commas() -> None:
    spider = WebSpider(start="https://a.example/x,y\nhttps://b.example/ https://c.example/?a=1,2,http://d.example/")
    assert spider.start_urls == [
        "https://a.example/x,y",
        "https://b.example/",
        "https://c.example/?a=1,2",
        "http://d.example/",
    ]


@pytest.mark.parametrize(("priority", "code"), [("cmdline", Exit.USAGE), ("project", Exit.CONFIGURATION)])
def test_a_live_crawl_that_does_not_say_who_runs_it_is_the_fault_of_who_sets_it(priority: str, code: Exit) -> None:
    error = refused(settings(priority, USER_AGENT="somebody/1.0"), **START)
    assert "USER_AGENT (somebody/1.0) does not say who runs this crawl" in str(error)
    assert error.code == code


def test_an_argument_that_cannot_be_used_is_refused_by_the_spider_s_name() -> None:
    error = refused(settings("cmdline"), start="www.example.org")
    assert str(error).startswith("web: start=www.example.org is not a whole URL")
    assert error.code == Exit.USAGE


def test_a_live_crawl_says_who_it_is_or_does_not_start() -> None:
    made = settings("cmdline")
    made.set("USER_AGENT", project.USER_AGENT)
    assert "does not say who runs this crawl" in str(refused(made, **START))


def test_a_url_may_have_commas_of_its_own(tmp_path: Path) -> None:
    spider = WebSpider(start="https://a.example/1,114,5.html, http://b.example/")
    assert spider.start_urls == ["https://a.example/1,114,5.html", "http://b.example/"]


def test_seeds_that_are_not_installed_are_one_sentence() -> None:
    made = settings("cmdline", SAAF_FIXTURES="/no/such/seeds")
    with pytest.raises(CrawlError, match="is not a directory"):
        check_crawl(SeedsSpider, made, {})


@pytest.mark.parametrize(
    ("crawl", "sentence"),
    [
        (Launch(), "where should the crawl start?"),
        (Launch(spider="webb", urls=["https://a.example/"]), "there is no spider 'webb': there are"),
        (Launch(spider="seeds", urls=["https://a.example/"]), "the spider seeds has start URLs of its own"),
        (Launch(spider="none.py"), "there is no file none.py"),
        (Launch(urls=["a.example"], settings={"USER_AGENT": AGENT}), "a.example is not a whole URL"),
        (Launch(urls=["https://a.example/"], feeds=["out.parqet"]), "Unrecognized output format 'parqet'"),
        (Launch(urls=["https://a.example/"], settings={"SAAF_WORKER": "2"}), "did you mean SAAF_WORKERS?"),
    ],
)
def test_a_crawl_that_cannot_start_is_one_sentence(
    crawl: Launch, sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert launch(crawl) == Exit.USAGE
    shown = capsys.readouterr().err
    assert shown.startswith("saaf: ")
    assert sentence in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import nothing_of_that_name", "cannot be loaded: No module named"),
        ("def", "cannot be loaded: invalid syntax"),
        ("", "has no spider"),
        (
            "from scrapy import Spider\nclass A(Spider):\n    name = 'a'\nclass B(Spider):\n    name = 'b'\n",
            "2 spiders (a, b)",
        ),
    ],
)
def test_a_file_without_one_spider_is_one_sentence(
    code: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own_spider.py"
    file.write_text(code, encoding="utf-8")
    assert launch(Launch(spider=str(file))) in (Exit.USAGE, Exit.CONFIGURATION)
    shown = capsys.readouterr().err
    assert sentence in shown
    assert shown.count("\n") == 1
