"""Replayed crawls: fixtures under their real URLs, feeds, the how-to's spider, and the corpus at the end."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from tests.corpora import corpus_rows
from tests.integration.server import ROOT, Crawl, article, crawl, links

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = (ROOT / "docs" / "how-to" / "add-a-site.md").read_text(encoding="utf-8")
HOST = "https://www.harbournews.example"


def manifest(*entries: tuple[str, str, str]) -> str:
    """Return a manifest of (path, file, more) entries of one site."""
    responses = [
        f'[[response]]\nurl = "{HOST}{path}"\nfile = "{file}"\nfetched_at = 2025-03-16T10:00:00Z\n{more}\n'
        for path, file, more in entries
    ]
    return f'[site]\nstart = ["{HOST}/"]\n\n' + "\n".join(responses)


def html_type(more: str = "") -> str:
    return f'content_type = "text/html; charset=utf-8"\n{more}'


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """A replay of one site with good and bad fixtures, built, with two feeds."""
    fixtures, output = tmp_path_factory.mktemp("fixtures"), tmp_path_factory.mktemp("replayed")
    front = links("/tide", "/mill", "/secret/plan", "/not-saved", "/missing", "/cut", "https://other.example/a")
    files = {
        "front.html": front.encode(),
        "tide.html": article("tide"),
        "mill.html": article("mill"),
        "secret.html": article("ferry"),
        "cut.html": b"<html>",
        "forgotten.html": article("choir"),
        "lonely.html": article("choir"),
        "robots.txt": b"User-agent: *\nDisallow: /secret/\n",
    }
    for name, body in files.items():
        (fixtures / name).write_bytes(body)
    entries = [
        ("/", "front.html", html_type()),
        ("/tide", "tide.html", html_type()),
        ("/mill", "mill.html", html_type()),
        ("/secret/plan", "secret.html", html_type()),
        ("/missing", "missing.html", html_type()),
        ("/cut", "cut.html", html_type("bytes = 9999")),
        ("/lonely", "lonely.html", html_type()),
        ("/robots.txt", "robots.txt", 'content_type = "text/plain"'),
    ]
    (fixtures / "manifest.toml").write_text(manifest(*entries), encoding="utf-8")
    (fixtures / "broken").mkdir()
    (fixtures / "broken" / "manifest.toml").write_text("[[response]\n", encoding="utf-8")
    feeds = ["-O", str(output / "out.jsonl"), "-O", str(output / "out.parquet")]
    return crawl("seeds", *feeds, output=output / "out", SAAF_FIXTURES=fixtures)


def test_good_pages_become_a_corpus_whatever_the_others_are(replayed: Crawl) -> None:
    assert replayed.code == 0, replayed.stderr
    rows = corpus_rows(replayed.output, "documents")
    assert {row["url"] for row in rows} == {f"{HOST}/tide", f"{HOST}/mill"}
    assert all(row["date"] == "2025-03-16T10:00:00Z" for row in rows), "the manifest's time, not the clock's"
    assert {row["dump"] for row in rows} == {"seeds"}


def test_each_bad_fixture_is_in_the_ledger_with_a_reason(replayed: Crawl) -> None:
    ledger = {url.removeprefix(HOST): line for url, line in replayed.ledger().items()}
    name = next(url for url in ledger if url.endswith("forgotten.html")).removesuffix("/forgotten.html")
    states = {url: state for url, (role, state, _) in ledger.items() if role == "failure"}
    assert states == {
        "/secret/plan": "blocked_by_robots",
        "/not-saved": "fetch_failed",
        "/missing": "fetch_failed",
        "/cut": "fetch_failed",
        "/lonely": "unlisted",
        f"{name}/forgotten.html": "unlisted",
        f"{name}/broken/manifest.toml": "unreadable",
        "https://other.example/a": "offsite",
    }
    reasons = {url: reason or "" for url, (_, _, reason) in ledger.items()}
    assert "missing.html, but there is no such file" in reasons["/missing"]
    assert "6 bytes where the manifest says 9999" in reasons["/cut"]
    assert "no fixture has this URL" in reasons["/not-saved"]


def test_every_line_of_the_crawl_is_in_the_corpus_s_ledger(replayed: Crawl) -> None:
    rows = corpus_rows(replayed.output, "ledger")
    assert sorted(row["url"] for row in rows) == sorted(replayed.ledger())
    for url, state in replayed.states().items():
        built = next(row["state"] for row in rows if row["url"] == url)
        assert built == ("kept" if state == "document" else state)


def test_the_summary_says_where_everything_is(replayed: Crawl) -> None:
    assert str(replayed.output / "data") in replayed.stdout
    assert str(replayed.output / "report" / "report.html") in replayed.stdout
    assert str(replayed.output / "capture") in replayed.stdout
    assert "2 kept" in replayed.stdout


def test_feeds_hold_clean_documents(replayed: Crawl) -> None:
    lines = (replayed.output.parent / "out.jsonl").read_text(encoding="utf-8").splitlines()
    rows = sorted((json.loads(line) for line in lines), key=lambda row: row["url"])
    table = pq.read_table(replayed.output.parent / "out.parquet")
    assert sorted(table.to_pylist(), key=lambda row: row["url"]) == rows
    assert [row["url"] for row in rows] == [f"{HOST}/mill", f"{HOST}/tide"]
    assert rows[0]["text"].count("Paragraph") == 8
    assert table.schema.equals(pq.read_schema(next((replayed.output / "data").rglob("*.parquet"))), check_metadata=True)


def test_no_text_of_a_page_is_in_the_log(replayed: Crawl) -> None:
    assert "tide gauge" not in replayed.stderr
    assert "tide gauge" not in replayed.stdout


def project(directory: Path, code: str) -> Path:
    """Make a Scrapy project of this one's settings and one module of spiders."""
    (directory / "own_spiders.py").write_text(code, encoding="utf-8")
    settings = 'from saaf.crawler.settings import *\n\nSPIDER_MODULES = ["own_spiders"]\n'
    (directory / "project.py").write_text(settings, encoding="utf-8")
    return directory


