"""What is found is what an independent reading of the definition finds, on copies of the project's own texts."""

from __future__ import annotations

import pytest

from benchmarks import dedupe_accuracy
from benchmarks.dedupe_natural import join_units, load_units
from benchmarks.dedupe_truth import similar_pairs, words
from saaf.dedupe import Settings, find_duplicates


@pytest.mark.parametrize("language", ["hi", "ur", "ar"])
def test_pairs_are_the_true_ones(language: str) -> None:
    documents, _ = dedupe_accuracy.planted_duplicates(load_units(language, None), "middle", 120)
    texts = [join_units(language, document) for document in documents]
    true = similar_pairs([words(text) for text in texts], 3, 0.7)
    found = {(p.left, p.right): p.jaccard for p in find_duplicates(texts, settings=Settings(short_tokens=1)).pairs}
    copies = {pair for pair, similarity in true.items() if similarity == 1.0}  # of these not every pair is listed
    assert found.items() <= true.items()
    assert len(true.keys() - copies) > 100
    listed = dedupe_accuracy.saaf_pairs(texts, Settings(short_tokens=1))
    assert dedupe_accuracy.precision_recall(listed, set(true)) >= (1.0, 0.99)


def test_a_missed_pair_and_a_wrong_one_lower_the_rates() -> None:
    assert dedupe_accuracy.precision_recall({(0, 1), (2, 3)}, {(0, 1), (4, 5)}) == (0.5, 0.5)
