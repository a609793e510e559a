"""A crawl that goes on with other arguments says so, and what is known of URLs that it does not crawl stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.server import Answer, article, crawl, html, links, serving

if TYPE_CHECKING:
    from pathlib import Path


def site(_: str) -> dict[str, Answer]:
    return {"/": html(links("/news/tide", "/news/mill")), **{f"/news/{n}": html(article(n)) for n in ("tide", "mill")}}


def test_another_start_adds_to_the_ledger_and_takes_nothing_away(tmp_path: Path) -> None:
    with serving(site) as first, serving(site, address="127.0.0.2") as second:
        crawl("web", "-a", f"start={first.base}/", output=tmp_path, SAAF_BUILD=0)
        before = crawl("web", "-a", f"start={first.base}/", output=tmp_path, SAAF_BUILD=0).ledger()
        done = crawl(
            "web", "-a", f"start={second.base}/", "-O", str(tmp_path / "out.jsonl"), output=tmp_path, SAAF_BUILD=0
        )
    after = done.ledger()
    assert {url: after[url] for url in before} == before
    assert after[f"{second.base}/news/tide"][0] == "document"
    assert "was begun with other arguments of its spider" in done.stderr
    assert "A feed holds the documents of this run alone" in done.stderr
