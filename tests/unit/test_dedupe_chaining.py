"""Lines that strangers share make no cluster of them, and a story that goes on is not one cluster from end to end."""

from __future__ import annotations

import pytest

from benchmarks.dedupe_chaining import alike, by_datasketch, by_us, ticker, told, with_boilerplate
from benchmarks.dedupe_natural import joined, units
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Linkage


@pytest.fixture(scope="module")
def known() -> list[str]:
    return units("en", None)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("linkage", Linkage)
def test_unrelated_documents_with_the_same_lines_are_no_cluster(
    known: list[str], share: float, linkage: Linkage
) -> None:
    texts = [joined("en", document) for document in with_boilerplate(known, share)]
    assert len(texts) > 40
    assert by_us(texts, linkage) == []


def test_a_star_holds_nothing_that_is_unlike_its_centre(known: list[str]) -> None:
    texts = [joined("en", document) for document in ticker(known)[:60]]
    sets = [shingles(words(text), 3) for text in texts]
    stars = by_us(texts, Linkage.STAR)
    assert len(stars) > 10
    assert min(alike(sets[centre], sets[other]) for centre, *others in stars for other in others) >= 0.7
    assert [len(group) for group in by_us(texts, Linkage.COMPONENTS)] == [60]
    assert len(max(by_datasketch(texts, "en"), key=len)) > len(max(stars, key=len))


def test_what_is_told_of_clusters() -> None:
    sets: dict[int, set[tuple[str, ...]]] = {0: {("a",), ("b",)}, 1: {("a",), ("b",)}, 2: {("c",)}}
    assert told([[0, 1, 2]], sets).split() == ["1", "3", "0.00", "1"]
