"""The truth about a pair: exact Jaccard similarity of its shingle sets, for every candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs
from saaf.dedupe.clusters import Pair
from saaf.dedupe.passes import shingle_sets, sign
from saaf.dedupe.settings import Settings
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.passes import Survey

DEFAULT = Settings()

_TOKENS_AT_ONCE = 1 << 20  # of the texts of pairs verified at a time: their shingle sets take 8 bytes each, 8 MB
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


def near_pairs(texts: Sequence[str], known: Survey, rows: NDArray[np.int64], settings: Settings) -> list[Pair]:
    """Return the pairs at the threshold or over it among some texts, `rows`, each of which has a token.

    The rows come from the best text to the worst; that order matters only in hot buckets, see `candidate_pairs`.
    Texts are read again where they are short and where they are candidates; the signatures of short texts take the
    place of those in `known`, so that memory is bounded by these: 512 bytes a text.
    """
    found: list[Pair] = []
    tokens = known.tokens[rows]
    for chosen, size, wanted in _passes(tokens, settings):
        if size != settings.shingle_size:
            sign(texts, rows[chosen], size, settings, known.signatures)
        places = chosen[candidate_pairs(known.signatures, settings, rows[chosen])]
        places = places[wanted[places].any(axis=1)]
        compared = _compared(texts, rows[places], tokens[places].sum(axis=1), size, settings)
        found.extend(pair for pair in compared if pair.jaccard >= settings.threshold)
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


def _compared(
    texts: Sequence[str], pairs: NDArray[np.int64], tokens: NDArray[np.int64], size: int, settings: Settings
) -> Iterator[Pair]:
    """Yield the pairs, sorted, with their similarity; `tokens` of both texts together say how many fit into memory."""
    pairs = np.sort(pairs, axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs = pairs[order]
    ends = np.cumsum(tokens[order])
    for some in np.split(pairs, np.flatnonzero(np.diff(ends // _TOKENS_AT_ONCE)) + 1):
        sets = shingle_sets(texts, np.unique(some), size, settings)
        for left, right in some.tolist():
            similarity, containment = compare(sets[left], sets[right])
            yield Pair(left=left, right=right, jaccard=similarity, containment=containment)
