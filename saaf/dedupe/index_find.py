"""What an index answers: which old documents new ones are like, and the clusters of all that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import candidate_pairs
from saaf.dedupe.clusters import Linkage, Pair, clusters, group_copies
from saaf.dedupe.find import Duplicates, checked, same
from saaf.dedupe.index_segments import near_content, read_sketches, same_content
from saaf.dedupe.index_sketches import Sketches, estimate, join, take, wanted
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes
from saaf.dedupe.verify import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.clusters import Quality
    from saaf.dedupe.index import Index, Segment
    from saaf.dedupe.settings import Settings

    Texts = Callable[[Sequence[int]], Sequence[str | None]]
    """Reads the texts of some rows, in ascending order; None where a text is not at hand."""

_PAIRS_AT_ONCE = 10_000  # verified at a time: their texts are in memory together, 40 MB at 300 words


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A new document, by row, and an old one, by row of its segment, at the threshold or over it.

    `jaccard` and `containment` are exact where `verified`, and estimates from the signatures where a text is missing.
    """

    new: int
    segment: str
    old: int
    jaccard: float
    containment: float
    verified: bool


def matches(index: Index, new: Sketches, texts: Texts, old_texts: Callable[[Segment], Texts]) -> Iterator[Match]:
    """Yield the matches of new documents, segment by segment, sorted within each; removed documents match nothing."""
    for segment in index.segments:
        live = segment.live()
        found = [*_same(segment, new), *_near(segment, new, texts, old_texts(segment), index.settings)]
        yield from sorted((one for one in found if live[one.old]), key=lambda one: (one.new, one.old))


def live_sketches(index: Index) -> Sketches:
    """Return the sketches of all documents that were not removed, in memory: segment by segment, row by row."""
    parts = [
        take(read_sketches(segment.directory, index.settings), np.flatnonzero(segment.live()))
        for segment in index.segments
    ]
    return join(parts, index.settings)


def find_in_sketches(
    sketches: Sketches,
    texts: Texts,
    *,
    settings: Settings,
    quality: Sequence[Quality] | None = None,
    criteria: Sequence[str] | None = None,
    linkage: Linkage = Linkage.STAR,
) -> Duplicates:
    """Find the near-duplicates as `find_duplicates` does, with the same answer, from sketches made before.

    `texts` is asked where a pair is to be verified; a pair of which one is None is estimated.
    """
    quality, criteria = checked(quality, criteria, len(sketches.content))
    copies = group_copies(sketches.content, sketches.tokens, quality)
    heads = copies.heads
    chosen = take(sketches, heads)
    near: list[Pair] = []
    for tier in chosen.tiers:
        places = candidate_pairs(tier.signatures, settings)
        rows = tier.rows[places]
        compared = wanted(chosen.tokens[rows[:, 0]], chosen.tokens[rows[:, 1]], tier.size, settings)
        pairs = np.sort(heads[rows[compared]], axis=1)
        near += _verified(pairs, estimate(tier, places[compared]), texts, sketches.tokens, tier.size, settings)
    return Duplicates(
        pairs=tuple(sorted(near + same(copies), key=lambda pair: (pair.left, pair.right))),
        clusters=clusters(copies, near, quality, criteria, linkage),
        empty=tuple(np.flatnonzero(sketches.tokens == 0).tolist()),
    )


def _same(segment: Segment, new: Sketches) -> Iterator[Match]:
    for mine, its in same_content(segment.directory, new).tolist():
        yield Match(new=mine, segment=segment.name, old=its, jaccard=1.0, containment=1.0, verified=True)


def _near(segment: Segment, new: Sketches, texts: Texts, old_texts: Texts, settings: Settings) -> Iterator[Match]:
    old = read_sketches(segment.directory, settings)
    count = len(new.content)

    def both(rows: Sequence[int]) -> Sequence[str | None]:
        mine = [row for row in rows if row < count]
        return [*texts(mine), *old_texts([row - count for row in rows[len(mine) :]])]

    tokens = np.concatenate([new.tokens, old.tokens])
    for size, pairs, estimated in near_content(segment.directory, new, settings):
        other = new.content[pairs[:, 0]] != old.content[pairs[:, 1]]
        shifted = pairs[other] + np.array([0, count])
        for pair in _verified(shifted, estimated[other], both, tokens, size, settings):
            yield Match(
                new=pair.left,
                segment=segment.name,
                old=pair.right - count,
                jaccard=pair.jaccard,
                containment=pair.containment,
                verified=pair.verified,
            )


def _verified(
    pairs: NDArray[np.int64],
    estimated: NDArray[np.float64],
    texts: Texts,
    tokens: NDArray[np.int64],
    size: int,
    settings: Settings,
) -> Iterator[Pair]:
    """Yield the pairs of rows at the threshold or over it; `tokens` counts those of each row's text."""
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        rows = np.unique(pairs[part]).tolist()
        at_hand = {row: text for row, text in zip(rows, texts(rows), strict=True) if text is not None}
        hashes = token_hashes(list(at_hand.values()), folded=settings.fold)
        sets = dict(zip(at_hand, shingles(hashes, size).sets(), strict=True))
        for (left, right), guess in zip(pairs[part].tolist(), estimated[part].tolist(), strict=True):
            verified = left in sets and right in sets
            if verified:
                jaccard, containment = compare(sets[left], sets[right])
            else:
                # Of as many shingles as there are tokens, nearly, so many are shared.
                shared = guess / (1 + guess) * float(tokens[left] + tokens[right])
                jaccard, containment = guess, min(shared / float(min(tokens[left], tokens[right])), 1.0)
            if jaccard >= settings.threshold:
                yield Pair(left=left, right=right, jaccard=jaccard, containment=containment, verified=verified)
