"""Queries of an index: the old documents that new ones match, and the clusters of all that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.clusters import Linkage, group_exact_duplicates
from saaf.dedupe.columns import Column
from saaf.dedupe.find import duplicates, validated_quality
from saaf.dedupe.index_merge import write_merged_signatures
from saaf.dedupe.index_segments import (
    band_keys,
    exact_matches,
    near_match_candidates,
    read_content,
    read_sketches,
    read_table,
)
from saaf.dedupe.index_sketches import Sketches, pair_uses_shingle_size, shingle_sizes
from saaf.dedupe.near_pairs import Comparison, compare_pairs, find_near_pairs
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.dedupe.clusters import Quality
    from saaf.dedupe.find import Duplicates
    from saaf.dedupe.index_manifest import Index, Segment
    from saaf.dedupe.index_sketches import SignatureTable
    from saaf.dedupe.settings import Settings

    TextReader = Callable[[Sequence[int]], Sequence[str | None]]
    """Reads the texts of some rows, in ascending order; None where a text is not available. A `Column` has them all."""

_TOKENS_PER_BATCH = 1 << 22  # of the texts that are read at a time, and are in memory together: 50 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A new document and an old one whose similarity is the threshold or over it.

    `new` is the row of the new document, `old` the row of the old one in the segment of that name. `jaccard` and
    `containment`, 0 to 1, are exact where `verified`, and estimates from the signatures where a text is missing.
    """

    new: int
    segment: str
    old: int
    jaccard: float
    containment: float
    verified: bool


def matches(
    index: Index,
    new: Sketches,
    texts: TextReader,
    old_texts: Callable[[Segment], TextReader],
    ignored: Mapping[str, NDArray[np.int64]] | None = None,
) -> Iterator[Match]:
    """Yield the matches of new documents, segment by segment, sorted by (new, old) within each.

    `texts` reads texts of new documents, `old_texts(segment)` those of a segment. Removed documents match nothing, and
    neither do the rows in `ignored`, int64[k] by the name of the segment.
    """
    keys = [band_keys(table.signatures, index.settings) for table in new.tables]
    for segment in index.segments:
        live = segment.live()
        if ignored:
            live[ignored.get(segment.name, np.zeros(0, np.int64))] = False
        found = [
            *_exact_matches(segment, new, live),
            *_near_matches(segment, new, keys, live, texts, old_texts(segment), index.settings),
        ]
        yield from sorted(found, key=lambda one: (one.new, one.old))


def live_sketches(index: Index, directory: Path) -> Sketches:
    """Return the sketches of all documents that were not removed: segment by segment, row by row.

    The signatures are memory maps of files of the index or, where it has several segments or removed documents, of
    files that are written into `directory`.
    """
    segments = index.segments
    parts = [read_sketches(segment.directory, index.settings) for segment in segments]
    if len(parts) == 1 and not segments[0].removed_documents:
        return parts[0]
    tables = []
    for size in shingle_sizes(index.settings):
        write_merged_signatures(directory, segments, size, index.settings)
        tables.append(read_table(directory, size))
    live = np.concatenate([np.zeros(0, np.bool_), *(segment.live() for segment in segments)])
    content = np.concatenate([np.zeros(0, np.uint64), *(part.content for part in parts)])
    tokens = np.concatenate([np.zeros(0, np.int64), *(part.tokens for part in parts)])
    return Sketches(content=content[live], tokens=tokens[live], tables=tuple(tables))


def find_in_sketches(
    sketches: Sketches,
    texts: TextReader,
    *,
    settings: Settings,
    quality: Sequence[Quality] | None = None,
    criteria: Sequence[str] | None = None,
    linkage: Linkage = Linkage.STAR,
) -> Duplicates:
    """Find the near-duplicates as `find_duplicates` does, with the same result, from sketches made before.

    `texts` reads the texts of pairs that are to be verified; a pair of which one text is None is estimated.
    Raises ValueError as `find_duplicates` does.
    """
    quality, criteria = validated_quality(quality, criteria, len(sketches.content))
    exact = group_exact_duplicates(sketches.content, sketches.tokens, quality)
    firsts = exact.first_members
    tokens = sketches.tokens[firsts]
    comparisons = [_comparison(table, sketches, firsts, settings) for table in sketches.tables]
    read_sets = partial(_read_sets, texts, firsts, tokens, settings)
    near = find_near_pairs(comparisons, tokens, read_sets, settings, batch=_TOKENS_PER_BATCH)
    empty = tuple(np.flatnonzero(sketches.tokens == 0).tolist())
    return duplicates(exact, near, empty, quality, criteria, linkage)


