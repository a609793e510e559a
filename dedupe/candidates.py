"""Which pairs of signatures deserve an exact comparison: locality-sensitive hashing by sorting, one band at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dedupe.hashing import segment_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedupe.settings import Settings

HOT = 32
"""Members from which a bucket is hot: in a smaller one every pair is looked at (at most 496 of them)."""
PIVOTS = 1000
"""Members of a hot bucket, the best first, that are compared with every other member."""

_RISK = 1e-4  # of rejecting by signature a pair that is at the threshold: a hundredth of what the bands may miss
_AT_ONCE = 1 << 14  # pairs compared at a time: 16 MB of signatures


def candidate_pairs(signatures: NDArray[np.uint32], settings: Settings) -> NDArray[np.int64]:
    """Return int64[m, 2], sorted: the row pairs (left < right) that share a band and whose signatures are close enough.

    Rows come from the best text to the worst. In a hot bucket each pivot, taken in that order, is compared with all
    that remain, and whatever is surely its duplicate needs no pivot of its own. So each of these meets the best member
    it could be clustered with; two of them may not meet each other. After `PIVOTS` rounds the rest of the bucket,
    texts unlike any pivot, meet only their neighbours, and whomever they share a cooler bucket with.
    """
    low, high = agreement_bounds(settings.threshold, settings.num_perm)
    bands = settings.bands
    count = len(signatures)
    known = np.zeros(0, np.int64)
    for band in range(bands.count):
        keys = _band_keys(signatures, band * bands.rows, bands.rows)
        rows = np.argsort(keys, kind="stable")
        for left, right in _bucket_pairs(keys[rows], rows, signatures, high):
            code = np.unique(np.minimum(left, right) * count + np.maximum(left, right))
            code = code[~_contains(known, code)]
            near = agreement(signatures, code // count, code % count) >= low
            known = np.union1d(known, code[near])
    return np.stack([known // count, known % count], axis=1) if count else np.zeros((0, 2), np.int64)


def agreement(signatures: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of the signature values agree, for each pair of rows."""
    result = np.empty(len(left), np.int64)
    for start in range(0, len(left), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        result[part] = np.count_nonzero(signatures[left[part]] == signatures[right[part]], axis=1)
    return result


def agreement_bounds(threshold: float, num_perm: int, risk: float = _RISK) -> tuple[int, int]:
    """Return (low, high): at the threshold fewer than `low` values agree as rarely as `risk`, so do `high` and more."""
    chance = [math.comb(num_perm, k) * threshold**k * (1 - threshold) ** (num_perm - k) for k in range(num_perm + 1)]
    low = next(k for k in range(num_perm + 1) if sum(chance[: k + 1]) > risk)
    high = next(k for k in range(num_perm, -1, -1) if sum(chance[k:]) > risk)
    return low, min(high + 1, num_perm)


def _band_keys(signatures: NDArray[np.uint32], first: int, rows: int) -> NDArray[np.uint64]:
    values = np.ascontiguousarray(signatures[:, first : first + rows]).ravel()
    starts = np.arange(0, len(values), rows)
    return segment_hashes(values, starts, starts + rows)


def _bucket_pairs(
    keys: NDArray[np.uint64], rows: NDArray[np.int64], signatures: NDArray[np.uint32], surely: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield arrays of rows (left, right) that share a bucket; `keys` are sorted, `rows` go with them."""
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(starts, append=len(keys))
    for bucket in np.flatnonzero(sizes > HOT):
        yield from _hot_pairs(rows[starts[bucket] : starts[bucket] + sizes[bucket]], signatures, surely)
    cool = np.repeat((sizes <= HOT) & (sizes > 1), sizes)
    keys, rows = keys[cool], rows[cool]
    for distance in range(1, HOT):
        same = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(same):
            return
        yield rows[same], rows[same + distance]


def _hot_pairs(
    members: NDArray[np.int64], signatures: NDArray[np.uint32], surely: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pairs of a hot bucket: pivots with all that remain, then what still remains with its neighbours."""
    for _ in range(PIVOTS):
        if len(members) <= HOT:
            break
        pivot, members = np.full(len(members) - 1, members[0]), members[1:]
        yield pivot, members
        members = members[agreement(signatures, pivot, members) < surely]
    for distance in range(1, min(HOT, len(members))):
        yield members[:-distance], members[distance:]


def _contains(known: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which codes are in `known`; both are sorted."""
    where = np.searchsorted(known, codes)
    found = np.zeros(len(codes), np.bool_)
    inside = where < len(known)
    found[inside] = known[where[inside]] == codes[inside]
    return found
