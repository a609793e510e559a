"""Components of the candidate graph, each compared by itself, give what all texts compared together give."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.dedupe import Cluster, Duplicates, Linkage, Omitted, Pair, Settings, find_duplicates
from saaf.dedupe.candidate_graph import band_edges, batch_components, components, exact_edges
from saaf.dedupe.index_find import find_in_sketches
from saaf.dedupe.index_segments import band_keys
from saaf.dedupe.index_sketches import Sketches, select_texts, sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORDS = [f"{first}{second}{third}" for first in "कखगघचछ" for second in "ािीुूे" for third in "तथदधनप"]


def find_by_components(
    texts: list[str], quality: Sequence[tuple[float, ...]], chosen: Settings, linkage: Linkage, limit: int
) -> Duplicates:
    """Find near-duplicates as a build does: candidates by band, components, and each batch of these by itself."""
    sketches = sketch(texts, chosen)
    numbers = np.flatnonzero(sketches.tokens)
    firsts, edges = exact_edges(sketches.content[numbers], numbers)
    found = [edges, *(_edges(sketches, table, firsts, chosen) for table in range(len(sketches.tables)))]
    batches = batch_components(components(len(texts), found), np.ones(len(texts), np.int64), limit)
    pairs: list[Pair] = []
    clusters: list[Cluster] = []
    omitted = Omitted()
    for batch in batches:
        own = batch.tolist()
        part = find_in_sketches(
            select_texts(sketches, batch),
            partial(_read, texts, own),
            quality=[quality[row] for row in own],
            settings=chosen,
            linkage=linkage,
        )
        pairs += [_renumbered(pair, own) for pair in part.pairs]
        clusters += [
            replace(
                cluster,
                members=tuple(own[member] for member in cluster.members),
                representative=own[cluster.representative],
                pairs=tuple(_renumbered(pair, own) for pair in cluster.pairs),
            )
            for cluster in part.clusters
        ]
        omitted += part.omitted
    return Duplicates(
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.left, pair.right))),
        clusters=tuple(sorted(clusters, key=lambda cluster: cluster.members)),
        empty=tuple(np.flatnonzero(sketches.tokens == 0).tolist()),
        omitted=omitted,
    )


def _edges(sketches: Sketches, table: int, firsts: NDArray[np.int64], chosen: Settings) -> NDArray[np.int64]:
    rows, signatures = sketches.tables[table].rows, sketches.tables[table].signatures
    kept = np.isin(rows, firsts)
    keys = band_keys(signatures, chosen)
    bands = [(rows[kept], keys[band][kept]) for band in range(len(keys))]
    return band_edges(bands, lambda numbers: signatures[np.searchsorted(rows, numbers)], chosen)


def _read(texts: list[str], numbers: list[int], rows: Sequence[int]) -> list[str]:
    return [texts[numbers[row]] for row in rows]


def _renumbered(pair: Pair, numbers: list[int]) -> Pair:
    return replace(pair, left=numbers[pair.left], right=numbers[pair.right])


def made_texts(chance: random.Random) -> list[str]:
    """Return texts of several lengths: copies, chains of small changes, and a form that many texts fill in."""
    texts = []
    for _ in range(chance.randrange(1, 12)):
        text = chance.choices(WORDS, k=chance.choice([0, 3, 20, 58, 61, 90, 170]))
        for _ in range(chance.choice([1, 1, 2, 6])):
            texts.append(" ".join(text))
            if text and chance.random() < 0.8:
                text = list(text)
                for _ in range(chance.randrange(1, 1 + len(text) // 8 + 1)):
                    text[chance.randrange(len(text))] = chance.choice(WORDS)
    if chance.random() < 0.4:
        form = chance.choices(WORDS, k=chance.choice([40, 80]))
        fillings = (chance.choices(WORDS, k=chance.randrange(1, 12)) for _ in range(chance.randrange(30, 60)))
        texts += [" ".join([*form, *filling]) for filling in fillings]  # more than a bucket has all pairs of
    chance.shuffle(texts)
    return texts


@pytest.mark.parametrize("linkage", Linkage)
@given(seed=st.integers(0, 1 << 30), limit=st.sampled_from([1, 10, 10_000]), levels=st.integers(1, 3))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_components_give_what_all_texts_together_give(linkage: Linkage, seed: int, limit: int, levels: int) -> None:
    chance = random.Random(seed)
    texts = made_texts(chance)
    quality = [(float(chance.randrange(levels)),) for _ in texts]
    chosen = Settings(threshold=chance.choice([0.5, 0.7, 0.9]), fold=chance.random() < 0.5)
    together = find_duplicates(texts, quality=quality, settings=chosen, linkage=linkage)
    assert find_by_components(texts, quality, chosen, linkage, limit) == together


def test_a_bucket_of_many_is_a_star_and_one_of_few_all_pairs() -> None:
    def edges(count: int) -> int:
        texts = np.arange(count)
        keys = np.full(count, 7, np.uint64)
        same = np.zeros((count, 128), np.uint32)
        return len(band_edges([(texts, keys)], lambda numbers: same[numbers], Settings()))

    assert edges(32) == 32 * 31 // 2
    assert edges(33) == 32


def test_a_component_is_never_cut() -> None:
    roots = components(9, [np.array([[0, 3], [3, 8], [1, 2]])])
    assert roots.tolist() == [0, 1, 1, 0, 4, 5, 6, 7, 0]
    assert [batch.tolist() for batch in batch_components(roots, np.ones(9, np.int64), 1)] == [[0, 3, 8], [1, 2]]
    assert [batch.tolist() for batch in batch_components(roots, np.ones(9, np.int64), 4)] == [[0, 1, 2, 3, 8]]
