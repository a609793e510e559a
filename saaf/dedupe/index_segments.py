"""The files of one index segment: sketches of a batch of documents, never changed, read through memory maps.

For each shingle size and band the keys are sorted, with the position of each key's signature beside it, so that a
look-up is a binary search in a file of which the system loads the few pages that it touches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from saaf.dedupe.candidates import min_equal_values
from saaf.dedupe.hashing import segment_hashes
from saaf.dedupe.index_sketches import SignatureTable, Sketches, pair_uses_shingle_size, shingle_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

    NearMatches = tuple[int, NDArray[np.int64], NDArray[np.float64]]

MAX_BUCKET_MEMBERS = 1000
"""Members of a bucket of a segment, the first that came, that are compared with a new document: a larger bucket belongs
to boilerplate, and a near-duplicate shares other bands too."""

_PAIRS_PER_BATCH = 1 << 18  # whose signatures are compared at a time: 128 MB for each side


def write_segment(directory: Path, sketches: Sketches, settings: Settings) -> None:
    """Write the arrays of a segment, as .npy files, into a directory that exists."""
    order = np.argsort(sketches.content, kind="stable")
    _save(directory / "content.npy", sketches.content[order])
    _save(directory / "content_rows.npy", order.astype(np.uint32))
    _save(directory / "tokens.npy", sketches.tokens.astype(np.uint32))
    for table in sketches.tables:
        keys = band_keys(table.signatures, settings)
        positions = np.argsort(keys, axis=1, kind="stable")
        name = f"shingles{table.shingle_size}"
        _save(directory / f"{name}_rows.npy", table.rows.astype(np.uint32))
        _save(directory / f"{name}_signatures.npy", table.signatures)
        _save(directory / f"{name}_keys.npy", np.take_along_axis(keys, positions, axis=1))
        _save(directory / f"{name}_places.npy", positions.astype(np.uint32))


def read_content(directory: Path) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the content hashes and the numbers of tokens of a segment, in the order of its documents."""
    content = np.zeros(len(load_array(directory / "content.npy")), np.uint64)
    content[load_array(directory / "content_rows.npy")] = load_array(directory / "content.npy")
    return content, load_array(directory / "tokens.npy").astype(np.int64)


def read_table(directory: Path, shingle_size: int) -> SignatureTable:
    """Return the signatures by shingles of that size, as a memory map."""
    rows = load_array(directory / f"shingles{shingle_size}_rows.npy").astype(np.int64)
    signatures = load_array(directory / f"shingles{shingle_size}_signatures.npy")
    return SignatureTable(shingle_size=shingle_size, rows=rows, signatures=signatures)


def read_sketches(directory: Path, settings: Settings) -> Sketches:
    """Return the sketches of a segment in the order of its documents; the signatures are memory maps."""
    content, tokens = read_content(directory)
    tables = tuple(read_table(directory, size) for size in shingle_sizes(settings))
    return Sketches(content=content, tokens=tokens, tables=tables)


