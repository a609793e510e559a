"""A build learns its sites: from all pages of the batch, in any order, and from batch to batch."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from saaf.cleaning.site.profile_json import ProfileError, from_json
from saaf.cleaning.types import Page
from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc import WarcWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
SUBJECTS = ("river", "market", "harvest", "bridge", "school", "festival", "museum", "orchard")
NOTICE = "The evening paper of the harbour, since the harbour has stood, for all who live in sight of it."
MOMENT = datetime(2025, 3, 1, tzinfo=UTC)
ODD = (
    "<!doctype html><html lang=en><head><title>Opening hours</title></head><body><table><tr><td><div class=hours>"
    + "".join(
        f"<p>On {day} the office beside the harbour is open from nine until noon, and no longer.</p>" for day in "ABC"
    )
    + "</div></td></tr></table></body></html>"
).encode()
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)


def paragraphs(subject: str) -> str:
    words = [f"{subject}{letter}" for letter in "abcdefghijkl"]
    return "".join(
        f"<p>In the {number} place the {subject}, {one}, is near {other}, and it is going to be rebuilt at last.</p>"
        for number, one, other in zip(("first", "second", "third", "fourth"), words, words[4:], strict=False)
    )


def page(subject: str, bottom: str = "") -> Page:
    title = f"The {subject} in spring"
    html = (
        f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        f"{paragraphs(subject)}{bottom}<p>{NOTICE}</p></article></body></html>"
    )
    return Page(url=f"https://gazette.example/{subject}", body=html.encode(), headers=HEADERS, fetched_at=MOMENT)


@pytest.mark.parametrize(("copies", "cut"), [(4, True), (5, False)])
def test_an_article_that_begins_as_more_than_four_pages_is_appended_to_none(
    tmp_path: Path, copies: int, cut: bool
) -> None:
    header = "<!doctype html><html lang=en><body><article>"
    other = f"<h1>The orchard in spring</h1>{paragraphs('orchard')}"
    bodies = [f"{header}{other}" for _ in range(copies)]
    bodies.append(f"{header}<h1>The river in spring</h1>{paragraphs('river')}{other}")
    pages = [
        Page(url=f"https://gazette.example/{number}", body=body.encode(), headers=HEADERS, fetched_at=MOMENT)
        for number, body in enumerate(bodies)
    ]
    build([warc(tmp_path / "a.warc.gz", pages)], tmp_path / "out", settings=BuildSettings(workers=0, min_tokens=1))
    rows = pl.read_parquet(tmp_path / "out" / "originals.parquet").filter(pl.col("url").str.ends_with(f"/{copies}"))
    rules = {removal["rule"] for removal in rows["removals"][0]}
    assert ("appended.known" in rules) is cut


def warc(path: Path, pages: Sequence[Page]) -> Path:
    with WarcWriter(path) as writer:
        for one in pages:
            writer.write(one)
    return path


def texts(output: Path) -> dict[str, str]:
    table = pl.read_parquet(output / "documents.parquet")
    return dict(zip(table["url"].to_list(), table["text"].to_list(), strict=True))


def digests(directory: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def test_what_all_pages_of_a_site_repeat_is_in_no_document(tmp_path: Path) -> None:
    build([warc(tmp_path / "a.warc.gz", [page(subject) for subject in SUBJECTS])], tmp_path / "out", settings=plain())
    found = texts(tmp_path / "out")
    assert len(found) == len(SUBJECTS)
    assert all(NOTICE not in text and "fourth place" in text for text in found.values())
    rules = pl.read_parquet(tmp_path / "out" / "documents.parquet")["removals"].explode().struct.field("rule")
    assert "profile.repeated" in rules.to_list()


def test_order_and_processes_change_nothing(tmp_path: Path) -> None:
    pages = [page(subject) for subject in SUBJECTS]
    made = []
    for number, (order, workers) in enumerate([(pages, 0), (pages[::-1], 0), (pages, 2)]):
        source = tmp_path / str(number) / "a.warc.gz"
        source.parent.mkdir()
        output = tmp_path / f"out-{number}"
        settings = BuildSettings(workers=workers, profiles=tmp_path / f"profiles-{number}")
        build([warc(source, order)], output, settings=settings)
        made.append((texts(output), digests(tmp_path / f"profiles-{number}")))
        assert {path.name for path in output.iterdir() if path.name.startswith(".")} == set()
    assert made[0] == made[1] == made[2]


def test_a_later_batch_profits_from_an_earlier_one(tmp_path: Path) -> None:
    first = warc(tmp_path / "first.warc.gz", [page(subject) for subject in SUBJECTS[:6]])
    later = warc(tmp_path / "later.warc.gz", [page(SUBJECTS[6])])
    kept = plain(tmp_path / "profiles")
    build([first], tmp_path / "one", settings=kept)
    build([later], tmp_path / "two", settings=kept)
    build([later], tmp_path / "alone", settings=plain())
    url = f"https://gazette.example/{SUBJECTS[6]}"
    assert NOTICE not in texts(tmp_path / "two")[url]
    assert NOTICE in texts(tmp_path / "alone")[url], "one page alone says nothing of its site"
    profile = from_json((tmp_path / "profiles" / "gazette.example.json").read_text(encoding="utf-8"))
    assert len(profile.pages) == 7
    before = digests(tmp_path / "profiles")
    build([later], tmp_path / "two", settings=kept)
    assert digests(tmp_path / "profiles") == before, "the same pages again teach nothing new"


def test_pages_of_a_known_template_are_read_without_votes(tmp_path: Path) -> None:
    menu = (
        "<ul class=more-of-us><li><a href=/x>Weather and tides</a></li><li><a href=/y>Births and deaths</a></li></ul>"
    )
    pages = [page(subject, bottom=menu) for subject in SUBJECTS]
    kept = tmp_path / "profiles"
    build([warc(tmp_path / "first.warc.gz", pages[:6])], tmp_path / "one", settings=plain(kept))
    later = [*pages[6:], Page(url="https://gazette.example/odd", body=ODD, headers=HEADERS, fetched_at=MOMENT)]
    source = warc(tmp_path / "later.warc.gz", later)
    build([source], tmp_path / "fast", settings=BuildSettings(workers=0, profiles=kept, fast=True))
    rows = pl.read_parquet(tmp_path / "fast" / "documents.parquet").to_dicts()
    assert {row["url"].rpartition("/")[2]: "known_template" in row["flags"] for row in rows} == {
        SUBJECTS[6]: True,
        SUBJECTS[7]: True,
        "odd": False,
    }
    build([source], tmp_path / "slow", settings=plain(kept))
    assert texts(tmp_path / "fast") == texts(tmp_path / "slow")


def test_fast_needs_what_was_learned() -> None:
    with pytest.raises(ValueError, match="directory of profiles"):
        BuildSettings(fast=True)


def test_a_broken_profile_is_named(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "gazette.example.json").write_text("{}")
    source = warc(tmp_path / "a.warc.gz", [page("river")])
    with pytest.raises(ProfileError, match=r"gazette\.example\.json.*delete the file"):
        build([source], tmp_path / "out", settings=plain(tmp_path / "profiles"))


def test_an_article_printed_after_another_is_cut_and_named(tmp_path: Path) -> None:
    second = f"<h2>The {SUBJECTS[1]} in spring</h2>{paragraphs(SUBJECTS[1])}"
    pages = [page(SUBJECTS[0], bottom=second), *(page(subject) for subject in SUBJECTS[1:])]
    build([warc(tmp_path / "a.warc.gz", pages)], tmp_path / "out", settings=plain())
    table = pl.read_parquet(tmp_path / "out" / "documents.parquet")
    rows = {row["url"].rpartition("/")[2]: row for row in table.to_dicts()}
    one, other = rows[SUBJECTS[0]], rows[SUBJECTS[1]]
    assert SUBJECTS[1] not in one["text"]
    assert f"appended:{other['id']}" in one["flags"]
    assert "appended.known" in {removal["rule"] for removal in one["removals"]}
    assert "fourth place" in one["text"]
    assert "fourth place" in other["text"]


def test_the_how_to_shows_a_profile_that_can_be_read_and_a_query_that_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "how-to" / "review-a-site-profile.md").read_text(encoding="utf-8")
    profile, veto = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    shown = from_json(profile)
    assert (shown.site, len(shown.pages), len(shown.lines), len(shown.paths)) == ("gazette.example", 2, 2, 1)
    line = next(line for line in profile.split("\n") if "a friend" in line)
    assert any(record.user_veto for record in from_json(profile.replace(line, f"{veto.strip()},")).lines)
    build([warc(tmp_path / "a.warc.gz", [page(subject) for subject in SUBJECTS])], tmp_path / "out", settings=plain())
    (query,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    with duckdb.connect() as database:
        rows = database.execute(query.replace("tuesday/", f"{tmp_path / 'out'}/")).fetchall()
    assert {residue.strip() for _, residue in rows} == {NOTICE}
    assert len(rows) == len(SUBJECTS)


def plain(profiles: Path | None = None) -> BuildSettings:
    return BuildSettings(workers=0, profiles=profiles)
