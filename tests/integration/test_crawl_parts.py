"""Articles of several pages: the crawl marks them, the build joins them, and says what is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows
from tests.integration.server import Answer, crawl, html, links, serving

if TYPE_CHECKING:
    from pathlib import Path

SAID = {
    1: "The old bridge was opened again on Sunday, and the whole town walked over it with flags and music.",
    2: "The masons had worked on its arches for three years, and two of them married in the meantime.",
    3: "What it cost is known to the council alone, which will publish its accounts in the autumn.",
}


def part(name: str, number: int, *, head: str = "", body: str = "") -> Answer:
    said = "".join(f"<p>{SAID[number]} So says the {name}, in paragraph {each} of {number}.</p>" for each in range(6))
    title = f"<head><title>The {name}</title>{head}</head>"
    return html(f"<html lang=en>{title}<body><h1>The {name}</h1>{said}{body}</body></html>")


def test_the_pages_of_an_article_become_one_document(tmp_path: Path) -> None:
    pages = {
        "/": html(links("/bridge", "/river/", "/cut")),
        "/bridge": part("bridge", 1, head="<link rel=next href='/bridge/2'>"),
        "/bridge/2": part("bridge", 2, body="<a rel='next' href='/bridge/3'>Next</a>"),
        "/bridge/3": part("bridge", 3),
        "/river/": part("river", 1, body="<a rel=next href='/river/page/2/'>2</a>"),
        "/river/page/2/": part("river", 2),
        "/cut": part("cut", 1, head="<link rel=next href='/cut/2'>"),
        "/cut/2": Answer(status=404),
    }
    with serving(lambda _: pages) as server:
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path)
        base = server.base
    assert done.code == 0, done.stderr
    lines = (tmp_path / "capture" / "urls.jsonl").read_text(encoding="utf-8").splitlines()
    marks = {entry["url"]: (entry["part_of"], entry["part"]) for entry in map(json.loads, lines) if "part" in entry}
    assert marks == {
        f"{base}/bridge/2": (f"{base}/bridge", 2),
        f"{base}/bridge/3": (f"{base}/bridge", 3),
        f"{base}/river/page/2/": (f"{base}/river/", 2),
        f"{base}/cut/2": (f"{base}/cut", 2),
    }
    _check(tmp_path, base)
    again = tmp_path / "again"
    build([tmp_path / "capture"], again, settings=BuildSettings(workers=1))
    _check(again, base)


def _check(output: Path, base: str) -> None:
    rows = {row["url"]: row for row in corpus_rows(output, "documents")}
    assert set(rows) == {f"{base}/bridge", f"{base}/river/", f"{base}/cut"}
    text = rows[f"{base}/bridge"]["text"]
    assert [text.count(SAID[number]) for number in (1, 2, 3)] == [6, 6, 6]
    assert text.index(SAID[1]) < text.index(SAID[2]) < text.index(SAID[3])
    assert rows[f"{base}/bridge"]["flags"] == ["joined"]
    assert rows[f"{base}/cut"]["flags"] == ["joined_incomplete"]
    assert SAID[2] in rows[f"{base}/river/"]["text"]
    ledger = {row["url"]: row for row in corpus_rows(output, "ledger")}
    assert ledger[f"{base}/bridge/3"]["state"] == "joined"
    assert ledger[f"{base}/bridge/3"]["reason"] == f"page 3 of {base}/bridge, to whose text it is joined"
    assert ledger[f"{base}/cut/2"]["state"] == "http_error"
    originals = {row["id"]: row for row in corpus_rows(output, "originals")}
    for row in rows.values():
        original, kept, position = originals[row["id"]]["text"], [], 0
        for removal in row["removals"]:
            kept.append(original[position : removal["start"]])
            position = removal["end"]
        assert "".join([*kept, original[position:]]) == row["text"]
