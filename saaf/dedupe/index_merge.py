"""Merging of index segments: which ones are merged, and their arrays written as those of one segment.

Segments are a log-structured tree with size tiers (O'Neil et al. 1996): the tier of a segment is the logarithm of its
number of documents. A document is written again once for each tier, and the number of segments grows with the logarithm
of the number of documents.

Arrays are read and written a part at a time, so that memory does not grow with the signatures: 20 bytes for each
document, and 60 MB.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from saaf.dedupe.index_segments import load_array
from saaf.dedupe.index_sketches import shingle_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.dedupe.index_manifest import Segment
    from saaf.dedupe.settings import Settings

MAX_SIMILAR_SEGMENTS = 3
"""Segments of one tier, whose sizes differ less than fourfold, that are left apart: one more, and they are merged."""

_KEYS_PER_PART = 1 << 20  # merged at a time: 40 MB with their order
_ROWS_PER_PART = 1 << 15  # of signatures copied at a time: 16 MB


def plan_merges(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return the groups of segments that are to be merged, each in the order of `segments`.

    A group is more than `MAX_SIMILAR_SEGMENTS` segments of one tier, together with those of the higher tiers that are
    full in turn. A segment of which half the documents or more were removed is a group of its own if it is in no other.
    """
    groups = [[number] for number, segment in enumerate(segments) if segment.live_documents]
    empty = [[number] for number, segment in enumerate(segments) if not segment.live_documents]
    while full := _first_full_tier(groups, segments):
        groups = [group for group in groups if group not in full]
        groups.append(sorted(number for group in full for number in group))
    chosen = [[segments[number] for number in group] for group in sorted(groups + empty)]
    return [group for group in chosen if len(group) > 1 or 2 * group[0].removed_documents >= group[0].documents]


def write_merged_segment(directory: Path, segments: Sequence[Segment], settings: Settings) -> None:
    """Write the arrays of the live documents of `segments`, one segment after the other, as those of one segment.

    The files are those that `saaf.dedupe.index_segments.write_segment` writes for these documents, byte for byte.
    """
    live = [segment.live() for segment in segments]
    rows = _renumber(live)
    folders = [segment.directory for segment in segments]
    with (
        _array_file(directory / "content.npy", np.uint64, _total(live)) as write_keys,
        _array_file(directory / "content_rows.npy", np.uint32, _total(live)) as write_rows,
    ):
        keys = [load_array(folder / "content.npy") for folder in folders]
        places = [load_array(folder / "content_rows.npy") for folder in folders]
        for part, numbers in _merge_sorted(keys, places, rows):
            write_keys(part)
            write_rows(numbers)
    with _array_file(directory / "tokens.npy", np.uint32, _total(live)) as write_tokens:
        for folder, kept in zip(folders, live, strict=True):
            write_tokens(load_array(folder / "tokens.npy")[kept])
    for size in shingle_sizes(settings):
        write_merged_signatures(directory, segments, size, settings)
        _write_merged_keys(directory, segments, live, size)


def write_merged_signatures(
    directory: Path, segments: Sequence[Segment], shingle_size: int, settings: Settings
) -> None:
    """Write the rows and the signatures of one shingle size, as `write_merged_segment` does."""
    name = f"shingles{shingle_size}"
    live = [segment.live() for segment in segments]
    rows = [load_array(segment.directory / f"{name}_rows.npy") for segment in segments]
    kept = [mask[each] for mask, each in zip(live, rows, strict=True)]
    with _array_file(directory / f"{name}_rows.npy", np.uint32, _total(kept)) as write:
        for each, mask, numbers in zip(rows, kept, _renumber(live), strict=True):
            write(numbers[each[mask]])
    with _array_file(directory / f"{name}_signatures.npy", np.uint32, _total(kept), settings.num_perm) as write:
        for segment, mask in zip(segments, kept, strict=True):
            positions = np.flatnonzero(mask)
            for start in range(0, len(positions), _ROWS_PER_PART):
                # Mapped anew for each part, so that the process holds no pages of the parts before.
                signatures = load_array(segment.directory / f"{name}_signatures.npy")
                write(signatures[positions[start : start + _ROWS_PER_PART]])


