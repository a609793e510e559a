"""One segment of an index: the sketches of some documents in files that are never changed, read through memory maps.

For each shingle size and band the keys are sorted, with the place of each key's signature beside it, so that a look-up
is a binary search in a file of which the system loads the few pages that it touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from saaf.dedupe.candidates import agreement_bounds
from saaf.dedupe.hashing import segment_hashes
from saaf.dedupe.index_sketches import Sketches, Tier, tier_sizes, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

    Matched = tuple[int, NDArray[np.int64], NDArray[np.float64]]

MOST_IN_BUCKET = 1000
"""Documents of a segment that share a band with a new one and are looked at, the first that came: beyond, the band
belongs to boilerplate, and a near-duplicate shares other bands too."""

_AT_ONCE = 1 << 18  # pairs whose signatures are compared at a time: 128 MB for each side


def write_segment(directory: Path, sketches: Sketches, settings: Settings) -> None:
    """Write the arrays of a segment into a directory that exists."""
    order = np.argsort(sketches.content, kind="stable")
    _save(directory / "content.npy", sketches.content[order])
    _save(directory / "content_rows.npy", order.astype(np.uint32))
    _save(directory / "tokens.npy", sketches.tokens.astype(np.uint32))
    for tier in sketches.tiers:
        keys = band_keys(tier.signatures, settings)
        places = np.argsort(keys, axis=1, kind="stable")
        name = f"shingles{tier.size}"
        _save(directory / f"{name}_rows.npy", tier.rows.astype(np.uint32))
        _save(directory / f"{name}_signatures.npy", tier.signatures)
        _save(directory / f"{name}_keys.npy", np.take_along_axis(keys, places, axis=1))
        _save(directory / f"{name}_places.npy", places.astype(np.uint32))


def read_sketches(directory: Path, settings: Settings) -> Sketches:
    """Return the sketches of a segment in the order of its documents; the signatures stay on the disk."""
    content = np.zeros(len(_load(directory / "content.npy")), np.uint64)
    content[_load(directory / "content_rows.npy")] = _load(directory / "content.npy")
    tiers = []
    for size in tier_sizes(settings):
        rows = _load(directory / f"shingles{size}_rows.npy").astype(np.int64)
        tiers.append(Tier(size=size, rows=rows, signatures=_load(directory / f"shingles{size}_signatures.npy")))
    return Sketches(content=content, tokens=_load(directory / "tokens.npy").astype(np.int64), tiers=tuple(tiers))


def same_content(directory: Path, new: Sketches) -> NDArray[np.int64]:
    """Return int64[m, 2]: (row of `new`, row of the segment) of documents with the same tokens."""
    keys, rows = _load(directory / "content.npy"), _load(directory / "content_rows.npy")
    asked = np.flatnonzero(new.tokens)
    low = np.searchsorted(keys, new.content[asked], side="left")
    high = np.searchsorted(keys, new.content[asked], side="right")
    found = [np.zeros((0, 2), np.int64)]
    for part, places in _ranges(low, np.minimum(high, low + MOST_IN_BUCKET)):
        found.append(np.stack([asked[part], rows[places].astype(np.int64)], axis=1))
    return np.concatenate(found)


def near_content(directory: Path, new: Sketches, settings: Settings) -> Iterator[Matched]:
    """Yield (shingle size, int64[m, 2], float64[m]): rows (new, old) worth verifying, with the estimated similarity.

    Two rows share a band and agree in so many values that a pair at the threshold agrees in fewer once in 10,000. A
    pair comes once for each shingle size by which it is to be compared.
    """
    least, _ = agreement_bounds(settings.threshold, settings.num_perm)
    tokens = _load(directory / "tokens.npy")
    for tier in new.tiers:
        rows = _load(directory / f"shingles{tier.size}_rows.npy")
        signatures = _load(directory / f"shingles{tier.size}_signatures.npy")
        for pairs in _bucket_mates(directory, tier, settings):
            agreeing = np.count_nonzero(tier.signatures[pairs[:, 0]] == signatures[pairs[:, 1]], axis=1)
            near = agreeing >= least
            found = np.stack([tier.rows[pairs[near, 0]], rows[pairs[near, 1]].astype(np.int64)], axis=1)
            right = tokens[found[:, 1]].astype(np.int64)
            compared = wanted(new.tokens[found[:, 0]], right, tier.size, settings)
            yield tier.size, found[compared], (agreeing[near] / settings.num_perm)[compared]


def band_keys(signatures: NDArray[np.uint32], settings: Settings) -> NDArray[np.uint64]:
    """Return uint64[bands, n]: one hash for the values of each band of each signature."""
    bands = settings.bands
    keys = np.zeros((bands.count, len(signatures)), np.uint64)
    starts = np.arange(0, len(signatures) * bands.rows, bands.rows)
    for band in range(bands.count):
        values = np.ascontiguousarray(signatures[:, band * bands.rows : (band + 1) * bands.rows]).ravel()
        keys[band] = segment_hashes(values, starts, starts + bands.rows)
    return keys


def _bucket_mates(directory: Path, tier: Tier, settings: Settings) -> Iterator[NDArray[np.int64]]:
    """Yield arrays int64[m, 2] of places in the tiers, (new, old), that share a band; each pair once."""
    old = len(_load(directory / f"shingles{tier.size}_rows.npy"))
    if not old or not len(tier.rows):
        return
    keys = _load(directory / f"shingles{tier.size}_keys.npy")
    places = _load(directory / f"shingles{tier.size}_places.npy")
    asked = band_keys(tier.signatures, settings)
    low = np.stack([np.searchsorted(keys[band], asked[band], side="left") for band in range(len(keys))], axis=1)
    high = np.stack([np.searchsorted(keys[band], asked[band], side="right") for band in range(len(keys))], axis=1)
    high = np.minimum(high, low + MOST_IN_BUCKET)
    # By new document, all its bands at once, so that a pair is met once whatever the number of bands it shares.
    cuts = np.flatnonzero(np.diff(np.cumsum((high - low).sum(axis=1)) // _AT_ONCE)) + 1
    for part in np.split(np.arange(len(asked[0])), cuts):
        codes = [np.zeros(0, np.int64)]
        for band in range(len(keys)):
            for mine, theirs in _ranges(low[part, band], high[part, band]):
                codes.append(part[mine] * old + places[band][theirs])
        code = np.unique(np.concatenate(codes))
        for start in range(0, len(code), _AT_ONCE):
            some = code[start : start + _AT_ONCE]
            yield np.stack([some // old, some % old], axis=1)


def _ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (number of the range, place in it) for all places of all ranges [low, high), not too many at a time."""
    sizes = high - low
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // _AT_ONCE)) + 1
    for part in np.split(np.arange(len(sizes)), cuts):
        each = sizes[part]
        starts = np.repeat(low[part] - np.cumsum(each) + each, each)
        if len(starts):
            yield np.repeat(part, each), starts + np.arange(len(starts))


def _save(path: Path, values: NDArray[np.generic]) -> None:
    np.save(path, values, allow_pickle=False)


def _load(path: Path) -> NDArray[Any]:
    loaded: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return loaded
