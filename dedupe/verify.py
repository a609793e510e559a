"""The truth about a pair: exact Jaccard similarity of its shingle sets, for every candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.candidates import candidate_pairs
from dedupe.clusters import Pair
from dedupe.settings import Settings
from dedupe.signatures import shingles, signatures
from dedupe.tokenizer import TokenHashes, token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DEFAULT = Settings()

_TOKENS_AT_ONCE = 1 << 20  # shingled at a time: 8 MB an array, however many texts there are
_PAIRS_AT_ONCE = 1 << 16  # verified at a time: their shingle sets are in memory together, 150 MB for 300-word texts
_REPEATS = 2  # a text that says everything twice is still compared with a short one that says it once


def jaccard(left: str, right: str, *, settings: Settings = DEFAULT) -> float:
    """Return the exact similarity of two texts, 0 to 1: shared shingles over all shingles; 0 where one has no token."""
    hashes = token_hashes([left, right], folded=settings.fold)
    sizes = np.diff(hashes.bounds)
    if not sizes.all():
        return 0.0
    short = int(sizes.min()) < settings.short_tokens
    one, other = shingles(hashes, settings.short_shingle_size if short else settings.shingle_size).sets()
    return compare(one, other)[0]


def compare(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> tuple[float, float]:
    """Return Jaccard similarity and containment of two sorted sets, neither of them empty."""
    both = np.concatenate((one, other))
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(both) - shared), shared / min(len(one), len(other))


def near_pairs(texts: TokenHashes, settings: Settings) -> list[Pair]:
    """Return the pairs of texts at the threshold or over it, by position in `texts`; each text has a token.

    The texts come from the best to the worst; that order matters only in hot buckets, see `candidate_pairs`.
    """
    found: list[Pair] = []
    for rows, size, wanted in _passes(np.diff(texts.bounds), settings):
        signed = _sign(texts.take(rows), size, settings)
        pairs = rows[candidate_pairs(signed, settings)]
        found.extend(_verify(texts, pairs[wanted[pairs].any(axis=1)], size, settings.threshold))
    return found


def _passes(sizes: NDArray[np.int64], settings: Settings) -> Iterator[tuple[NDArray[np.int64], int, NDArray[np.bool_]]]:
    """Yield (rows, shingle size, wanted): texts to be compared with each other, of each pair at least one wanted.

    Two longer texts are compared by long shingles. A short one is compared by short shingles with all that are not so
    much longer that they could not reach the threshold.
    """
    if settings.shingle_size == settings.short_shingle_size:
        yield np.arange(len(sizes)), settings.shingle_size, np.ones(len(sizes), np.bool_)
        return
    short = sizes < settings.short_tokens
    yield np.flatnonzero(~short), settings.shingle_size, ~short
    if short.any():
        reach = _REPEATS * settings.short_tokens / settings.threshold
        yield np.flatnonzero(sizes < reach), settings.short_shingle_size, short


def _sign(texts: TokenHashes, size: int, settings: Settings) -> NDArray[np.uint32]:
    count = len(texts.bounds) - 1
    cuts = np.flatnonzero(np.diff(texts.bounds[:-1] // _TOKENS_AT_ONCE)) + 1
    parts = [signatures(shingles(texts.take(rows), size), settings) for rows in np.split(np.arange(count), cuts)]
    return np.concatenate(parts)


def _verify(texts: TokenHashes, pairs: NDArray[np.int64], size: int, threshold: float) -> Iterator[Pair]:
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[start : start + _PAIRS_AT_ONCE]
        rows = np.unique(some)
        sets = dict(zip(rows.tolist(), shingles(texts.take(rows), size).sets(), strict=True))
        for left, right in some.tolist():
            similarity, containment = compare(sets[left], sets[right])
            if similarity >= threshold:
                yield Pair(left=left, right=right, jaccard=similarity, containment=containment)