def exact_matches(directory: Path, new: Sketches, live: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the pairs with the same tokens, int64[m, 2]: (row of `new`, row of the segment).

    `live`, bool[documents of the segment], is False for rows that match nothing.
    """
    keys, rows = load_array(directory / "content.npy"), load_array(directory / "content_rows.npy")
    nonempty = np.flatnonzero(new.tokens)
    hits, low, high = _equal_ranges(keys, new.content[nonempty], MAX_BUCKET_MEMBERS + int(np.count_nonzero(~live)))
    found = [np.zeros((0, 2), np.int64)]
    for ranges, positions in _expand_ranges(low, high):
        pairs = np.stack([nonempty[hits[ranges]], rows[positions].astype(np.int64)], axis=1)
        found.append(pairs[live[pairs[:, 1]]])
    return np.concatenate(found)


def near_match_candidates(
    directory: Path, new: Sketches, keys: Sequence[NDArray[np.uint64]], live: NDArray[np.bool_], settings: Settings
) -> Iterator[NearMatches]:
    """Yield (shingle size, pairs int64[m, 2], estimated Jaccard similarity float64[m]) for candidate pairs.

    `keys` are the `band_keys` of the tables of `new`, computed once for all segments; `live` is as for `exact_matches`.
    A pair is (row of `new`, row of the segment). The two share a band, and so many of their signature values are equal
    that a pair at the threshold has fewer once in 10,000. A pair comes once for each shingle size by which it is to be
    compared.
    """
    min_equal = min_equal_values(settings.threshold, settings.num_perm)
    tokens = load_array(directory / "tokens.npy")
    for table, new_keys in zip(new.tables, keys, strict=True):
        rows = load_array(directory / f"shingles{table.shingle_size}_rows.npy")
        signatures = load_array(directory / f"shingles{table.shingle_size}_signatures.npy")
        for pairs in _bucket_pairs(directory, table.shingle_size, new_keys, live[rows]):
            equal = np.count_nonzero(table.signatures[pairs[:, 0]] == signatures[pairs[:, 1]], axis=1)
            near = equal >= min_equal
            found = np.stack([table.rows[pairs[near, 0]], rows[pairs[near, 1]].astype(np.int64)], axis=1)
            right = tokens[found[:, 1]].astype(np.int64)
            compared = pair_uses_shingle_size(new.tokens[found[:, 0]], right, table.shingle_size, settings)
            yield table.shingle_size, found[compared], (equal[near] / settings.num_perm)[compared]


def band_keys(signatures: NDArray[np.uint32], settings: Settings) -> NDArray[np.uint64]:
    """Return uint64[bands, n] for `signatures` uint32[n, num_perm]: a hash of the values of each band."""
    bands = settings.bands
    keys = np.zeros((bands.count, len(signatures)), np.uint64)
    starts = np.arange(0, len(signatures) * bands.rows, bands.rows)
    for band in range(bands.count):
        values = np.ascontiguousarray(signatures[:, band * bands.rows : (band + 1) * bands.rows]).ravel()
        keys[band] = segment_hashes(values, starts, starts + bands.rows)
    return keys


def _bucket_pairs(
    directory: Path, shingle_size: int, new_keys: NDArray[np.uint64], live: NDArray[np.bool_]
) -> Iterator[NDArray[np.int64]]:
    """Yield arrays int64[m, 2] of pairs that share a bucket, as positions in the tables, (new, old); each pair once.

    `new_keys` is uint64[bands, new]; `live`, bool[old], is False for positions that match nothing.
    """
    if not len(live) or not new_keys.size:
        return
    keys = load_array(directory / f"shingles{shingle_size}_keys.npy")
    places = load_array(directory / f"shingles{shingle_size}_places.npy")
    limit = MAX_BUCKET_MEMBERS + int(np.count_nonzero(~live))
    ranges = [_equal_ranges(keys[band], new_keys[band], limit) for band in range(len(keys))]
    new = np.concatenate([hits for hits, _, _ in ranges])
    starts = np.arange(len(keys)) * len(live)  # a place is found in the flattened array, band after band
    low = np.concatenate([low + start for (_, low, _), start in zip(ranges, starts, strict=True)])
    high = np.concatenate([high + start for (_, _, high), start in zip(ranges, starts, strict=True)])
    flat = places.reshape(-1)
    # By new document, all its bands at once, so that a pair is met once whatever the number of bands it shares.
    order = np.argsort(new, kind="stable")
    sizes = np.bincount(new, high - low, minlength=new_keys.shape[1]).astype(np.int64)
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // _PAIRS_PER_BATCH)) + 1
    for part in np.split(order, np.searchsorted(new[order], cuts)):
        codes = [np.zeros(0, np.int64)]
        for numbers, positions in _expand_ranges(low[part], high[part]):
            old = flat[positions].astype(np.int64)
            codes.append((new[part][numbers] * len(live) + old)[live[old]])
        unique = np.unique(np.concatenate(codes))
        for start in range(0, len(unique), _PAIRS_PER_BATCH):
            batch = unique[start : start + _PAIRS_PER_BATCH]
            yield np.stack([batch // len(live), batch % len(live)], axis=1)


def _equal_ranges(
    keys: NDArray[np.uint64], wanted: NDArray[np.uint64], limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return (hits, low, high), each int64[h]: `wanted[hits]` are in the sorted `keys`, at [low, high).

    At most the first `limit` positions of a key are returned.
    """
    low = np.searchsorted(keys, wanted, side="left")
    hits = np.flatnonzero(keys[np.minimum(low, len(keys) - 1)] == wanted) if len(keys) else np.zeros(0, np.int64)
    high = np.searchsorted(keys, wanted[hits], side="right")
    return hits, low[hits], np.minimum(high, low[hits] + limit)


def _expand_ranges(
    low: NDArray[np.int64], high: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (number of the range, position) for all positions of all ranges [low, high), not too many at a time."""
    sizes = high - low
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // _PAIRS_PER_BATCH)) + 1
    for part in np.split(np.arange(len(sizes)), cuts):
        counts = sizes[part]
        starts = np.repeat(low[part] - np.cumsum(counts) + counts, counts)
        if len(starts):
            yield np.repeat(part, counts), starts + np.arange(len(starts))


def _save(path: Path, values: NDArray[np.generic]) -> None:
    np.save(path, values, allow_pickle=False)


def load_array(path: Path) -> NDArray[Any]:
    """Return the array of a .npy file as a read-only memory map."""
    loaded: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return loaded
