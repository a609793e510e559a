"""What a WARC records of its crawl: the spider's name and the product tokens, of each file its own."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from saaf.cleaning.types import Page
from saaf.corpus.capture_settings import with_recorded
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
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


def test_a_wacz_file_records_what_the_captures_in_it_do(tmp_path: Path) -> None:
    one = archive(tmp_path / "one.warc.gz", *crawl_fields("web", "saaf nc"))
    two = archive(tmp_path / "two.warc.gz", *crawl_fields("news", "saaf mybot"))
    theirs = archive(tmp_path / "theirs.warc.gz", ("software", "Browsertrix"))

    def packed(name: str, *warcs: Path, method: int = zipfile.ZIP_STORED) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", method) as stream:
            stream.writestr("pages/pages.jsonl", "{}")
            for warc in warcs:
                stream.write(warc, f"archive/{warc.name}")
        return tmp_path / name

    assert recorded_crawl(packed("a.wacz", one)) == RecordedCrawl(name="web", agent="saaf nc")
    assert recorded_crawl(packed("b.wacz", one, two)) == RecordedCrawl(name=None, agent="saaf nc mybot")
    assert recorded_crawl(packed("c.wacz", theirs, one, method=zipfile.ZIP_DEFLATED)).agent == "saaf nc"
    assert recorded_crawl(packed("d.wacz", theirs)) == NO_CRAWL
    assert recorded_crawl(packed("e.wacz")) == NO_CRAWL
    for name, content in {"cut": (tmp_path / "a.wacz").read_bytes()[:-40], "empty": b""}.items():
        (tmp_path / f"{name}.wacz").write_bytes(content)
        assert recorded_crawl(tmp_path / f"{name}.wacz") == NO_CRAWL, name


def test_a_deduplication_has_the_names_that_captures_record(tmp_path: Path) -> None:
    names = []
    for number, (spider, host) in enumerate((("web", "a"), ("news", "b"))):
        with WarcWriter(tmp_path / f"{spider}.warc.gz", info=crawl_fields(spider, "saaf nc")) as writer:
            body = f"<p>{' '.join(f'word{number}{n}' for n in range(50))}</p>".encode()
            header = (("Content-Type", "text/html"), ("X-Robots-Tag", "nc: noai"))
            url = f"https://{host}.example/"
            writer.write(Page(url=url, body=body, headers=header, fetched_at=datetime(2025, 3, 1, tzinfo=UTC)))
        names.append(tmp_path / f"{spider}.warc.gz")

    def dumps(*inputs: Path, **given: str) -> list[tuple[str, str | None]]:
        output = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        settings = BuildSettings(workers=0, clean=False, min_tokens=0, **given)  # type: ignore[arg-type]  # texts
        deduplicate(list(inputs), output, settings=settings, options=DedupeOptions())
        rows = [row for path in sorted(output.glob("data/*/*.parquet")) for row in pq.read_table(path).to_pylist()]
        return sorted((row["dump"], row["rights_train"]) for row in rows)

    assert dumps(names[0]) == [("web", "reserved")]
    assert dumps(*names) == [("news", "reserved"), ("web", "reserved")]
    assert dumps(*names, dump="2026-11") == [("2026-11", "reserved")] * 2
