"""Pages without content of their own: what a build leaves out of itself, what by choice, and what stays."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from typer.testing import CliRunner

from saaf.cli.app import app
from saaf.cli.commands import CommandError
from saaf.corpus.build import build
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import State
from saaf.corpus.no_content import LIKELY_SCORE, REMNANT_TOKENS, SURE_SCORE, no_content_reason, parse_skip_types
from saaf.corpus.selection import filter_documents
from saaf.corpus.settings import BuildSettings, threshold_settings
from tests.unit.page_type_helpers import OFFER, TEXTS, article, listing, page, sign_in, stating
from tests.unit.test_selection import SUMMARY

# Its words are few, so that its pages are near each other.
CHOSEN: dict[str, Any] = {"workers": 0, "min_tokens": 8, "dedupe": threshold_settings(1.0)}
LIST = replace(SUMMARY, page_type="listing", page_type_score=0.99)


@pytest.mark.parametrize(
    ("script", "tokens", "left_out"),
    [
        ("Deva", REMNANT_TOKENS - 1, True), ("Deva", REMNANT_TOKENS, False),
        ("Ethi", REMNANT_TOKENS - 1, True), ("Ethi", REMNANT_TOKENS, False),
        ("Hans", 2 * REMNANT_TOKENS - 1, True), ("Hans", 2 * REMNANT_TOKENS, False),
        ("Jpan", 2 * REMNANT_TOKENS - 1, True), ("Jpan", 2 * REMNANT_TOKENS, False),
    ],
)  # fmt: skip
def test_a_few_words_of_a_list_are_a_remnant(script: str, tokens: int, left_out: bool) -> None:
    summary = replace(LIST, script=script, tokens=tokens)
    settings = BuildSettings(min_tokens=5)
    outcome = filter_documents([summary], settings).get(0)
    assert (outcome is not None) is left_out
    if outcome:
        assert outcome.state is State.NO_OWN_CONTENT
        assert outcome.reason.startswith("the page is a list of other pages (score 0.99), and ")


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        ({}, True),
        ({"page_type_score": LIKELY_SCORE}, True),
        ({"page_type_score": LIKELY_SCORE - 0.01}, False),
        ({"page_type": "error"}, True),
        ({"page_type": "article"}, False),
        ({"page_type": "product"}, False),
        ({"page_type": None, "page_type_score": None}, False),
        ({"states_article": True}, False),
        ({"is_dated": True}, False),
    ],
)
def test_a_brief_is_no_remnant(change: dict[str, object], left_out: bool) -> None:
    summary = replace(LIST, tokens=15, **change)  # type: ignore[arg-type]  # of several types
    assert (no_content_reason(summary, (), 5) is not None) is left_out
    assert no_content_reason(summary, (), 0) is None, "where no text is too short, none is a remnant"


@pytest.mark.parametrize(
    ("change", "types", "left_out"),
    [
        ({}, ("listing",), True),
        ({}, (), False),
        ({}, ("error", "login"), False),
        ({"page_type_score": SURE_SCORE}, ("listing",), True),
        ({"page_type_score": SURE_SCORE - 0.001}, ("listing",), False),
        ({"is_dated": True}, ("listing",), True),
        ({"states_article": True}, ("listing",), False),
        ({"page_type": "login"}, ("login",), True),
        ({"page_type": "article"}, ("listing", "error", "login", "consent"), False),
    ],
)
def test_sure_pages_of_chosen_types_are_left_out(
    change: dict[str, object], types: tuple[str, ...], left_out: bool
) -> None:
    summary = replace(LIST, tokens=500, **change)  # type: ignore[arg-type]  # of several types
    outcomes = filter_documents([summary], BuildSettings(skip_types=types))
    assert (0 in outcomes) is left_out


def test_types_are_named_one_by_one_with_commas_or_all() -> None:
    assert parse_skip_types(["login,listing", "error"]) == ("listing", "error", "login")
    assert parse_skip_types(["all"]) == ("listing", "error", "login", "consent")
    assert parse_skip_types([]) == ()
    with pytest.raises(ValueError, match="article: no type of pages that can be left out"):
        parse_skip_types(["article"])
    with pytest.raises(TypeError, match="skip_types is a tuple of texts"):
        BuildSettings(skip_types="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="need texts that are cleaned"):
        BuildSettings(skip_types=("all",), clean=False)


def write_pages(directory: Path) -> Path:
    """Write pages in several languages, whose names begin with what they are."""
    directory.mkdir()
    for language in ("hi", "ja", "en"):
        data = '<script type="application/ld+json">{"@type": "CollectionPage"}</script>'
        stray = f"<p>{TEXTS[language][0][: 30 if language == 'ja' else 70]}</p>"
        pages = {
            "article": article(language),
            "list": listing(language).replace("</head>", f"{data}</head>"),
            "remnant": page(language, TEXTS[language][1][0], stray, data),
            "login": sign_in(language),
            "product": stating(language, {"@type": "Product", "name": "x", "offers": OFFER}),
            "brief": page(
                language,
                TEXTS[language][0][:40],
                f"<article><h1>{TEXTS[language][0][:40]}</h1><time datetime='2026-03-04'>2026-03-04</time>"
                f"<p>{TEXTS[language][0][:100]}</p></article>",
            ),
        }
        for name, source in pages.items():
            (directory / f"{name}-{language}.html").write_text(source, encoding="utf-8")
    return directory


def outcomes(corpus: Path) -> dict[str, tuple[str, str]]:
    rows = ds.dataset(corpus / "ledger").to_table(columns=["key", "state", "reason"]).to_pylist()
    return {row["key"].rpartition("/")[2].removesuffix(".html"): (row["state"], row["reason"]) for row in rows}


def test_a_build_leaves_out_remnants_and_by_choice_all_that_have_no_content(tmp_path: Path) -> None:
    pages = write_pages(tmp_path / "pages")
    build([pages], tmp_path / "out", settings=BuildSettings(**CHOSEN))
    found = outcomes(tmp_path / "out")
    for language in ("hi", "ja", "en"):
        assert found[f"article-{language}"] == ("kept", "")
        assert found[f"product-{language}"] == ("kept", "")
        assert found[f"brief-{language}"] == ("kept", "")
        state, reason = found[f"remnant-{language}"]
        assert state == "no_own_content", (language, state, reason)
        assert reason.startswith("the page is a list of other pages (score 0.97), and ")
    rows = {row["file_path"]: row for row in ds.dataset(tmp_path / "out" / "data").to_table().to_pylist()}
    kept = next(row for name, row in rows.items() if "article-hi" in name)
    assert kept["page_type"] == "article"
    assert 0 < kept["page_type_score"] <= 1
    report = json.loads((tmp_path / "out" / "report" / "report.json").read_text())
    articles = [row for row in report["page_types"] if row["type"] == "product"]
    assert articles[0] == {"type": "product", "language": "", "kept": 3, "left_out": 0}
    assert {row["language"] for row in articles} == {"", "en", "hi", "ja"}

    build([pages], tmp_path / "own", settings=BuildSettings(**CHOSEN, skip_types=("all",)))
    chosen = outcomes(tmp_path / "own")
    for language in ("hi", "ja", "en"):
        assert chosen[f"list-{language}"] == ("no_own_content", "the page is a list of other pages (score 0.97)")
        assert {chosen[f"{name}-{language}"][0] for name in ("article", "product", "brief")} == {"kept"}
    rejected = ds.dataset(tmp_path / "own" / "rejected").to_table().to_pylist()
    assert {row["state"] for row in rejected if "list" in row["file_path"]} == {"no_own_content"}
    assert list((tmp_path / "own" / "report").glob("*.html"))


def test_saaf_clean_has_the_type_and_leaves_out_by_choice(tmp_path: Path) -> None:
    pages = write_pages(tmp_path / "pages")
    given = [str(pages / f"{name}-hi.html") for name in ("article", "list", "product")]
    plain = CliRunner().invoke(app, ["clean", *given, "--format", "jsonl", "--workers", "1"])
    assert plain.exit_code == 0, plain.output
    rows = [json.loads(line) for line in plain.stdout.splitlines() if line.startswith("{")]
    assert [row["page_type"] for row in rows] == ["article", "listing", "product"]
    chosen = CliRunner().invoke(
        app, ["clean", *given, "--format", "jsonl", "--workers", "1", "--skip-types", "listing"]
    )
    assert chosen.exit_code == 0, chosen.output
    rows = [json.loads(line) for line in chosen.stdout.splitlines() if line.startswith("{")]
    assert [row["page_type"] for row in rows] == ["article", "product"]
    assert "left out 1 page without content of their own: " in " ".join(chosen.output.split()).replace(
        "its own", "their own"
    )
    wrong = CliRunner().invoke(app, ["clean", *given, "--format", "jsonl", "--skip-types", "article"])
    assert isinstance(wrong.exception, CommandError)
    assert wrong.exception.code == Exit.USAGE
