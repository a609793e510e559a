"""Sketches of texts, which an index keeps: content hash, number of tokens, and a MinHash signature by shingle size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.candidates import count_equal_values
from saaf.dedupe.columns import Column
from saaf.dedupe.signatures import content_hashes, minhash_signatures, shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings

_TEXTS_PER_BATCH, _SIZE_PER_BATCH = 2_000, 1 << 21
"""Texts that are tokenised at a time, and their code points (bytes, in a column): 12 MB of token hashes and sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTable:
    """Signatures by shingles of `shingle_size` tokens, of the texts that are compared by that size.

    `rows` int64[m] are the indices of these texts, ascending unless they were reordered; `signatures` is uint32[m,
    num_perm].
    """

    shingle_size: int
    rows: NDArray[np.int64]
    signatures: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketches:
    """Sketches of n texts. A text without a token has `tokens` 0, `content` 0 and is in no table.

    `content` uint64[n] is the same for texts with the same tokens; `tokens` int64[n] is their number. `tables` has one
    table for each of `shingle_sizes(settings)`, in that order: a text of fewer than `short_tokens` tokens is only in
    the last, one that could match such a text is in both.
    """

    content: NDArray[np.uint64]
    tokens: NDArray[np.int64]
    tables: tuple[SignatureTable, ...]


def shingle_sizes(settings: Settings) -> tuple[int, ...]:
    """Return the shingle sizes that texts are compared by: for longer texts, then for short ones where it differs."""
    return tuple(dict.fromkeys((settings.shingle_size, settings.short_shingle_size)))


def uses_shingle_size(tokens: NDArray[np.int64], shingle_size: int, settings: Settings) -> NDArray[np.bool_]:
    """Return which texts, by numbers of tokens int64[n], are compared by shingles of that size: bool[n]."""
    if len(shingle_sizes(settings)) == 1:
        return tokens > 0
    if shingle_size == settings.shingle_size:
        return tokens >= settings.short_tokens
    return (tokens > 0) & (tokens < settings.short_reach)


def pair_uses_shingle_size(
    left: NDArray[np.int64], right: NDArray[np.int64], shingle_size: int, settings: Settings
) -> NDArray[np.bool_]:
    """Return which pairs, by numbers of tokens int64[m] each, are compared by shingles of that size: bool[m].

    Both texts use that size already; the short size is only for pairs with a short text.
    """
    if shingle_size == settings.shingle_size:
        return np.ones(len(left), np.bool_)
    return np.minimum(left, right) < settings.short_tokens


def sketch(texts: Sequence[str], settings: Settings) -> Sketches:
    """Return the sketches of texts, which are read a few at a time."""
    return concatenate([_sketch_batch(texts[start:end], settings) for start, end in _batch_ranges(texts)], settings)


def _batch_ranges(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of the texts that are tokenised together."""
    sizes = np.diff(texts.offsets) if isinstance(texts, Column) else np.array(list(map(len, texts)), np.int64)
    numbers = np.arange(len(texts)) // _TEXTS_PER_BATCH
    changes = (np.diff(numbers) != 0) | (np.diff(np.cumsum(sizes) // _SIZE_PER_BATCH) != 0)
    return pairwise([*([0] if len(texts) else []), *(np.flatnonzero(changes) + 1).tolist(), len(texts)])


def concatenate(parts: Sequence[Sketches], settings: Settings) -> Sketches:
    """Return sketches of several groups of texts as those of all texts, one group after the other."""
    offsets = np.cumsum([0, *(len(part.content) for part in parts)])
    tables = []
    for number, size in enumerate(shingle_sizes(settings)):
        rows = [part.tables[number].rows + offset for part, offset in zip(parts, offsets, strict=False)]
        signatures = [part.tables[number].signatures for part in parts]
        empty = np.zeros((0, settings.num_perm), np.uint32)
        tables.append(
            SignatureTable(
                shingle_size=size,
                rows=np.concatenate([np.zeros(0, np.int64), *rows]),
                signatures=np.concatenate([empty, *signatures]),
            )
        )
    return Sketches(
        content=np.concatenate([np.zeros(0, np.uint64), *(part.content for part in parts)]),
        tokens=np.concatenate([np.zeros(0, np.int64), *(part.tokens for part in parts)]),
        tables=tuple(tables),
    )


def select_texts(sketches: Sketches, rows: NDArray[np.int64]) -> Sketches:
    """Return the sketches of the texts `rows`, int64[k], in that order; each row may be named at most once."""
    position = np.full(len(sketches.content), -1, np.int64)
    position[rows] = np.arange(len(rows))
    tables = []
    for table in sketches.tables:
        kept = np.flatnonzero(position[table.rows] >= 0)
        kept = kept[np.argsort(position[table.rows[kept]])]
        selected = SignatureTable(
            shingle_size=table.shingle_size,
            rows=position[table.rows[kept]],
            signatures=table.signatures[kept],
        )
        tables.append(selected)
    return Sketches(content=sketches.content[rows], tokens=sketches.tokens[rows], tables=tuple(tables))


def reorder(sketches: Sketches, order: NDArray[np.int64]) -> Sketches:
    """Return the sketches of the same texts in another order: text i is text `order[i]`, of int64[n], of `sketches`.

    The signatures stay where they are, in memory or in a file; `rows` of the tables are then not ascending.
    """
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    tables = [replace(table, rows=position[table.rows]) for table in sketches.tables]
    return Sketches(content=sketches.content[order], tokens=sketches.tokens[order], tables=tuple(tables))


def estimate_jaccard(table: SignatureTable, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of pairs as their signatures estimate it, float64[m], ± 0.09 at 0.5.

    `pairs`, int64[m, 2], are positions in the table. The estimate is the share of equal signature values (Broder 1997).
    """
    estimate = count_equal_values(table.signatures, pairs[:, 0], pairs[:, 1]).astype(np.float64)
    estimate /= table.signatures.shape[1]
    return estimate


def _sketch_batch(texts: Sequence[str], settings: Settings) -> Sketches:
    hashes = token_hashes(texts, folded=settings.fold)
    tokens = np.diff(hashes.offsets)
    content = np.zeros(len(tokens), np.uint64)
    nonempty = np.flatnonzero(tokens)
    content[nonempty] = content_hashes(hashes)
    tables = []
    for size in shingle_sizes(settings):
        rows = np.flatnonzero(uses_shingle_size(tokens, size, settings))
        chosen = hashes if len(rows) == len(tokens) else hashes.take(rows)
        signatures = minhash_signatures(shingles(chosen, size), settings)
        tables.append(SignatureTable(shingle_size=size, rows=rows, signatures=signatures))
    return Sketches(content=content, tokens=tokens, tables=tuple(tables))
