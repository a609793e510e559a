"""`saaf explain --features`: what carried the model's decision, on the screen and in JSON."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from saaf.cleaning import BlockExplanation, Removal
from saaf.cli.commands import CommandError
from saaf.cli.commands.explain import print_features, run_explain
from saaf.cli.terminal import print_explanation
from saaf.corpus.build import build
from saaf.corpus.exit_codes import Exit
from saaf.corpus.explain import Explanation, explain_blocks, mark_removals
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
PAGE = SEEDS / "harbour" / "interview-bell-ringer.html"


def test_features_of_a_page_stand_above_each_block_with_their_signs(capsys: pytest.CaptureFixture[str]) -> None:
    run_explain(str(PAGE), None, as_json=False, features=True)
    shown, message = capsys.readouterr()
    figures = r"\d\.\d\d(  [+-]\d+\.\d [^\n]+)+\n"
    menu = re.search(figures + re.escape("[-Tide tables-]{html.navigation}"), shown)
    story = re.search(figures + "Marjorie Pell has rung the tenor bell", shown)
    assert menu
    assert story
    assert float(menu[0][:4]) < 0.2 < 0.8 < float(story[0][:4])
    assert "  -" in menu[0]
    assert "  +" in story[0]
    assert not message


def test_features_are_in_the_json_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    run_explain(str(PAGE), None, as_json=True, features=True)
    explained = json.loads(capsys.readouterr().out)
    texts = {explained["text"][block["start"] : block["end"]]: block for block in explained["blocks"]}
    menu = texts["Tide tables"]
    assert menu["probability"] < 0.2
    assert len(menu["features"]) == 4
    assert menu["features"][0]["adds"] < 0
    assert menu["features"][0]["name"]
    run_explain(str(PAGE), None, as_json=True)
    assert "blocks" not in json.loads(capsys.readouterr().out)


def test_features_of_bare_text_come_with_a_word_on_who_decides(capsys: pytest.CaptureFixture[str]) -> None:
    run_explain(str(SEEDS / "000_ea40fb25f8e93f5a.txt"), None, as_json=False, features=True)
    shown, message = capsys.readouterr()
    assert "[-LEAVE A REPLY-]{en.comment_form}" in shown
    assert re.match(r"\d\.\d\d  [+-]", shown)
    assert "the rules decide first" in message


def test_features_of_a_document_of_a_corpus_need_the_page(tmp_path: Path) -> None:
    build([PAGE], tmp_path / "out", settings=BuildSettings(workers=0))
    (row,) = corpus_rows(tmp_path / "out", "documents")
    with pytest.raises(CommandError, match="need the page itself") as refused:
        run_explain(str(row["id"]), tmp_path / "out", as_json=False, features=True)
    assert refused.value.code == Exit.USAGE
    assert "\n" not in str(refused.value)


def test_a_removal_of_several_blocks_is_marked_in_each() -> None:
    blocks = tuple(
        BlockExplanation(start=start, end=end, probability=0.1, features=())
        for start, end in ((0, 4), (5, 9), (10, 15))
    )
    explanation = Explanation(
        id="0",
        url=None,
        title=None,
        language=None,
        text="Home\nNews\nStory",
        removals=(Removal(start=2, end=10, rule="html.links"),),
        block_explanations=blocks,
    )
    shown = [mark_removals(block) for _, block in explain_blocks(explanation)]
    assert shown == ["Ho[-me-]{html.links}", "[-News-]{html.links}", "Story"]


def test_a_terminal_shows_each_block_struck_out_under_its_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = io.StringIO()
    explanation = Explanation(
        id="0",
        url=None,
        title=None,
        language=None,
        text="Home\nStory",
        removals=(Removal(start=0, end=5, rule="html.links"),),
        block_explanations=(
            BlockExplanation(start=0, end=4, probability=0.02, features=(("links", -1.5),)),
            BlockExplanation(start=5, end=10, probability=0.97, features=(("prose ~5", 1.8), ("links", -0.4))),
        ),
    )
    print_explanation(
        Console(file=screen, force_terminal=True, color_system="standard", width=80, highlight=False), explanation
    )
    shown = screen.getvalue()
    assert "0.02  -1.5 links" in shown
    assert "0.97  +1.8 prose ~5  -0.4 links" in shown
    assert shown.index("0.02") < shown.index("\x1b[9;31m\u2068Home\u2069") < shown.index("0.97") < shown.index("Story")


def test_features_without_a_document_print_what_each_means(capsys: pytest.CaptureFixture[str]) -> None:
    print_features(asked=True, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 275
    assert "links+2\tmarkup\thtml\tstage 1 and 2\tof the block 2 further on: the share of its letters" in "\n".join(
        lines
    )
    print_features(asked=True, as_json=True)
    assert len(json.loads(capsys.readouterr().out)) == 275


def test_without_a_document_and_without_features_something_is_missing() -> None:
    with pytest.raises(CommandError, match="name a file"):
        print_features(asked=False, as_json=False)