def _comparison(table: SignatureTable, sketches: Sketches, rows: NDArray[np.int64], settings: Settings) -> Comparison:
    """Return those of the texts `rows`, int64[k], that are in a table, as texts that are compared with each other.

    They are numbered as in `rows`. The signatures stay where they are, in memory or in a file.
    """
    position = np.full(len(sketches.content), -1, np.int64)
    position[table.rows] = np.arange(len(table.rows))
    found = position[rows]
    numbers = np.flatnonzero(found >= 0)
    tokens = sketches.tokens[rows[numbers]]
    return Comparison(
        shingle_size=table.shingle_size,
        texts=numbers,
        signatures=table.signatures,
        rows=found[numbers],
        required=pair_uses_shingle_size(tokens, tokens, table.shingle_size, settings),
    )


def _read_sets(
    texts: TextReader,
    rows: NDArray[np.int64],
    tokens: NDArray[np.int64],
    settings: Settings,
    numbers: NDArray[np.int64],
    shingle_size: int,
) -> dict[int, NDArray[np.uint64]]:
    """Return the shingle sets, by number, of those texts that are available.

    Text number i is `rows[i]` to `texts`, and has `tokens[i]` tokens.
    """
    sets: dict[int, NDArray[np.uint64]] = {}
    in_order = numbers[np.argsort(rows[numbers])]
    ends = np.cumsum(tokens[in_order])
    for part in np.split(in_order, np.flatnonzero(np.diff(ends // _TOKENS_PER_BATCH)) + 1):
        read = texts(rows[part].tolist())
        if isinstance(read, Column):
            hashes = token_hashes(read, folded=settings.fold)
            sets.update(zip(part.tolist(), shingles(hashes, shingle_size).sets(), strict=True))
            continue
        available = {number: text for number, text in zip(part.tolist(), read, strict=True) if text is not None}
        hashes = token_hashes(list(available.values()), folded=settings.fold)
        sets.update(zip(available, shingles(hashes, shingle_size).sets(), strict=True))
    return sets


def _exact_matches(segment: Segment, new: Sketches, live: NDArray[np.bool_]) -> Iterator[Match]:
    for new_row, old_row in exact_matches(segment.directory, new, live).tolist():
        yield Match(new=new_row, segment=segment.name, old=old_row, jaccard=1.0, containment=1.0, verified=True)


def _near_matches(
    segment: Segment,
    new: Sketches,
    keys: Sequence[NDArray[np.uint64]],
    live: NDArray[np.bool_],
    texts: TextReader,
    old_texts: TextReader,
    settings: Settings,
) -> Iterator[Match]:
    """Yield the matches whose tokens differ; new documents are numbered from 0, those of the segment after them."""
    content, old_tokens = read_content(segment.directory)
    new_count = len(new.content)

    def read_both(rows: Sequence[int]) -> Sequence[str | None]:
        new_rows = [row for row in rows if row < new_count]
        return [*texts(new_rows), *old_texts([row - new_count for row in rows[len(new_rows) :]])]

    tokens = np.concatenate([new.tokens, old_tokens])
    read_sets = partial(_read_sets, read_both, np.arange(len(tokens)), tokens, settings)
    for size, pairs, estimated in near_match_candidates(segment.directory, new, keys, live, settings):
        differing = np.flatnonzero(new.content[pairs[:, 0]] != content[pairs[:, 1]])
        shifted = pairs[differing] + np.array([0, new_count])
        found = compare_pairs(
            shifted, size, estimated[differing].take, tokens, read_sets, settings, batch=_TOKENS_PER_BATCH
        )
        for row in range(len(found.left)):
            yield Match(
                new=int(found.left[row]),
                segment=segment.name,
                old=int(found.right[row]) - new_count,
                jaccard=float(found.jaccard[row]),
                containment=float(found.containment[row]),
                verified=bool(found.verified[row]),
            )