def _write_merged_keys(
    directory: Path, segments: Sequence[Segment], live: Sequence[NDArray[np.bool_]], shingle_size: int
) -> None:
    name = f"shingles{shingle_size}"
    folders = [segment.directory for segment in segments]
    kept = [rows[load_array(folder / f"{name}_rows.npy")] for folder, rows in zip(folders, live, strict=True)]
    positions = _renumber(kept)
    bands = len(load_array(folders[0] / f"{name}_keys.npy"))
    with (
        _array_file(directory / f"{name}_keys.npy", np.uint64, bands, _total(kept)) as write_keys,
        _array_file(directory / f"{name}_places.npy", np.uint32, bands, _total(kept)) as write_places,
    ):
        for band in range(bands):
            keys = [load_array(folder / f"{name}_keys.npy")[band] for folder in folders]
            places = [load_array(folder / f"{name}_places.npy")[band] for folder in folders]
            for part, numbers in _merge_sorted(keys, places, positions):
                write_keys(part)
                write_places(numbers)


def _merge_sorted(
    keys: Sequence[NDArray[np.uint64]], numbers: Sequence[NDArray[np.uint32]], renumbered: Sequence[NDArray[np.int64]]
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Yield the sorted keys of several arrays as those of one, with their new numbers, a range of keys at a time.

    `keys[i]`, sorted, belong to `numbers[i]`, which become `renumbered[i][numbers[i]]`; those that become -1 are left
    out. Numbers of equal keys are sorted. Keys are hashes, so ranges of one width hold about as many keys each.
    """
    count = sum(map(len, keys)) // _KEYS_PER_PART + 1
    edges = np.array([(part << 64) // count for part in range(1, count)], np.uint64)
    bounds = [[0, *np.searchsorted(one, edges).tolist(), len(one)] for one in keys]
    for part in range(count):
        slices = [slice(bound[part], bound[part + 1]) for bound in bounds]
        moved = np.concatenate([new[old[at]] for new, old, at in zip(renumbered, numbers, slices, strict=True)])
        merged = np.concatenate([one[at] for one, at in zip(keys, slices, strict=True)])[moved >= 0]
        order = np.argsort(merged, kind="stable")
        yield merged[order], moved[moved >= 0][order]


def _renumber(kept: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.int64]]:
    """Return the new number of each row of several arrays, -1 for one that is not kept, counted over all arrays."""
    starts = np.cumsum([0, *(np.count_nonzero(rows) for rows in kept)])
    return [np.where(rows, np.cumsum(rows) - 1 + start, -1) for rows, start in zip(kept, starts, strict=False)]


def _total(kept: Sequence[NDArray[np.bool_]]) -> int:
    return sum(int(np.count_nonzero(rows)) for rows in kept)


def _first_full_tier(groups: Sequence[list[int]], segments: Sequence[Segment]) -> list[list[int]]:
    """Return the groups of the lowest tier that has more than `MAX_SIMILAR_SEGMENTS`, none where no tier has."""
    by_tier: dict[int, list[list[int]]] = {}
    for group in groups:
        documents = sum(segments[number].live_documents for number in group)
        by_tier.setdefault((documents.bit_length() - 1) // 2, []).append(group)
    return next((by_tier[tier] for tier in sorted(by_tier) if len(by_tier[tier]) > MAX_SIMILAR_SEGMENTS), [])


@contextmanager
def _array_file(path: Path, dtype: type[np.generic], *shape: int) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Yield a function that appends values to a .npy file of that type and shape, as `numpy.save` writes it."""
    with path.open("wb") as stream:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, header)

        def write(values: NDArray[Any]) -> None:
            stream.write(np.ascontiguousarray(values, dtype).tobytes())

        yield write
