"""Passes over texts a batch at a time: what is kept of a text does not grow with its length, or is soon let go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.columns import batches
from saaf.dedupe.signatures import shingles, signatures, streams
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one reading of all texts tells, row i of text i.

    `content` uint64[n] is a hash of the whole stream of tokens: texts with the same content have the same tokens.
    `tokens` int64[n] is how many these are; where it is 0, so is the content. `signatures` uint32[n, num_perm] is by
    shingles of `shingle_size`; the row of a text of fewer than `short_tokens` tokens may hold anything.
    """

    content: NDArray[np.uint64]
    tokens: NDArray[np.int64]
    signatures: NDArray[np.uint32]


def survey(texts: Sequence[str], settings: Settings) -> Survey:
    """Read all texts once, from the first to the last."""
    content = np.zeros(len(texts), np.uint64)
    tokens = np.zeros(len(texts), np.int64)
    signed = np.empty((len(texts), settings.num_perm), np.uint32)
    least = settings.short_tokens if settings.shingle_size != settings.short_shingle_size else 1
    for rows, some in batches(texts, np.arange(len(texts))):
        hashes = token_hashes(some, folded=settings.fold)
        counts = np.diff(hashes.bounds)
        filled = np.flatnonzero(counts)
        content[rows[filled]] = streams(hashes)
        tokens[rows] = counts
        if counts.max() >= least:
            signed[rows] = signatures(shingles(hashes, settings.shingle_size), settings)
    return Survey(content=content, tokens=tokens, signatures=signed)


def sign(
    texts: Sequence[str], rows: NDArray[np.int64], size: int, settings: Settings, signed: NDArray[np.uint32]
) -> None:
    """Write the signatures of some texts, by shingles of `size` tokens, to these rows of `signed`."""
    for some, held in batches(texts, np.sort(rows)):
        signed[some] = signatures(shingles(token_hashes(held, folded=settings.fold), size), settings)


def shingle_sets(
    texts: Sequence[str], rows: NDArray[np.int64], size: int, settings: Settings
) -> dict[int, NDArray[np.uint64]]:
    """Return for some texts their distinct shingles of `size` tokens, sorted."""
    sets: dict[int, NDArray[np.uint64]] = {}
    for some, held in batches(texts, rows):
        sets.update(zip(some.tolist(), shingles(token_hashes(held, folded=settings.fold), size).sets(), strict=True))
    return sets
