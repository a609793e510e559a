"""Every removal of a seed has a reason that a reader of a report can understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from saaf import cleaning
from saaf.cleaning.decision.block_rules import BLOCK_RULES
from saaf.cleaning.decision.decide import MODEL_RULE
from saaf.cleaning.site import appended_pages as known
from saaf.cleaning.site import repeated_blocks as recurring
from saaf.cleaning.spans import rule_reason, rule_reasons
from saaf.corpus import paragraphs

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def test_every_removal_from_the_seeds_has_a_reason() -> None:
    seen = set()
    for path in sorted(SEEDS.glob("*/*.html")):
        if path.parent.name != "broken":
            seen |= {removal.rule for removal in cleaning.clean_html(path.read_bytes()).removals}
    assert len(seen & BLOCK_RULES.keys()) > 5, "pages of the seeds have menus, forms, columns, ..."
    assert {rule for rule in seen if not rule_reason(rule)} == set()


@pytest.mark.parametrize(
    "rule",
    [
        paragraphs.PARAGRAPH_RULE,
        known.RULE,
        recurring.REPEATED_RULE,
        recurring.TEMPLATE_RULE,
        recurring.RUN_RULE,
        MODEL_RULE,
    ],
)
def test_a_rule_that_rests_on_more_than_the_page_has_a_reason(rule: str) -> None:
    assert rule_reason(rule)


def test_an_id_stands_for_one_reason() -> None:
    assert len(rule_reasons()) == len(cleaning.RULES) + len(BLOCK_RULES)
    assert not rule_reason("no.such.rule")
