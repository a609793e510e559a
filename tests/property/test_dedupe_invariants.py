"""Invariants of near-duplicate detection, whatever the texts and in whatever order they come."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.dedupe import Cluster, Duplicates, Settings, find_duplicates, jaccard

_letters = st.sampled_from(["sea", "wind", "lamp", "stone", "नदी", "पानी", "بحر", "山", "水", "ก่อน"])
_texts = st.lists(st.lists(_letters, max_size=12).map(" ".join), max_size=25)


@given(texts=_texts, seed=st.integers(0, 2**32), levels=st.integers(1, 3))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_order_does_not_matter(texts: list[str], seed: int, levels: int) -> None:
    rng = random.Random(seed)
    quality = [(float(rng.randrange(levels)),) for _ in texts]
    order = rng.sample(range(len(texts)), len(texts))
    plain = find_duplicates(texts, quality=quality)
    shuffled = find_duplicates([texts[i] for i in order], quality=[quality[i] for i in order])

    def named(cluster: Cluster, names: list[int]) -> frozenset[int]:
        return frozenset(names[member] for member in cluster.members)

    assert {named(c, list(range(len(texts)))) for c in plain.clusters} == {named(c, order) for c in shuffled.clusters}
    assert sorted(order[i] for i in shuffled.empty) == list(plain.empty)
    assert len(shuffled.pairs) == len(plain.pairs)


@given(texts=_texts, threshold=st.sampled_from([0.5, 0.7, 0.9, 1.0]))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_what_is_found_holds(texts: list[str], threshold: float) -> None:
    chosen = Settings(threshold=threshold)
    result = find_duplicates(texts, settings=chosen)
    _check_pairs(texts, result, chosen)
    seen: set[int] = set()
    for cluster in result.clusters:
        assert len(cluster.members) >= 2
        assert not seen & {*cluster.members}, "a text is in one cluster at most"
        seen |= {*cluster.members}
        others = {*cluster.members} - {cluster.representative}
        assert {(p.left, p.right) for p in cluster.pairs} == {
            (min(cluster.representative, other), max(cluster.representative, other)) for other in others
        }
        for pair in cluster.pairs:
            assert pair.jaccard == jaccard(texts[pair.left], texts[pair.right], settings=chosen) >= threshold
    assert not seen & {*result.empty}
    assert result.clusters == tuple(sorted(result.clusters, key=lambda cluster: cluster.members))


def _check_pairs(texts: list[str], result: Duplicates, chosen: Settings) -> None:
    assert list(result.pairs) == sorted(result.pairs, key=lambda pair: (pair.left, pair.right))
    assert len({(pair.left, pair.right) for pair in result.pairs}) == len(result.pairs)
    for pair in result.pairs:
        assert 0 <= pair.left < pair.right < len(texts)
        assert chosen.threshold <= pair.jaccard <= pair.containment <= 1.0
        assert pair.jaccard == jaccard(texts[pair.left], texts[pair.right], settings=chosen)


@given(texts=_texts)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_every_text_and_its_copy_are_found(texts: list[str]) -> None:
    result = find_duplicates(texts + texts)
    together = {member: cluster for cluster in result.clusters for member in cluster.members}
    for index in range(len(texts)):
        if index not in result.empty:
            assert together[index] is together[index + len(texts)]
