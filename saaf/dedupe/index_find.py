"""Queries of an index: the old documents that new ones match, and the clusters of all that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.clusters import Linkage, group_exact_duplicates
from saaf.dedupe.find import duplicates, validated_quality
from saaf.dedupe.index_segments import exact_matches, near_match_candidates, read_sketches
from saaf.dedupe.index_sketches import Sketches, concatenate, pair_uses_shingle_size, select_texts
from saaf.dedupe.near_pairs import Comparison, compare_pairs, find_near_pairs
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.clusters import Quality
    from saaf.dedupe.find import Duplicates
    from saaf.dedupe.index import Index, Segment
    from saaf.dedupe.index_sketches import SignatureTable
    from saaf.dedupe.settings import Settings

    TextReader = Callable[[Sequence[int]], Sequence[str | None]]
    """Reads the texts of some rows, in ascending order; None where a text is not available."""

_TEXTS_PER_BATCH = 10_000  # read at a time: their texts are in memory together, 20 MB at 300 words


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
    index: Index, new: Sketches, texts: TextReader, old_texts: Callable[[Segment], TextReader]
) -> Iterator[Match]:
    """Yield the matches of new documents, segment by segment, sorted by (new, old) within each.

    `texts` reads texts of new documents, `old_texts(segment)` those of a segment. Removed documents match nothing.
    """
    for segment in index.segments:
        live = segment.live()
        found = [
            *_exact_matches(segment, new),
            *_near_matches(segment, new, texts, old_texts(segment), index.settings),
        ]
        yield from sorted((one for one in found if live[one.old]), key=lambda one: (one.new, one.old))


def live_sketches(index: Index) -> Sketches:
    """Return the sketches of all documents that were not removed, in memory: segment by segment, row by row."""
    parts = [
        select_texts(read_sketches(segment.directory, index.settings), np.flatnonzero(segment.live()))
        for segment in index.segments
    ]
    return concatenate(parts, index.settings)


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
    distinct = select_texts(sketches, firsts)
    comparisons = [_comparison(table, distinct.tokens, settings) for table in distinct.tables]
    near = find_near_pairs(comparisons, distinct.tokens, partial(_read_sets, texts, firsts, settings), settings)
    empty = tuple(np.flatnonzero(sketches.tokens == 0).tolist())
    return duplicates(exact, near, empty, quality, criteria, linkage)


def _comparison(table: SignatureTable, tokens: NDArray[np.int64], settings: Settings) -> Comparison:
    """Return the texts of a table, which have `tokens`, int64[n], as texts to be compared with each other."""
    own = tokens[table.rows]
    return Comparison(
        shingle_size=table.shingle_size,
        texts=table.rows,
        signatures=table.signatures,
        rows=np.arange(len(table.rows)),
        required=pair_uses_shingle_size(own, own, table.shingle_size, settings),
    )


def _read_sets(
    texts: TextReader, rows: NDArray[np.int64], settings: Settings, numbers: NDArray[np.int64], shingle_size: int
) -> dict[int, NDArray[np.uint64]]:
    """Return the shingle sets, by number, of those texts that are available; text number i is `rows[i]` to `texts`."""
    sets: dict[int, NDArray[np.uint64]] = {}
    in_order = numbers[np.argsort(rows[numbers])]
    for start in range(0, len(in_order), _TEXTS_PER_BATCH):
        batch = in_order[start : start + _TEXTS_PER_BATCH].tolist()
        read = texts(rows[batch].tolist())
        available = {number: text for number, text in zip(batch, read, strict=True) if text is not None}
        hashes = token_hashes(list(available.values()), folded=settings.fold)
        sets.update(zip(available, shingles(hashes, shingle_size).sets(), strict=True))
    return sets


def _exact_matches(segment: Segment, new: Sketches) -> Iterator[Match]:
    for new_row, old_row in exact_matches(segment.directory, new).tolist():
        yield Match(new=new_row, segment=segment.name, old=old_row, jaccard=1.0, containment=1.0, verified=True)


def _near_matches(
    segment: Segment, new: Sketches, texts: TextReader, old_texts: TextReader, settings: Settings
) -> Iterator[Match]:
    """Yield the matches whose tokens differ; new documents are numbered from 0, those of the segment after them."""
    old = read_sketches(segment.directory, settings)
    new_count = len(new.content)

    def read_both(rows: Sequence[int]) -> Sequence[str | None]:
        new_rows = [row for row in rows if row < new_count]
        return [*texts(new_rows), *old_texts([row - new_count for row in rows[len(new_rows) :]])]

    tokens = np.concatenate([new.tokens, old.tokens])
    read_sets = partial(_read_sets, read_both, np.arange(len(tokens)), settings)
    for size, pairs, estimated in near_match_candidates(segment.directory, new, settings):
        differing = np.flatnonzero(new.content[pairs[:, 0]] != old.content[pairs[:, 1]])
        shifted = pairs[differing] + np.array([0, new_count])
        found = compare_pairs(shifted, size, estimated[differing].take, tokens, read_sets, settings)
        for row in range(len(found.left)):
            yield Match(
                new=int(found.left[row]),
                segment=segment.name,
                old=int(found.right[row]) - new_count,
                jaccard=float(found.jaccard[row]),
                containment=float(found.containment[row]),
                verified=bool(found.verified[row]),
            )
