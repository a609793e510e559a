"""The lint of the packs' phrases: what it counts in gold texts, and when it fails."""

import json
from pathlib import Path

import pytest

from benchmarks.lint_phrases import faults, findings, gold_texts, main, phrases_in

PROSE = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."


def write(pages: Path, name: str, text: str | None, *, host: str = "", language: str = "en") -> None:
    """Write one page of a data directory."""
    path = pages / "set" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    url = f"https://{host}/{name}" if host else None
    path.write_text(json.dumps({"url": url, "lang": language, "gold_text": text}), encoding="utf-8")


def test_a_line_of_its_own_is_found_and_a_sentence_with_the_words_is_not() -> None:
    assert phrases_in(f"{PROSE}\nShare this article") == {"share this article": ("en.share", True)}
    assert phrases_in(f"{PROSE}\nShe wants to share this with her sister.") == {}


def test_a_subheading_is_found_but_not_removed() -> None:
    assert [removed for _, removed in phrases_in(f"{PROSE}\nTrending\n{PROSE}").values()] == [False]


def test_sites_count_once_and_pages_without_gold_or_url_do_no_harm(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path, name, f"{PROSE}\nShare this article", host="island.example")
    write(tmp_path, "three", f"{PROSE}\nShare this article")
    write(tmp_path, "four", None, host="post.example")
    (row,) = findings(gold_texts(tmp_path))
    assert (row.phrase, row.pages, row.sites, row.removed_pages, row.removed_sites) == (
        "share this article",
        3,
        2,
        3,
        2,
    )


def test_known_residue_is_no_fault(tmp_path: Path) -> None:
    for host in ("island.example", "post.example"):
        write(tmp_path, host, f"{PROSE}\nShare this article", host=host)
    rows = findings(gold_texts(tmp_path))
    assert [row.phrase for row in faults(rows, max_sites=1)] == ["share this article"]
    assert faults(rows, max_sites=1, residue=frozenset(["SHARE THIS ARTICLE:"])) == []
    assert faults(rows, max_sites=2) == []


def test_the_command_fails_on_a_phrase_that_is_content(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for host in ("island.example", "post.example"):
        write(tmp_path, host, f"{PROSE}\nShare this article", host=host)
    assert main([str(tmp_path)]) == 1
    assert "| share this article | en.share | 2 | 2 | 2 | 2 |" in capsys.readouterr().out
    assert main([str(tmp_path), "--most", "2"]) == 0


def test_without_gold_texts_the_command_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "one", f"{PROSE}\nShare this article", language="en")
    assert main([str(tmp_path), "--languages", "pl"]) == 2
    assert "gold_text" in capsys.readouterr().err
