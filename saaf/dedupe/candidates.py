"""Candidate pairs by locality-sensitive hashing (LSH) of MinHash signatures, one band at a time.

Signatures are cut into bands, and texts whose values in a band are all equal share a bucket (Leskovec, Rajaraman and
Ullman, Mining of Massive Datasets, section 3.4). The buckets of a band are found by sorting its keys. A pair that
shares a bucket is a candidate only where its whole signatures are similar enough.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.hashing import BASE, fmix64

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from saaf.dedupe.large_groups import LargeGroups
    from saaf.dedupe.settings import Settings

LARGE_BUCKET = 32
"""The largest bucket of which all pairs are formed (at most 496)."""

_FALSE_REJECTION = 1e-4  # probability of rejecting a pair at the threshold: a hundredth of what the bands may miss
_MAX_PENDING_PAIRS = 1 << 20  # pairs collected, many of them in several bands, before repeats are dropped: 8 MB
_PAIRS_PER_BATCH = 1 << 14  # pairs compared at a time: 16 MB of signatures


def candidate_pairs(
    signatures: NDArray[np.uint32],
    settings: Settings,
    rows: NDArray[np.int64] | None = None,
    large: LargeGroups | None = None,
) -> NDArray[np.int64]:
    """Return the candidate pairs, int64[m, 2], left < right, sorted, each once.

    `signatures` is uint32[n, num_perm]. `rows`, int64[k], are the rows of `signatures` that are compared; None means
    all. The pairs are positions in `rows`. A pair is a candidate where the two share the bucket of some band and at
    least as many signature values are equal as `min_equal_values` asks for at the threshold.

    Not all pairs of a bucket with more than `LARGE_BUCKET` members are formed. With `large`, groups of k texts without
    a bucket yet, such a bucket is added there instead, for its texts to be compared in another way; pairs inside one of
    the groups may be left out. With None each member is compared with the `LARGE_BUCKET` - 1 that follow.
    """
    rows = np.arange(len(signatures)) if rows is None else rows
    low = min_equal_values(settings.threshold, settings.num_perm)
    bands = settings.bands
    # A pair is one number, left * len(rows) + right, so that repeats are dropped by `np.unique`.
    unique_pairs = np.zeros(0, np.int64)
    pending: list[NDArray[np.int64]] = []
    for band in range(bands.count):
        values = np.take(signatures[:, band * bands.rows : (band + 1) * bands.rows], rows, axis=0)
        keys, positions = _sorted_band_keys(values)
        if large is not None:
            keys, positions = _move_large_buckets(keys, positions, large)
        for one, other in bucket_pairs(keys, positions):
            if large is not None and not large.empty:
                apart = ~large.same_group(one, other)
                one, other = one[apart], other[apart]  # noqa: PLW2901
            similar = count_equal_values(signatures, rows[one], rows[other]) >= low
            pending.append(np.minimum(one, other)[similar] * len(rows) + np.maximum(one, other)[similar])
            if sum(map(len, pending)) > max(len(unique_pairs), _MAX_PENDING_PAIRS):
                unique_pairs, pending = np.unique(np.concatenate((unique_pairs, *pending))), []
    unique_pairs = np.unique(np.concatenate((unique_pairs, *pending)))
    return np.stack([unique_pairs // max(len(rows), 1), unique_pairs % max(len(rows), 1)], axis=1)


def count_equal_values(
    signatures: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many signature values are equal, int64[m], for each pair of rows `left[i]`, `right[i]`.

    Divided by the length of a signature this is the MinHash estimate of the Jaccard similarity (Broder 1997).
    """
    result = np.empty(len(left), np.int64)
    for start in range(0, len(left), _PAIRS_PER_BATCH):
        part = slice(start, start + _PAIRS_PER_BATCH)
        result[part] = np.count_nonzero(signatures[left[part]] == signatures[right[part]], axis=1)
    return result


def min_equal_values(threshold: float, num_perm: int, risk: float = _FALSE_REJECTION) -> int:
    """Return the least number of equal values by which a pair exactly at the threshold is not rejected.

    That number is binomial(num_perm, threshold); it is lower with a probability of at most `risk`.
    """
    probabilities = [
        math.comb(num_perm, k) * threshold**k * (1 - threshold) ** (num_perm - k) for k in range(num_perm + 1)
    ]
    return next(k for k in range(num_perm + 1) if sum(probabilities[: k + 1]) > risk)


def _sorted_band_keys(band: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the sorted keys of one band's values uint32[k, rows], and the positions 0 to k they come from.

    Positions of equal keys are sorted. A key is as many bits of the hash as fit beside the position, so that one sort
    of integers does: 44 bits beside a million positions. That two unequal bands get one key, at a probability of 3 % in
    a million texts, costs a comparison of signatures.
    """
    key = np.zeros(len(band), np.uint64)
    for column in range(band.shape[1]):
        key = (key + band[:, column] + np.uint64(1)) * np.uint64(BASE)
    return sort_keys(fmix64(key))


def sort_keys(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return hashes, uint64[k], sorted and cut short as `_sorted_band_keys` says, and the positions they come from."""
    bits = np.uint64(max(len(keys) - 1, 0).bit_length())
    packed = keys >> bits << bits | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    return packed >> bits, (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)


def _move_large_buckets(
    keys: NDArray[np.uint64], positions: NDArray[np.int64], large: LargeGroups
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return keys and positions, sorted as they came, without those of large buckets, which are added to `large`."""
    in_large_bucket, first = large_buckets(keys, positions)
    if not in_large_bucket.any():
        return keys, positions
    large.add_buckets(first, positions[in_large_bucket])
    return keys[~in_large_bucket], positions[~in_large_bucket]


def large_buckets(
    keys: NDArray[np.uint64], positions: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which of the sorted keys are those of a large bucket, bool[k], and for each the first of its bucket."""
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(starts, append=len(keys))
    large = sizes > LARGE_BUCKET
    return np.repeat(large, sizes), np.repeat(positions[starts[large]], sizes[large])


def bucket_pairs(
    keys: NDArray[np.uint64], positions: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield arrays of pairs of positions that share a bucket; `keys` are sorted, `positions` go with them."""
    for distance in range(1, LARGE_BUCKET):
        equal = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(equal):
            return
        yield positions[equal], positions[equal + distance]
