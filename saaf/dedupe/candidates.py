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

    from saaf.dedupe.settings import Settings

LARGE_BUCKET = 32
"""The largest bucket of which all pairs are formed (at most 496); a larger one is compared through pivots."""
MAX_PIVOTS = 1000
"""How many members of a large bucket, the best first, are compared with all the remaining members."""

_FALSE_REJECTION = 1e-4  # probability of rejecting a pair at the threshold: a hundredth of what the bands may miss
_MAX_PENDING_PAIRS = 1 << 20  # pairs collected, many of them in several bands, before repeats are dropped: 8 MB
_PAIRS_PER_BATCH = 1 << 14  # pairs compared at a time: 16 MB of signatures


def candidate_pairs(
    signatures: NDArray[np.uint32], settings: Settings, rows: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the candidate pairs, int64[m, 2], left < right, sorted, each once.

    `signatures` is uint32[n, num_perm]. `rows`, int64[k], are the rows of `signatures` that are compared, from the best
    text to the worst; None means all rows. The pairs are positions in `rows`.

    A pair is a candidate where the two share the bucket of some band and at least as many signature values are equal as
    `equal_value_bounds` asks for at the threshold. Not all pairs of a bucket with more than `LARGE_BUCKET` members are
    formed: each pivot, taken in the order of `rows`, is compared with all remaining members, and members that are
    almost surely its duplicates become no pivots of their own. So each member is compared with the best one that it
    could be clustered with; two members of one cluster may not be compared. After `MAX_PIVOTS` pivots the remaining
    members, which are unlike all of them, are compared only with their neighbours, and in smaller buckets.
    """
    rows = np.arange(len(signatures)) if rows is None else rows
    low, high = equal_value_bounds(settings.threshold, settings.num_perm)
    bands = settings.bands
    # A pair is one number, left * len(rows) + right, so that repeats are dropped by `np.unique`.
    unique_pairs = np.zeros(0, np.int64)
    pending: list[NDArray[np.int64]] = []
    for band in range(bands.count):
        values = np.take(signatures[:, band * bands.rows : (band + 1) * bands.rows], rows, axis=0)
        keys, positions = _sorted_band_keys(values)
        for one, other in _bucket_pairs(keys, positions, signatures, rows, high):
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


def equal_value_bounds(threshold: float, num_perm: int, risk: float = _FALSE_REJECTION) -> tuple[int, int]:
    """Return (low, high): the bounds of the number of equal values that a pair exactly at the threshold has.

    That number is binomial(num_perm, threshold). It is under `low` with a probability of at most `risk`, and `high` or
    over with a probability of at most `risk`, unless `high` was cut to `num_perm`.
    """
    probabilities = [
        math.comb(num_perm, k) * threshold**k * (1 - threshold) ** (num_perm - k) for k in range(num_perm + 1)
    ]
    low = next(k for k in range(num_perm + 1) if sum(probabilities[: k + 1]) > risk)
    high = next(k for k in range(num_perm, -1, -1) if sum(probabilities[k:]) > risk)
    return low, min(high + 1, num_perm)


def _sorted_band_keys(band: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the sorted keys of one band's values uint32[k, rows], and the positions 0 to k they come from.

    Positions of equal keys are sorted. A key is as many bits of the hash as fit beside the position, so that one sort
    of integers does: 44 bits beside a million positions. That two unequal bands get one key, at a probability of 3 % in
    a million texts, costs a comparison of signatures.
    """
    key = np.zeros(len(band), np.uint64)
    for column in range(band.shape[1]):
        key = (key + band[:, column] + np.uint64(1)) * np.uint64(BASE)
    key = fmix64(key)
    bits = np.uint64(max(len(band) - 1, 0).bit_length())
    packed = key >> bits << bits | np.arange(len(band), dtype=np.uint64)
    packed.sort()
    return packed >> bits, (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)


def _bucket_pairs(
    keys: NDArray[np.uint64],
    positions: NDArray[np.int64],
    signatures: NDArray[np.uint32],
    rows: NDArray[np.int64],
    high: int,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield arrays of pairs of positions that share a bucket; `keys` are sorted, `positions` go with them."""
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(starts, append=len(keys))
    for bucket in np.flatnonzero(sizes > LARGE_BUCKET):
        members = positions[starts[bucket] : starts[bucket] + sizes[bucket]]
        yield from _large_bucket_pairs(members, signatures, rows, high)
    in_small_bucket = np.repeat((sizes <= LARGE_BUCKET) & (sizes > 1), sizes)
    keys, positions = keys[in_small_bucket], positions[in_small_bucket]
    for distance in range(1, LARGE_BUCKET):
        equal = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(equal):
            return
        yield positions[equal], positions[equal + distance]


def _large_bucket_pairs(
    members: NDArray[np.int64], signatures: NDArray[np.uint32], rows: NDArray[np.int64], high: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pairs of a large bucket: pivots with all remaining members, then what remains with its neighbours.

    A member with `high` or more values equal to those of a pivot is taken for its duplicate, and remains no longer.
    """
    for _ in range(MAX_PIVOTS):
        if len(members) <= LARGE_BUCKET:
            break
        pivot, members = np.full(len(members) - 1, members[0]), members[1:]
        yield pivot, members
        members = members[count_equal_values(signatures, rows[pivot], rows[members]) < high]
    for distance in range(1, min(LARGE_BUCKET, len(members))):
        yield members[:-distance], members[distance:]
