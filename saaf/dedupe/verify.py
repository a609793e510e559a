"""Exact verification of candidate pairs: Jaccard similarity and containment of their shingle sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs
from saaf.dedupe.clusters import Pair
from saaf.dedupe.fingerprints import shingle_sets, write_signatures
from saaf.dedupe.settings import DEFAULT_SETTINGS
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.fingerprints import Fingerprints
    from saaf.dedupe.settings import Settings

_TOKENS_PER_BATCH = 1 << 20  # of the texts of pairs verified at a time: their shingle sets take 8 bytes each, 8 MB


def jaccard(left: str, right: str, *, settings: Settings = DEFAULT_SETTINGS) -> float:
    """Return the exact Jaccard similarity of the shingle sets of two texts, 0 to 1; 0 where one has no token.

    It is the resemblance of Broder (1997). Where the shorter text has fewer than `short_tokens` tokens, both are cut
    into shingles of `short_shingle_size` tokens.
    """
    hashes = token_hashes([left, right], folded=settings.fold)
    sizes = np.diff(hashes.offsets)
    if not sizes.all():
        return 0.0
    short = int(sizes.min()) < settings.short_tokens
    one, other = shingles(hashes, settings.short_shingle_size if short else settings.shingle_size).sets()
    return jaccard_and_containment(one, other)[0]


def jaccard_and_containment(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> tuple[float, float]:
    """Return the Jaccard similarity and the containment of two sets, each uint64, sorted, distinct and not empty.

    Jaccard similarity is the size of the intersection over that of the union, containment the size of the intersection
    over that of the smaller set; both are 0 to 1.
    """
    both = np.concatenate((one, other))
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(both) - shared), shared / min(len(one), len(other))


def verified_pairs(
    texts: Sequence[str], fingerprints: Fingerprints, rows: NDArray[np.int64], settings: Settings
) -> list[Pair]:
    """Return the pairs at the threshold or over it among the texts `rows`, int64[k], each of which has a token.

    The rows come from the best text to the worst; that order matters only in large buckets, see `candidate_pairs`.
    Texts are read again where they are short and where they are candidates. The signatures of short texts replace those
    in `fingerprints.signatures`, so that memory is bounded by these: 512 bytes a text.
    """
    pairs: list[Pair] = []
    tokens = fingerprints.tokens[rows]
    for chosen, shingle_size, required in _comparison_groups(tokens, settings):
        if shingle_size != settings.shingle_size:
            write_signatures(texts, rows[chosen], shingle_size, settings, fingerprints.signatures)
        candidates = chosen[candidate_pairs(fingerprints.signatures, settings, rows[chosen])]
        candidates = candidates[required[candidates].any(axis=1)]
        compared = _compare(texts, rows[candidates], tokens[candidates].sum(axis=1), shingle_size, settings)
        pairs.extend(pair for pair in compared if pair.jaccard >= settings.threshold)
    return pairs


def _comparison_groups(
    tokens: NDArray[np.int64], settings: Settings
) -> Iterator[tuple[NDArray[np.int64], int, NDArray[np.bool_]]]:
    """Yield (positions, shingle size, required): texts to be compared with each other by shingles of that size.

    Of each pair at least one text must be `required`, bool[k]. Two longer texts are compared by long shingles. A short
    one is compared by short shingles with all that are not so much longer that they could not reach the threshold.
    """
    if settings.shingle_size == settings.short_shingle_size:
        yield np.arange(len(tokens)), settings.shingle_size, np.ones(len(tokens), np.bool_)
        return
    short = tokens < settings.short_tokens
    yield np.flatnonzero(~short), settings.shingle_size, ~short
    if short.any():
        yield np.flatnonzero(tokens < settings.short_reach), settings.short_shingle_size, short


def _compare(
    texts: Sequence[str], pairs: NDArray[np.int64], tokens: NDArray[np.int64], shingle_size: int, settings: Settings
) -> Iterator[Pair]:
    """Yield the pairs, int64[m, 2], sorted, with their exact similarities.

    `tokens`, int64[m], the tokens of both texts of a pair, limits how many are in memory together.
    """
    pairs = np.sort(pairs, axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs = pairs[order]
    ends = np.cumsum(tokens[order])
    for batch in np.split(pairs, np.flatnonzero(np.diff(ends // _TOKENS_PER_BATCH)) + 1):
        sets = shingle_sets(texts, np.unique(batch), shingle_size, settings)
        for left, right in batch.tolist():
            similarity, containment = jaccard_and_containment(sets[left], sets[right])
            yield Pair(left=left, right=right, jaccard=similarity, containment=containment)
