"""Queries of an index: the old documents that new ones match, and the clusters of all that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs
from saaf.dedupe.clusters import Linkage, Pair, build_clusters, group_exact_duplicates
from saaf.dedupe.find import Duplicates, exact_duplicate_pairs, validated_quality
from saaf.dedupe.index_segments import exact_matches, near_match_candidates, read_sketches
from saaf.dedupe.index_sketches import Sketches, concatenate, estimate_jaccard, pair_uses_shingle_size, select_texts
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes
from saaf.dedupe.verify import jaccard_and_containment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.clusters import Quality
    from saaf.dedupe.index import Index, Segment
    from saaf.dedupe.settings import Settings

    TextReader = Callable[[Sequence[int]], Sequence[str | None]]
    """Reads the texts of some rows, in ascending order; None where a text is not available."""

_PAIRS_PER_BATCH = 10_000  # verified at a time: their texts are in memory together, 40 MB at 300 words


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
    near: list[Pair] = []
    for table in distinct.tables:
        size = table.shingle_size
        candidates = candidate_pairs(table.signatures, settings)
        rows = table.rows[candidates]
        compared = pair_uses_shingle_size(distinct.tokens[rows[:, 0]], distinct.tokens[rows[:, 1]], size, settings)
        pairs = np.sort(firsts[rows[compared]], axis=1)
        estimated = estimate_jaccard(table, candidates[compared])
        near += _verify(pairs, estimated, texts, sketches.tokens, size, settings)
    return Duplicates(
        pairs=tuple(sorted(near + exact_duplicate_pairs(exact), key=lambda pair: (pair.left, pair.right))),
        clusters=build_clusters(exact, near, quality, criteria, linkage),
        empty=tuple(np.flatnonzero(sketches.tokens == 0).tolist()),
    )


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
    for size, pairs, estimated in near_match_candidates(segment.directory, new, settings):
        differing = new.content[pairs[:, 0]] != old.content[pairs[:, 1]]
        shifted = pairs[differing] + np.array([0, new_count])
        for pair in _verify(shifted, estimated[differing], read_both, tokens, size, settings):
            yield Match(
                new=pair.left,
                segment=segment.name,
                old=pair.right - new_count,
                jaccard=pair.jaccard,
                containment=pair.containment,
                verified=pair.verified,
            )


def _verify(
    pairs: NDArray[np.int64],
    estimated: NDArray[np.float64],
    texts: TextReader,
    tokens: NDArray[np.int64],
    shingle_size: int,
    settings: Settings,
) -> Iterator[Pair]:
    """Yield the pairs of rows, of int64[m, 2], at the threshold or over it.

    `estimated`, float64[m], is used where a text is missing; `tokens`, int64[n], is the number of tokens of each row.
    """
    for start in range(0, len(pairs), _PAIRS_PER_BATCH):
        part = slice(start, start + _PAIRS_PER_BATCH)
        rows = np.unique(pairs[part]).tolist()
        available = {row: text for row, text in zip(rows, texts(rows), strict=True) if text is not None}
        hashes = token_hashes(list(available.values()), folded=settings.fold)
        sets = dict(zip(available, shingles(hashes, shingle_size).sets(), strict=True))
        for (left, right), estimate in zip(pairs[part].tolist(), estimated[part].tolist(), strict=True):
            verified = left in sets and right in sets
            if verified:
                jaccard, containment = jaccard_and_containment(sets[left], sets[right])
            else:
                # A text has nearly as many shingles as tokens; of both together J / (1 + J) are shared.
                shared = estimate / (1 + estimate) * float(tokens[left] + tokens[right])
                jaccard, containment = estimate, min(shared / float(min(tokens[left], tokens[right])), 1.0)
            if jaccard >= settings.threshold:
                yield Pair(left=left, right=right, jaccard=jaccard, containment=containment, verified=verified)