def test_the_how_to_s_ten_lines_crawl_its_saved_pages(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"```(python|toml)\n(.*?)```", HOW_TO, re.DOTALL))
    assert len([line for line in blocks["python"].splitlines() if line.strip()]) <= 10
    saved = tmp_path / "harbournews"
    saved.mkdir()
    (saved / "manifest.toml").write_text(blocks["toml"], encoding="utf-8")
    (saved / "front.html").write_text(links("/2025/03/the-tide-gauge", "/about", "/page/2"), encoding="utf-8")
    (saved / "the-tide-gauge.html").write_bytes(article("tide"))
    own = project(tmp_path, blocks["python"])
    done = crawl("harbournews", output=tmp_path / "out", project=own, SAAF_FIXTURES=saved, SAAF_BUILD=0)
    assert done.code == 0, done.stderr
    states = {url.removeprefix(HOST): state for url, state in done.states().items()}
    assert states == {"/": "not_content", "/2025/03/the-tide-gauge": "document", "/page/2": "fetch_failed"}


FRAGILE = """
from datetime import UTC, datetime

from saaf.cleaning import Page
from saaf.crawler.pages import page_from_response
from saaf.crawler.spiders.site import SiteSpider


class Fragile(SiteSpider):
    name = "fragile"
    allowed_domains = ["www.harbournews.example"]
    start_urls = ["https://www.harbournews.example/"]

    def parse(self, response):
        if response.url.endswith("/mill"):
            raise KeyError("headline")
        yield from super().parse(response)
        if response.url.endswith(".example/"):
            body = response.body.replace(b"ul", b"ol")
            yield Page(url=response.url + "made-up", body=body, fetched_at=datetime(2025, 1, 1, tzinfo=UTC))
"""


def test_a_spider_s_mistake_costs_one_page_and_is_named(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    entries = [(f"/{name}" if name else "/", f"{name or 'front'}.html", html_type()) for name in ("", "tide", "mill")]
    (saved / "manifest.toml").write_text(manifest(*entries), encoding="utf-8")
    (saved / "front.html").write_text(links("/tide", "/mill", "/"), encoding="utf-8")
    for name in ("tide", "mill"):
        (saved / f"{name}.html").write_bytes(article(name))
    done = crawl(
        "fragile", output=tmp_path / "out", project=project(tmp_path, FRAGILE), SAAF_FIXTURES=saved, SAAF_BUILD=0
    )
    ledger = {url.removeprefix(HOST): line for url, line in done.ledger().items()}
    assert ledger["/tide"][0] == "document"
    assert ledger["/made-up"][0] == "document", "a page that no response brought is captured too"
    assert ledger["/mill"][1] == "unreadable"
    assert "KeyError ('headline')" in (ledger["/mill"][2] or "")


def test_the_capture_of_a_replay_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    captures = []
    for number in range(2):
        output = tmp_path / str(number)
        crawl("seeds", output=output, SAAF_BUILD=0, CONCURRENT_REQUESTS=1 + 15 * number)
        captures.append([(output / "capture" / name).read_bytes() for name in ("records.warc.gz", "urls.jsonl")])
    assert captures[0] == captures[1]
