"""Each rule proves itself: it takes something from each text it says it removes, and nothing from those it keeps."""

from dataclasses import replace

import pytest

from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.types import Document, Removal, Track, apply_removals


def found_by(rule: Rule, document: Document) -> list[Removal]:
    return list(rule.find(document, annotate(document.text)))


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert sorted(set(ids)) == sorted(ids)


# Six hundred rules: a test for each would take longer to collect than to run.
def test_a_rule_has_a_reason_and_examples() -> None:
    for rule in RULES:
        assert rule.why.endswith("."), rule.id
        assert rule.removes, rule.id
        assert rule.keeps, rule.id


def test_a_rule_removes_what_it_says() -> None:
    for rule in RULES:
        for text in rule.removes:
            found = found_by(rule, document_from_text(text))
            assert found, f"{rule.id} takes nothing from {text!r}"
            assert all(0 <= removal.start < removal.end <= len(text) for removal in found), rule.id


def test_a_rule_keeps_what_it_says() -> None:
    for rule in RULES:
        for text in rule.keeps:
            assert found_by(rule, document_from_text(text)) == [], f"{rule.id} takes something from {text!r}"


PROSE = "पुल के बंद होने के पाँच दिन बाद मंगलवार को दूर के द्वीपों की नाव फिर से चल पड़ी और लोग बहुत खुश हुए।"
MUSEUM = "Museum director shows seven forgotten paintings from cellars beneath Lisbon harbour"


@pytest.mark.parametrize(
    ("rule", "lines", "kept"),
    [
        pytest.param("line.copyright", ["© 2024 रेत पर लिखा हुआ", PROSE], "© 2024", id="a text begins with the sign"),
        pytest.param(
            "appended.article",
            [PROSE, "Read also:", MUSEUM, "3 March 2024", f"{PROSE} The museum and Lisbon were far away on that day."],
            "far away",
            id="a teaser of whose headline the article uses two words in nine",
        ),
        pytest.param(
            "en.photo_credit",
            [PROSE, f"Photo: {'नदी के उस पार ' * 30}"],
            "Photo",
            id="a paragraph that begins with a label",
        ),
        pytest.param("en.see_also", [PROSE, "See also the harbour at night", PROSE], "See also", id="a weak cue"),
        pytest.param(
            "appended.article",
            [PROSE, "Read also:", "Museum shows paintings", f"{PROSE} The museum shows its paintings from May on."],
            "from May",
            id="a teaser without a date, inside the article",
        ),
    ],
)
def test_a_rule_leaves_alone_what_only_looks_like_its_own(rule: str, lines: list[str], kept: str) -> None:
    (own,) = [one for one in RULES if one.id == rule]
    text = "\n".join(lines)
    assert kept in apply_removals(text, found_by(own, document_from_text(text)))


def test_a_list_that_ends_an_html_page_is_left_to_the_block_decision() -> None:
    (teasers,) = [one for one in RULES if one.id == "teasers.run"]
    document = document_from_text(teasers.removes[0])
    assert found_by(teasers, document)
    assert found_by(teasers, replace(document, track=Track.HTML)) == []


def test_the_kept_examples_of_one_rule_are_kept_by_all() -> None:
    """Sentences that hold the words of a label are no label for any other language's pack either."""
    for rule in RULES:
        for text in rule.keeps:
            if "\n" not in text:
                document, annotated = document_from_text(text), annotate(text)
                taken = [other.id for other in RULES if list(other.find(document, annotated))]
                assert taken == [], f"{text!r}, kept by {rule.id}, loses something to {taken}"
