"""What carried a decision adds up to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from saaf.cleaning import Document, Page, explain_blocks, read
from saaf.cleaning.model.analysis import analyse_blocks
from saaf.cleaning.model.forest import Forest
from saaf.cleaning.model.predict import all_features, probabilities
from saaf.cleaning.model.track_forests import load_shipped

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
HTML = SEEDS / "harbour" / "interview-bell-ringer.html"
TEXT = SEEDS / "004_6c95415e13a1eb0b.txt"


def document(path: Path) -> Document:
    kind = "text/html" if path.suffix == ".html" else "text/plain"
    headers = (("content-type", f"{kind}; charset=utf-8"),)
    return read(Page(url=None, body=path.read_bytes(), headers=headers))


@pytest.mark.parametrize("path", [HTML, TEXT], ids=["html", "text"])
def test_all_contributions_and_the_mean_leaf_of_each_tree_are_the_log_odds(path: Path) -> None:
    page = document(path)
    forests = load_shipped(page.track)
    columns = all_features(analyse_blocks(page))
    for forest in filter(None, (forests.stage1, forests.stage2, forests.stage2_voted)):
        start = forest.leaf_value.mean(axis=1, dtype=numpy.float64).sum()
        total = start + sum(forest.contributions(columns).values())
        assert numpy.allclose(total, forest.log_odds(columns), rtol=0, atol=1e-5)
        assert numpy.ptp(total) > 1, "blocks differ, or the sum would tell nothing"


def test_a_tree_shares_its_answer_among_the_features_that_it_asks_for() -> None:
    forest = Forest(
        feature_names=("links", "prose", "unasked"),
        split_feature=numpy.array([[0, 1, 1]], dtype=numpy.int32),
        threshold=numpy.array([[0.5, 0.5, 0.5]], dtype=numpy.float32),
        leaf_value=numpy.array([[0.0, 6.0, -4.0, 2.0]], dtype=numpy.float32),
    )
    columns = {"links": numpy.array([0.0, 1.0]), "prose": numpy.array([1.0, 0.0]), "unasked": numpy.array([1.0, 1.0])}
    added = {name: column.tolist() for name, column in forest.contributions(columns).items()}
    # The mean leaf is 1; without links 3, with links -1; then prose makes 3 a 6 and its lack -1 a -4.
    assert added == {"links": [2.0, -2.0], "prose": [3.0, -3.0], "unasked": [0.0, 0.0]}


@pytest.mark.parametrize("path", [HTML, TEXT], ids=["html", "text"])
def test_each_block_is_weighed_as_the_decision_sees_it(path: Path) -> None:
    page = document(path)
    weighed = explain_blocks(page)
    assert [(one.start, one.end) for one in weighed] == [(block.start, block.end) for block in page.blocks]
    assert [one.probability for one in weighed] == pytest.approx(probabilities(analyse_blocks(page)).tolist())


def test_the_strongest_features_come_first_and_no_more_than_asked_for() -> None:
    page = document(HTML)
    everything = explain_blocks(page, most=1000)
    for few, every in zip(explain_blocks(page, most=3), everything, strict=True):
        assert few.features == every.features[:3]
        strengths = [abs(added) for _, added in every.features]
        assert strengths == sorted(strengths, reverse=True)
        assert min(strengths) > 0


def test_a_document_without_blocks_has_nothing_to_weigh() -> None:
    assert explain_blocks(replace(document(TEXT), text="", blocks=())) == ()
