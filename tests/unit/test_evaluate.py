"""`saaf evaluate` on a tiny directory of pages whose clean text is known."""

from __future__ import annotations

import gzip
import json
import sys
from typing import TYPE_CHECKING

import pytest

from saaf.cli import app as cli
from saaf.corpus.evaluation.evaluate import PagesError, evaluate, load_cases, to_json
from saaf.corpus.exit_codes import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.evaluation.evaluate import GroupResult

STORY = [
    f"The council of the {place} met on Monday, and after a long debate, it agreed to repair bridge number {number}."
    for number, place in enumerate(["north", "south", "east", "west"], start=1)
]
MENU = "<ul>" + "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("Home", "News", "Sport")) + "</ul>"
HTML = f"<body>{MENU}<h1>Four bridges to be repaired</h1>{''.join(f'<p>{line}</p>' for line in STORY)}</body>"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two sets, packed and not, in two languages; a page without a gold text and a suspect one are passed over."""
    put(tmp_path / "news", "a", HTML, lang="en", title_cands=["fourbridgestoberepaired"])
    put(tmp_path / "blogs", "b", HTML, lang="de", gold_title="Four bridges to be repaired", packed=True)
    put(tmp_path / "blogs", "c", HTML, lang="en", gold_text=None)
    put(tmp_path / "blogs", "d", HTML, lang="en", suspect=True)
    return tmp_path


def put(directory: Path, name: str, html: str, *, packed: bool = False, **record: object) -> None:
    directory.mkdir(exist_ok=True)
    record = {"url": f"https://www.example.org/{name}", "gold_text": "\n".join(STORY), **record}
    (directory / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    body = html.encode()
    (directory / f"{name}.html{'.gz' * packed}").write_bytes(gzip.compress(body) if packed else body)


def named(rows: list[GroupResult]) -> dict[tuple[str, str], GroupResult]:
    return {(row.group, row.method): row for row in rows}


def test_each_group_has_a_row_for_each_method(pages: Path) -> None:
    rows = evaluate(load_cases(pages), workers=1)
    groups = ["all", "set blogs", "set news", "language de", "language en"]
    methods = ["saaf", "trafilatura", "trafilatura, precision", "jusText"]
    assert [(row.group, row.method) for row in rows] == [(group, method) for group in groups for method in methods]
    ours = named(rows)["all", "saaf"]
    assert (ours.pages, ours.empty, ours.failed) == (2, 0, 0)
    assert (ours.figures.f1, ours.figures.residue, ours.figures.missing_share) == (1.0, 0.0, 0.0)
    assert all(row.speed is not None and row.speed > 0 for row in rows)


def test_on_the_text_track_the_peer_is_the_text_as_it_is(pages: Path) -> None:
    (pages / "news" / "a.html").unlink()
    (pages / "news" / "a.txt").write_text("Home\nShare this article\n" + "\n".join(STORY), encoding="utf-8")
    rows = named(evaluate(load_cases(pages, track="text", languages=["en"]), track="text", workers=0))
    assert {method for _, method in rows} == {"saaf", "unchanged"}
    unchanged = rows["set news", "unchanged"]
    assert (unchanged.figures.dirty, unchanged.figures.missing_share, unchanged.speed) == (1.0, 0.0, None)
    assert rows["set news", "saaf"].figures.residue < unchanged.figures.residue


def test_a_page_that_cannot_be_read_has_failed_and_counts_as_empty(tmp_path: Path) -> None:
    put(tmp_path / "news", "a", "%PDF-1.7 no page")
    (row,) = evaluate(load_cases(tmp_path), peers=False, workers=0)[:1]
    assert (row.failed, row.empty, row.figures.f1, row.figures.missing_share) == (1, 1, 0.0, 1.0)


def test_a_directory_may_be_one_set(pages: Path) -> None:
    assert [case.name for case in load_cases(pages / "news")] == ["news/a"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (None, "", "holds no page with a gold text"),
        ("x.json", "{", "x.json is no JSON"),
        ("x.json", '{"gold_text": "a"}', "x.html.gz or x.html or x.htm is missing"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, name: str | None, content: str, message: str) -> None:
    if name:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(PagesError, match=message):
        load_cases(tmp_path)


def test_the_command_prints_a_table_or_json(
    pages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def saaf(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["saaf", "evaluate", "--no-peers", "-j", "1", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    code, table, _ = saaf(str(pages))
    assert code == Exit.DONE
    assert " ".join(table.splitlines()[0].split()) == "all pages P R F1 residue dirty lost empty failed pages/s"
    assert table.splitlines()[1].split()[:8] == ["saaf", "2", "100.0", "100.0", "100.0", "0.0", "0.0", "0.0"]
    code, text, _ = saaf(str(pages), "--json", "-l", "de")
    figures = json.loads(text)
    assert set(figures) == {"all", "set blogs", "language de"}
    assert figures["all"]["saaf"]["f1"] == 1.0
    code, _, error = saaf(str(pages / "none"))
    assert code == Exit.INPUT
    assert error == f"saaf: {pages / 'none'} is not a directory: give one of pages and their gold texts\n"


def test_figures_as_json_are_plain_numbers(pages: Path) -> None:
    table = to_json(evaluate(load_cases(pages, languages=["en"]), peers=False, workers=0))
    assert table["all"]["saaf"]["pages"] == 1
    assert all(isinstance(value, float | int) for value in table["all"]["saaf"].values())
