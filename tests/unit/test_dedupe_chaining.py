"""Lines that strangers share make no cluster of them, and a story that goes on is not one cluster from end to end."""

from __future__ import annotations

import pytest

from benchmarks.dedupe_chaining import (
    boilerplate_documents,
    cluster_statistics,
    datasketch_clusters,
    jaccard,
    saaf_clusters,
    ticker_documents,
)
from benchmarks.dedupe_natural import join_units, load_units
from benchmarks.dedupe_truth import shingles, words
from saaf.dedupe import Linkage


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    return load_units("en", None)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("linkage", Linkage)
def test_unrelated_documents_with_the_same_lines_are_no_cluster(
    corpus: list[str], share: float, linkage: Linkage
) -> None:
    texts = [join_units("en", document) for document in boilerplate_documents(corpus, share)]
    assert len(texts) > 40
    assert saaf_clusters(texts, linkage) == []


def test_a_star_holds_nothing_that_is_unlike_its_centre(corpus: list[str]) -> None:
    texts = [join_units("en", document) for document in ticker_documents(corpus)[:60]]
    sets = [shingles(words(text), 3) for text in texts]
    stars = saaf_clusters(texts, Linkage.STAR)
    assert len(stars) > 10
    assert min(jaccard(sets[centre], sets[other]) for centre, *others in stars for other in others) >= 0.7
    assert [len(group) for group in saaf_clusters(texts, Linkage.COMPONENTS)] == [60]
    assert len(max(datasketch_clusters(texts, "en"), key=len)) > len(max(stars, key=len))


def test_cluster_statistics() -> None:
    sets: dict[int, set[tuple[str, ...]]] = {0: {("a",), ("b",)}, 1: {("a",), ("b",)}, 2: {("c",)}}
    assert cluster_statistics([[0, 1, 2]], sets).split() == ["1", "3", "0.00", "1"]
