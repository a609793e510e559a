"""Which pairs of signatures deserve an exact comparison: locality-sensitive hashing by sorting, one band at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.hashing import BASE, mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

HOT = 32
"""Members from which a bucket is hot: in a smaller one every pair is looked at (at most 496 of them)."""
PIVOTS = 1000
"""Members of a hot bucket, the best first, that are compared with every other member."""

_RISK = 1e-4  # of rejecting by signature a pair that is at the threshold: a hundredth of what the bands may miss
_FEW = 1 << 20  # pairs found, many of them in several bands, before repeats are dropped: 8 MB
_AT_ONCE = 1 << 14  # pairs compared at a time: 16 MB of signatures


def candidate_pairs(
    signatures: NDArray[np.uint32], settings: Settings, rows: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return int64[m, 2], sorted: the pairs (left < right) that share a band and whose signatures are close enough.

    They are places in `rows`, the rows of `signatures` that are compared, or rows themselves where that is None. These
    come from the best text to the worst. In a hot bucket each pivot, taken in that order, is compared with all that
    remain, and whatever is surely its duplicate needs no pivot of its own. So each of these meets the best member it
    could be clustered with; two of them may not meet each other. After `PIVOTS` rounds the rest of the bucket, texts
    unlike any pivot, meet only their neighbours, and whomever they share a cooler bucket with.
    """
    rows = np.arange(len(signatures)) if rows is None else rows
    low, high = agreement_bounds(settings.threshold, settings.num_perm)
    bands = settings.bands
    known = np.zeros(0, np.int64)
    new: list[NDArray[np.int64]] = []
    for band in range(bands.count):
        keys, places = _sorted_by_key(np.take(signatures[:, band * bands.rows : (band + 1) * bands.rows], rows, axis=0))
        for one, other in _bucket_pairs(keys, places, signatures, rows, high):
            near = agreement(signatures, rows[one], rows[other]) >= low
            new.append(np.minimum(one, other)[near] * len(rows) + np.maximum(one, other)[near])
            if sum(map(len, new)) > max(len(known), _FEW):
                known, new = np.unique(np.concatenate((known, *new))), []
    known = np.unique(np.concatenate((known, *new)))
    return np.stack([known // max(len(rows), 1), known % max(len(rows), 1)], axis=1)


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


def _sorted_by_key(band: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the keys of one band's values, sorted, and the places they come from; places of one key are sorted.

    A key is what a hash has room for beside the place, so that one sort of numbers does: 44 bits beside a million
    places. That two bands get one key by chance, at a chance of 3 % in a million texts, costs a look at the signatures.
    """
    key = np.zeros(len(band), np.uint64)
    for column in range(band.shape[1]):
        key = (key + band[:, column] + np.uint64(1)) * np.uint64(BASE)
    key = mix(key)
    bits = np.uint64(max(len(band) - 1, 0).bit_length())
    packed = key >> bits << bits | np.arange(len(band), dtype=np.uint64)
    packed.sort()
    return packed >> bits, (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)


def _bucket_pairs(
    keys: NDArray[np.uint64],
    places: NDArray[np.int64],
    signatures: NDArray[np.uint32],
    rows: NDArray[np.int64],
    surely: int,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pairs of places that share a bucket; `keys` are sorted, `places` go with them."""
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(starts, append=len(keys))
    for bucket in np.flatnonzero(sizes > HOT):
        yield from _hot_pairs(places[starts[bucket] : starts[bucket] + sizes[bucket]], signatures, rows, surely)
    cool = np.repeat((sizes <= HOT) & (sizes > 1), sizes)
    keys, places = keys[cool], places[cool]
    for distance in range(1, HOT):
        same = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(same):
            return
        yield places[same], places[same + distance]


def _hot_pairs(
    members: NDArray[np.int64], signatures: NDArray[np.uint32], rows: NDArray[np.int64], surely: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pairs of a hot bucket: pivots with all that remain, then what still remains with its neighbours."""
    for _ in range(PIVOTS):
        if len(members) <= HOT:
            break
        pivot, members = np.full(len(members) - 1, members[0]), members[1:]
        yield pivot, members
        members = members[agreement(signatures, rows[pivot], rows[members]) < surely]
    for distance in range(1, min(HOT, len(members))):
        yield members[:-distance], members[distance:]
