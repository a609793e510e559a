"""Near-duplicates among texts: exact copies first, then candidates by MinHash, each verified on its true shingles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.candidates import candidate_pairs
from dedupe.clusters import Cluster, Pair, Quality, star_clusters
from dedupe.hashing import segment_hashes
from dedupe.settings import Settings
from dedupe.signatures import shingles, signatures
from dedupe.tokenizer import TokenHashes, token_hashes

_BLOCK = 1 << 20  # tokens shingled at a time: 8 MB an array, however many texts there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What was found: verified pairs sorted by (left, right), clusters by first member, and the texts without a token.

    Of identical texts only the pair with the first of them is listed; the others follow from it.
    """

    pairs: tuple[Pair, ...]
    clusters: tuple[Cluster, ...]
    empty: tuple[int, ...]


DEFAULT = Settings()


def find_duplicates(
    texts: Sequence[str], *, quality: Sequence[Quality] | None = None, settings: Settings = DEFAULT
) -> Duplicates:
    """Find the near-duplicates among texts; every index in the answer is one into `texts`.

    `quality` has one tuple of numbers for each text, all of one length, compared from the left, larger is better; None
    means all are equal. The clusters do not depend on the order of the texts; of equally good texts the first
    represents. Raises ValueError where `quality` does not go with `texts`.
    """
    quality = _checked(quality, len(texts))
    hashes = token_hashes(texts, folded=settings.fold)
    copies, order = _group_copies(hashes, quality)
    heads = hashes.take(np.array([group[0] for group in copies], np.int64))
    verified = _near_pairs(heads, order, settings)
    edges: dict[int, dict[int, Pair]] = {}
    pairs = [Pair(left=group_first, right=text, jaccard=1.0, containment=1.0)
             for group in copies for group_first in [min(group)] for text in group if text != group_first]
    for one, other, jaccard_, containment in verified:
        left, right = sorted((copies[one][0], copies[other][0]))
        pair = Pair(left=left, right=right, jaccard=jaccard_, containment=containment)
        edges.setdefault(one, {})[other] = edges.setdefault(other, {})[one] = pair
        pairs.append(pair)
    return Duplicates(
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.left, pair.right))),
        clusters=star_clusters(copies, order, edges, quality),
        empty=tuple(np.flatnonzero(np.diff(hashes.bounds) == 0).tolist()),
    )


def jaccard(left: str, right: str, *, settings: Settings = DEFAULT) -> float:
    """Return the exact similarity of two texts, 0 to 1; 0 where one has no token."""
    hashes = token_hashes([left, right], folded=settings.fold)
    sizes = np.diff(hashes.bounds)
    if not sizes.all():
        return 0.0
    short = sizes.min() < settings.short_tokens
    one, other = shingles(hashes, settings.short_shingle_size if short else settings.shingle_size).sets()
    return _compare(one, other)[0]


def _checked(quality: Sequence[Quality] | None, count: int) -> Sequence[Quality]:
    if quality is None:
        return [()] * count
    if len(quality) != count:
        raise ValueError(f"{len(quality)} quality tuples for {count} texts: give one for each text")
    if len({len(each) for each in quality}) > 1 or any(math.isnan(value) for each in quality for value in each):
        raise ValueError("quality tuples must all have the same length and no NaN, or they cannot be ordered")
    return quality


def _group_copies(hashes: TokenHashes, quality: Sequence[Quality]) -> tuple[list[list[int]], list[int]]:
    """Return groups of texts with the same tokens, best text first, and the group numbers from the best to the worst.

    Groups of equal quality are ordered by their hash, so that no later choice depends on the order of the texts.
    """
    filled = np.flatnonzero(np.diff(hashes.bounds))
    content = segment_hashes(hashes.values, hashes.bounds[filled], hashes.bounds[filled + 1])
    groups: dict[int, list[int]] = {}
    for text, key in zip(filled.tolist(), content.tolist(), strict=True):
        groups.setdefault(key, []).append(text)
    keys = sorted(groups)
    copies = [sorted(groups[key], key=lambda text: quality[text], reverse=True) for key in keys]
    order = sorted(range(len(copies)), key=lambda group: quality[copies[group][0]], reverse=True)
    return copies, order


def _near_pairs(heads: TokenHashes, order: Sequence[int], settings: Settings) -> list[tuple[int, int, float, float]]:
    """Return (one, other, jaccard, containment) of the verified pairs among texts that all have tokens.

    Short texts, and those not so much longer that no similarity could reach the threshold, are compared by short
    shingles; pairs of two longer texts by long ones.
    """
    rank = np.empty(len(order), np.int64)
    rank[np.array(order, np.int64)] = np.arange(len(order))
    sizes = np.diff(heads.bounds)
    short = sizes < settings.short_tokens
    reach = sizes < settings.short_tokens / settings.threshold
    found: list[tuple[int, int, float, float]] = []
    for rows, size in ((np.flatnonzero(~short), settings.shingle_size), (np.flatnonzero(reach), settings.short_shingle_size)):
        rows = rows if size != settings.short_shingle_size or short.any() else rows[:0]
        some = heads.take(rows)
        pairs = rows[candidate_pairs(_sign(some, size, settings), rank[rows], settings)].reshape(-1, 2)
        if size == settings.short_shingle_size:
            pairs = pairs[short[pairs].any(axis=1)]
        found.extend(_verify(heads, pairs, size, settings.threshold))
    return found


def _sign(hashes: TokenHashes, size: int, settings: Settings) -> NDArray[np.uint32]:
    count = len(hashes.bounds) - 1
    parts = [np.zeros((0, settings.num_perm), np.uint32)]
    for rows in np.split(np.arange(count), np.flatnonzero(np.diff(hashes.bounds[:-1] // _BLOCK)) + 1):
        parts.append(signatures(shingles(hashes.take(rows), size), settings))
    return np.concatenate(parts)


def _verify(
    hashes: TokenHashes, pairs: NDArray[np.int64], size: int, threshold: float
) -> list[tuple[int, int, float, float]]:
    rows = np.unique(pairs)
    sets = dict(zip(rows.tolist(), shingles(hashes.take(rows), size).sets(), strict=True))
    compared = ((one, other, *_compare(sets[one], sets[other])) for one, other in pairs.tolist())
    return [pair for pair in compared if pair[2] >= threshold]


def _compare(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> tuple[float, float]:
    """Return Jaccard similarity and containment of two non-empty sorted sets."""
    both = np.concatenate((one, other))
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(both) - shared), shared / min(len(one), len(other))
