"""A build learns its sites: from all pages of the batch, in any order, and from batch to batch."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from saaf.cleaning import clean_html
from saaf.cleaning.site.profile import SiteProfile
from saaf.cleaning.site.profile_json import from_json, to_json
from saaf.cleaning.types import Block, CleanDocument, Document, Language, Metadata, Page, Track
from saaf.corpus.build import build
from saaf.corpus.records import Partition, ReadOptions, Record
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages.engine import open_engine
from saaf.corpus.stages.frames import FrameWriter
from saaf.corpus.stages.partition_rows import PartitionRows
from saaf.corpus.stages.read import FRAMES, ReadArguments, RecordHeader, read_task
from saaf.corpus.stages.rows import RowArguments, row_task
from saaf.corpus.stages.sequence import learn_sites, start_run
from saaf.corpus.stated_columns import KeptColumns
from saaf.corpus.warc import WarcWriter
from tests.corpora import corpus_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.corpus.stages.tasks import Task

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
    rows = corpus_frame(tmp_path / "out", "originals").filter(pl.col("url").str.ends_with(f"/{copies}"))
    rules = {removal["rule"] for removal in rows["removals"][0]}
    assert ("appended.known" in rules) is cut


def warc(path: Path, pages: Sequence[Page]) -> Path:
    with WarcWriter(path) as writer:
        for one in pages:
            writer.write(one)
    return path


def texts(output: Path) -> dict[str, str]:
    table = corpus_frame(output, "documents")
    return dict(zip(table["url"].to_list(), table["text"].to_list(), strict=True))


def digests(directory: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def test_what_all_pages_of_a_site_repeat_is_in_no_document(tmp_path: Path) -> None:
    build([warc(tmp_path / "a.warc.gz", [page(subject) for subject in SUBJECTS])], tmp_path / "out", settings=plain())
    found = texts(tmp_path / "out")
    assert len(found) == len(SUBJECTS)
    assert all(NOTICE not in text and "fourth place" in text for text in found.values())
    rules = corpus_frame(tmp_path / "out", "documents")["removals"].explode().struct.field("rule")
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
    rows = corpus_frame(tmp_path / "fast", "documents").to_dicts()
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


BROKEN = {
    "an empty object": b"{}",
    "half a file": b'{"format": 1, "site": "gazette.example", "pag',
    "bytes that are no UTF-8": b"\xff\xfe{}",
    "arrays without end": b"[" * 100_000,
    "another site's": to_json(SiteProfile(site="harbour.example")).encode(),
    "of a later version": b'{"format": 99}',
}


@pytest.mark.parametrize(("name", "fast"), [*((name, False) for name in BROKEN), ("half a file", True)])
def test_a_broken_profile_costs_its_site_the_second_pass_and_nothing_else(
    tmp_path: Path, name: str, fast: bool
) -> None:
    broken = tmp_path / "profiles" / "gazette.example.json"
    broken.parent.mkdir()
    broken.write_bytes(BROKEN[name])
    other = [replace(page(f"{subject}s"), url=f"https://herald.example/{subject}") for subject in SUBJECTS]
    source = warc(tmp_path / "a.warc.gz", [*(page(subject) for subject in SUBJECTS), *other])
    settings = BuildSettings(workers=0, profiles=broken.parent, fast=fast)
    summary = build([source], tmp_path / "out", settings=settings)
    rows = corpus_frame(tmp_path / "out", "documents").to_dicts()
    assert {(row["site"], "site_profile_not_applied" in row["flags"], NOTICE in row["text"]) for row in rows} == {
        ("gazette.example", True, True),
        ("herald.example", False, False),
    }
    assert len(rows) == 2 * len(SUBJECTS)
    assert broken.read_bytes() == BROKEN[name], "a person may have vetoed lines in it"
    assert (broken.parent / "herald.example.json").exists()
    ((reason, count),) = summary.profile_failures.items()
    assert count == len(SUBJECTS)
    assert reason.startswith(str(broken))
    assert "delete" in reason
    assert f"not applied to 8 pages: {broken}" in "\n".join(summary.lines())
    assert json.loads((tmp_path / "out" / "report" / "report.json").read_text())["flags"] == {
        "site_profile_not_applied": 8
    }


def test_a_page_that_fails_in_the_second_pass_is_kept_as_the_first_pass_left_it(tmp_path: Path) -> None:
    """The documents are read here, without limits, so that one that takes too long comes to the second pass."""
    heavy = heavy_document(site="gazette.example", paragraphs=100_000)
    documents = [*(clean_html(page(subject).body, url=page(subject).url) for subject in SUBJECTS), heavy]
    settings = BuildSettings(workers=1, timeout=1.2)
    options = ReadOptions(work=tmp_path / "listings")
    arguments = ReadArguments(partition=Partition(parts=()), options=options, settings=settings)
    with open_engine(1, settings.limits) as engine:
        run = start_run(engine, tmp_path, settings, None)
        read = run.task(read_task, [], arguments)
        write_frames(read, documents)
        result = run.one("reading", read)
        sites = learn_sites(run, (read.files,), [result])
        chosen = RowArguments(
            reads=(read.files,),
            partition=0,
            bases={},
            sites=sites,
            joins=None,
            settings=settings,
            kept=KeptColumns.of(settings, ids=False),
        )
        rows = run.task(row_task, [], chosen)
        assert run.one("rows", rows)["profile_failures"] == {"cleaning needed more than 1.2 seconds of CPU time": 1}
    table = PartitionRows([rows.files]).take(range(len(documents)), ["id", "text", "flags"])
    results = {row["id"]: row for row in table.to_pylist()}
    kept = results.pop(heavy.document.id)
    assert (kept["text"], kept["flags"]) == (heavy.text, ["site_profile_not_applied"])
    assert len(results) == len(SUBJECTS)
    assert all(NOTICE not in row["text"] and not row["flags"] for row in results.values())


def write_frames(read: Task, documents: Sequence[CleanDocument]) -> None:
    """Write what the task has read before it was killed."""
    read.files.directory.mkdir()
    with FrameWriter(read.path(FRAMES)) as frames:
        for number, one in enumerate(documents, start=1):
            document = one.document
            header = RecordHeader(
                file_path="pages",
                number=number,
                last_number=number,
                id=document.id,
                site=document.site,
                url=document.url,
            )
            frames.append(header, (Record(file_path="pages", number=number), one))


def heavy_document(*, site: str, paragraphs: int) -> CleanDocument:
    """Return a document of a site that takes over 2 seconds of CPU time to compare with its other pages."""
    lines = [
        f"In the place {number}, as we have said, the harbour has been rebuilt at last." for number in range(paragraphs)
    ]
    blocks, position = [], 0
    for line in lines:
        blocks.append(Block(start=position, end=position + len(line), path="html/body/p"))
        position += len(line) + 1
    document = Document(
        id="0" * 16,
        url=f"https://{site}/all",
        site=site,
        track=Track.HTML,
        language=Language(code="en", script="Latn", score=1.0),
        metadata=Metadata(),
        text="\n".join(lines),
        blocks=tuple(blocks),
    )
    return CleanDocument(document=document, removals=(), first_decision=())


LONG_HOSTS = (
    "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहकखगघ.example",  # 36 letters and an ending: 324 bytes percent-encoded
    "كتبوارثجحخدذرزسشصضطظعغفقلمنهويءآأؤإئ.example",
    "新聞社" * 12 + ".example",
    "aux.example",
    "\ud800.example",
    "a" * 5000 + ".example",
)


@pytest.mark.parametrize("host", LONG_HOSTS)
def test_no_host_stops_a_build_and_its_profile_is_found_again(tmp_path: Path, host: str) -> None:
    rows = [
        json.dumps({"url": f"https://{name}/{subject}", "text": f"The {subject} in spring\n{lines(subject)}\n{NOTICE}"})
        for name, ending in ((host, ""), ("herald.example", "s"))
        for subject in (f"{one}{ending}" for one in SUBJECTS)
    ]
    source = tmp_path / "a.jsonl"
    source.write_text("\n".join(rows), encoding="utf-8")
    settings = BuildSettings(workers=0, profiles=tmp_path / "profiles")
    for _ in range(2):
        summary = build([source], tmp_path / "out", settings=settings)
        assert (summary.documents, summary.profile_failures) == (2 * len(SUBJECTS), {})
    names = {path.name for path in (tmp_path / "profiles").iterdir()}
    assert len(names) == 2
    assert "herald.example.json" in names
    assert all(len(name) <= 143 - len(".partial") for name in names)


def lines(subject: str) -> str:
    return paragraphs(subject).replace("</p>", "\n").replace("<p>", "")


def test_an_article_printed_after_another_is_cut_and_named(tmp_path: Path) -> None:
    second = f"<h2>The {SUBJECTS[1]} in spring</h2>{paragraphs(SUBJECTS[1])}"
    pages = [page(SUBJECTS[0], bottom=second), *(page(subject) for subject in SUBJECTS[1:])]
    build([warc(tmp_path / "a.warc.gz", pages)], tmp_path / "out", settings=plain())
    table = corpus_frame(tmp_path / "out", "documents")
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
