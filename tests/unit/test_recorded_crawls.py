"""What a WARC records of its crawl: the spider's name and the product tokens, of each file its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.types import Page
from saaf.corpus.capture_settings import with_recorded
from saaf.corpus.recorded_crawls import crawl_fields, recorded_crawl
from saaf.corpus.records import NO_CRAWL, RecordedCrawl
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc import WarcWriter

if TYPE_CHECKING:
    from pathlib import Path


def archive(path: Path, *info: tuple[str, str]) -> Path:
    with WarcWriter(path, info=info) as writer:
        writer.write(Page(url="https://a.example/", body=b"<p>x", fetched_at=datetime(2025, 3, 1, tzinfo=UTC)))
    return path


def test_a_capture_says_who_crawled(tmp_path: Path) -> None:
    new = archive(tmp_path / "new.warc.gz", *crawl_fields("web", "saaf nc"))
    assert recorded_crawl(new) == RecordedCrawl(name="web", agent="saaf nc")
    older = archive(tmp_path / "older.warc.gz", ("isPartOf", "web"), ("http-header-user-agent", "bot2/1.0 (+x)"))
    assert recorded_crawl(older) == RecordedCrawl(name="web", agent="bot bot2 saaf")
    theirs = archive(tmp_path / "theirs.warc.gz", ("software", "Nutch"), ("http-header-user-agent", "CCBot/2.0"))
    assert recorded_crawl(theirs) == NO_CRAWL
    for name, content in {"cut": new.read_bytes()[:30], "empty": b"", "text": b"software: saaf"}.items():
        (tmp_path / f"{name}.warc.gz").write_bytes(content)
        assert recorded_crawl(tmp_path / f"{name}.warc.gz") == NO_CRAWL, name


def test_a_build_has_what_its_captures_agree_on_and_what_is_given(tmp_path: Path) -> None:
    one = archive(tmp_path / "one.warc.gz", *crawl_fields("web", "saaf nc"))
    two = archive(tmp_path / "two.warc.gz", *crawl_fields("news", "saaf nc"))
    text = tmp_path / "x.txt"
    text.write_text("words")

    def recorded(*inputs: Path, **given: str) -> tuple[str, str]:
        settings = with_recorded(BuildSettings(workers=0, **given), inputs)  # type: ignore[arg-type]  # they are texts
        return settings.dump, settings.agent

    assert recorded(one) == ("web", "saaf nc")
    assert recorded(one, dump="2026-11", agent="CCBot") == ("2026-11", "saaf nc ccbot")
    assert recorded(one, two) == ("saaf", "saaf nc")
    assert recorded(one, text) == ("saaf", "")
    assert recorded(text, agent="nc") == ("saaf", "nc")


@pytest.mark.parametrize("agent", ["mybot/1.0", "my.bot", "mybot (+https://example.org)", "بوت"])
def test_an_agent_that_no_robots_txt_could_name_is_refused(agent: str) -> None:
    with pytest.raises(ValueError, match="such as mybot"):
        BuildSettings(agent=agent)
    assert BuildSettings(agent="MyBot-2 other_bot").agent == "MyBot-2 other_bot"
