"""Passes over texts a batch at a time: what is kept of a text does not grow with its length, or is soon let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedupe.columns import batches
from dedupe.hashing import segment_hashes
from dedupe.signatures import shingles, signatures
from dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.settings import Settings


def measure(texts: Sequence[str], settings: Settings) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (content, tokens) of every text: a hash of its whole stream of tokens, and how many these are.

    Texts with the same content have the same tokens; it is 0 where a text has none.
    """
    content = np.zeros(len(texts), np.uint64)
    tokens = np.zeros(len(texts), np.int64)
    for rows, some in batches(texts, np.arange(len(texts))):
        hashes = token_hashes(some, folded=settings.fold)
        tokens[rows] = np.diff(hashes.bounds)
        filled = np.flatnonzero(tokens[rows])
        content[rows[filled]] = segment_hashes(hashes.values, hashes.bounds[filled], hashes.bounds[filled + 1])
    return content, tokens


def sign(texts: Sequence[str], rows: NDArray[np.int64], size: int, settings: Settings) -> NDArray[np.uint32]:
    """Return uint32[len(rows), num_perm]: signatures of some texts by shingles of `size` tokens, in the order asked.

    The texts are read from the first to the last, whatever the order of the rows.
    """
    result = np.empty((len(rows), settings.num_perm), np.uint32)
    places = np.argsort(rows)
    done = 0
    for some, held in batches(texts, rows[places]):
        made = signatures(shingles(token_hashes(held, folded=settings.fold), size), settings)
        result[places[done : done + len(some)]] = made
        done += len(some)
    return result


def shingle_sets(
    texts: Sequence[str], rows: NDArray[np.int64], size: int, settings: Settings
) -> dict[int, NDArray[np.uint64]]:
    """Return for some texts their distinct shingles of `size` tokens, sorted."""
    sets: dict[int, NDArray[np.uint64]] = {}
    for some, held in batches(texts, rows):
        sets.update(zip(some.tolist(), shingles(token_hashes(held, folded=settings.fold), size).sets(), strict=True))
    return sets
