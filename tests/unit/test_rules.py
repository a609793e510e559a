"""Each rule proves itself: it takes something from each text it says it removes, and nothing from those it keeps."""

import pytest

from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.types import Document, Removal


def found_by(rule: Rule, document: Document) -> list[Removal]:
    return list(rule.find(document, annotate(document.text)))


BY_ID = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert sorted(set(ids)) == sorted(ids)


@BY_ID
def test_a_rule_has_a_reason_and_examples(rule: Rule) -> None:
    assert rule.why.endswith(".")
    assert rule.removes
    assert rule.keeps


@BY_ID
def test_a_rule_removes_what_it_says(rule: Rule) -> None:
    for text in rule.removes:
        found = found_by(rule, document_from_text(text))
        assert found, f"{rule.id} takes nothing from {text!r}"
        assert all(0 <= removal.start < removal.end <= len(text) for removal in found)


@BY_ID
def test_a_rule_keeps_what_it_says(rule: Rule) -> None:
    for text in rule.keeps:
        assert found_by(rule, document_from_text(text)) == [], f"{rule.id} takes something from {text!r}"


def test_the_kept_examples_of_one_rule_are_kept_by_all() -> None:
    """Sentences that hold the words of a label are no label for any other language's pack either."""
    for rule in RULES:
        for text in rule.keeps:
            if "\n" not in text:
                document, annotated = document_from_text(text), annotate(text)
                taken = [other.id for other in RULES if list(other.find(document, annotated))]
                assert taken == [], f"{text!r}, kept by {rule.id}, loses something to {taken}"
