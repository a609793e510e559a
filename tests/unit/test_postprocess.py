"""Options applied to a clean document: removals restored by rule id, appended articles split off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from saaf.cleaning import apply_removals, clean_html, clean_text
from saaf.cleaning.postprocess import apply_options, match_rule_ids, restore_removals, split_appended_articles

SEEDS = Path(__file__).parents[2] / "seeds"
FIRST = (
    "The council voted on Monday to rebuild the old bridge over the river before the winter.\n"
    "Work on the bridge begins in May, the mayor said, and will take about seven months.\n"
)
SECOND = (
    "Museum shows forgotten paintings from Lisbon\n3 March 2024\n"
    "The museum has opened an exhibition of paintings that lay forgotten in a cellar in Lisbon.\n"
    "The forgotten paintings were found when the cellar of the museum was drained.\n"
)
THIRD = (
    "Ferry sails to the outer islands again\n4 March 2024\n"
    "The ferry sailed again on Tuesday, five days after the storm had closed the harbour.\n"
    "The outer islands had waited for the ferry and for its islands' bread, said the captain.\n"
)


def test_a_rule_is_named_by_its_id_or_with_others_by_a_pattern() -> None:
    assert match_rule_ids(["html.caption"]) == {"html.caption"}
    assert {"en.photo_credit", "zh.photo_credit"} <= match_rule_ids(["*.photo_credit"])
    assert match_rule_ids([]) == frozenset()


def test_a_pattern_that_names_no_rule_is_refused_with_the_way_to_find_them() -> None:
    with pytest.raises(ValueError, match=r"no rule html\.captoin; `saaf rules`"):
        match_rule_ids(["html.caption", "html.captoin"])


@pytest.mark.parametrize("at", [1, 3])
def test_captions_stay_in_their_place_by_choice(at: int) -> None:
    paragraphs = [f"<p>{line}</p>" for line in [*FIRST.splitlines(), *SECOND.splitlines()[2:]]]
    picture = "<figure><img src=/b.jpg><figcaption>The bridge in the year of the flood</figcaption></figure>"
    paragraphs[at:at] = [picture]
    body = "".join(paragraphs)
    cleaned = clean_html(f"<html><title>The old bridge</title><article><h1>The old bridge</h1>{body}</article></html>")
    assert "year of the flood" not in cleaned.text
    kept = restore_removals(cleaned, {"html.caption"})
    assert kept.text.split("\n")[at + 1] == "The bridge in the year of the flood"
    assert kept.text.replace("The bridge in the year of the flood\n", "") == cleaned.text


def test_an_appended_article_becomes_a_document_with_its_own_headline_and_date() -> None:
    (path,) = SEEDS.glob("004_*.txt")
    cleaned = clean_text(path.read_text(encoding="utf-8"))
    first, second = split_appended_articles(cleaned)
    assert first is cleaned
    assert second.document.metadata.title == second.text.split("\n")[0]
    assert second.document.metadata.title is not None
    assert second.document.metadata.title.startswith("واشنطن تبحث مع بغداد")
    assert second.document.metadata.published == "2025-03-16"
    assert second.document.flags == (f"appended_to:{first.document.id}",)
    assert second.document.language.code == "ar"
    assert "بالضرورة" not in second.text
    assert second.text == apply_removals(second.document.text, second.removals)


def test_each_of_several_appended_articles_names_the_one_before_it() -> None:
    cleaned = clean_text(f"{FIRST}Read also:\n{SECOND}Read also:\n{THIRD}", url="https://www.example.org/bridge")
    documents = list(apply_options(cleaned, split_appended=True, fetched_at=datetime(2024, 3, 5, tzinfo=UTC)))
    titles = [one.document.metadata.title for one in documents[1:]]
    assert titles == ["Museum shows forgotten paintings from Lisbon", "Ferry sails to the outer islands again"]
    assert {one.document.site for one in documents} == {"example.org"}
    befores = [f"appended_to:{one.document.id}" for one in documents[:-1]]
    assert [one.document.flags[-1] for one in documents[1:]] == befores


def test_a_page_without_an_appended_article_is_one_document() -> None:
    assert len(list(apply_options(clean_text(FIRST), split_appended=True))) == 1
    assert [one.text for one in apply_options(clean_text(f"{FIRST}Tags: bridge, river"))] == [FIRST.rstrip("\n")]


def test_kept_rules_hold_for_what_is_split_off_too() -> None:
    cleaned = clean_text(f"{FIRST}Tags: bridge, river\nRead also:\n{SECOND}")
    first, second = apply_options(cleaned, keep=match_rule_ids(["line.date", "*.tags"]), split_appended=True)
    assert first.text.endswith("Tags: bridge, river")
    assert "3 March 2024" in second.text
