"""What an index keeps of texts: a hash of the content, the number of tokens, and signatures for each shingle size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import agreement
from saaf.dedupe.hashing import segment_hashes
from saaf.dedupe.signatures import shingles, signatures
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

_TEXTS_AT_ONCE = 2_000  # tokenised at a time: 12 MB of token hashes at 300 words a text
_REPEATS = 2  # as in dedupe.verify: a text that says all twice still meets a short one that says it once


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The texts that are compared by shingles of `size` tokens: `rows` int64[m], `signatures` uint32[m, num_perm]."""

    size: int
    rows: NDArray[np.int64]
    signatures: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketches:
    """Texts as an index sees them. A text without a token has `tokens` 0, `content` 0 and is in no tier.

    `content` uint64[n] is the same for texts with the same tokens; `tokens` int64[n]. `tiers` come with the longer
    shingles first; a text of fewer than `short_tokens` tokens is in the last only, one that such a text could match in
    both.
    """

    content: NDArray[np.uint64]
    tokens: NDArray[np.int64]
    tiers: tuple[Tier, ...]


def tier_sizes(settings: Settings) -> tuple[int, ...]:
    """Return the shingle sizes that texts are compared by: for longer texts, and for short ones where it differs."""
    return tuple(dict.fromkeys((settings.shingle_size, settings.short_shingle_size)))


def in_tier(tokens: NDArray[np.int64], size: int, settings: Settings) -> NDArray[np.bool_]:
    """Return which texts of so many tokens are compared by shingles of `size`."""
    if len(tier_sizes(settings)) == 1:
        return tokens > 0
    if size == settings.shingle_size:
        return tokens >= settings.short_tokens
    return (tokens > 0) & (tokens < _REPEATS * settings.short_tokens / settings.threshold)


def wanted(left: NDArray[np.int64], right: NDArray[np.int64], size: int, settings: Settings) -> NDArray[np.bool_]:
    """Return which pairs, by numbers of tokens, are compared by shingles of `size`: short ones have a short text."""
    if size == settings.shingle_size:
        return np.ones(len(left), np.bool_)
    return np.minimum(left, right) < settings.short_tokens


def sketch(texts: Sequence[str], settings: Settings) -> Sketches:
    """Return what an index keeps of the texts, read a few at a time."""
    parts = [_sketch(texts[start : start + _TEXTS_AT_ONCE], settings) for start in range(0, len(texts), _TEXTS_AT_ONCE)]
    return join(parts, settings)


def join(parts: Sequence[Sketches], settings: Settings) -> Sketches:
    """Return sketches of several groups of texts as those of all, one group after the other."""
    offsets = np.cumsum([0, *(len(part.content) for part in parts)])
    tiers = []
    for place, size in enumerate(tier_sizes(settings)):
        rows = [part.tiers[place].rows + offset for part, offset in zip(parts, offsets, strict=False)]
        signed = [part.tiers[place].signatures for part in parts]
        empty = np.zeros((0, settings.num_perm), np.uint32)
        tiers.append(
            Tier(
                size=size,
                rows=np.concatenate([np.zeros(0, np.int64), *rows]),
                signatures=np.concatenate([empty, *signed]),
            )
        )
    return Sketches(
        content=np.concatenate([np.zeros(0, np.uint64), *(part.content for part in parts)]),
        tokens=np.concatenate([np.zeros(0, np.int64), *(part.tokens for part in parts)]),
        tiers=tuple(tiers),
    )


def take(sketches: Sketches, rows: NDArray[np.int64]) -> Sketches:
    """Return the sketches of some of the texts, in the order asked for, each at most once."""
    place = np.full(len(sketches.content), -1, np.int64)
    place[rows] = np.arange(len(rows))
    tiers = []
    for tier in sketches.tiers:
        kept = np.flatnonzero(place[tier.rows] >= 0)
        kept = kept[np.argsort(place[tier.rows[kept]])]
        tiers.append(Tier(size=tier.size, rows=place[tier.rows[kept]], signatures=tier.signatures[kept]))
    return Sketches(content=sketches.content[rows], tokens=sketches.tokens[rows], tiers=tuple(tiers))


def estimate(tier: Tier, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of pairs of places in a tier as their signatures estimate it, ± 0.09 at 0.5."""
    agreeing = agreement(tier.signatures, pairs[:, 0], pairs[:, 1]).astype(np.float64)
    agreeing /= tier.signatures.shape[1]
    return agreeing


def _sketch(texts: Sequence[str], settings: Settings) -> Sketches:
    hashes = token_hashes(texts, folded=settings.fold)
    tokens = np.diff(hashes.bounds)
    content = np.zeros(len(tokens), np.uint64)
    filled = np.flatnonzero(tokens)
    content[filled] = segment_hashes(hashes.values, hashes.bounds[filled], hashes.bounds[filled + 1])
    tiers = []
    for size in tier_sizes(settings):
        rows = np.flatnonzero(in_tier(tokens, size, settings))
        tiers.append(Tier(size=size, rows=rows, signatures=signatures(shingles(hashes.take(rows), size), settings)))
    return Sketches(content=content, tokens=tokens, tiers=tuple(tiers))
