"""Fingerprints of texts, computed a batch at a time: content hash, number of tokens, MinHash signature, shingle set.

What is kept of a text does not grow with its length, or is let go soon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.columns import batches
from saaf.dedupe.signatures import content_hashes, minhash_signatures, shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """Fingerprints of n texts, row i of text i.

    `content` uint64[n] is a hash of all tokens in order: texts with the same content have the same tokens. `tokens`
    int64[n] is the number of tokens; where it is 0, so is the content. `signatures` uint32[n, num_perm] is by shingles
    of `Settings.shingle_size`; the row of a text of fewer than `short_tokens` tokens may hold anything.
    """

    content: NDArray[np.uint64]
    tokens: NDArray[np.int64]
    signatures: NDArray[np.uint32]


def fingerprint_texts(texts: Sequence[str], settings: Settings) -> Fingerprints:
    """Return the fingerprints of all texts, each read once, from the first to the last."""
    content = np.zeros(len(texts), np.uint64)
    tokens = np.zeros(len(texts), np.int64)
    signatures = np.empty((len(texts), settings.num_perm), np.uint32)
    min_tokens = settings.short_tokens if settings.shingle_size != settings.short_shingle_size else 1
    for rows, batch in batches(texts, np.arange(len(texts))):
        hashes = token_hashes(batch, folded=settings.fold)
        counts = np.diff(hashes.offsets)
        nonempty = np.flatnonzero(counts)
        content[rows[nonempty]] = content_hashes(hashes)
        tokens[rows] = counts
        if counts.max() >= min_tokens:
            signatures[rows] = minhash_signatures(shingles(hashes, settings.shingle_size), settings)
    return Fingerprints(content=content, tokens=tokens, signatures=signatures)


def write_signatures(
    texts: Sequence[str],
    rows: NDArray[np.int64],
    shingle_size: int,
    settings: Settings,
    signatures: NDArray[np.uint32],
) -> None:
    """Compute the signatures of some texts by shingles of `shingle_size` tokens and write them to `signatures[rows]`.

    `rows` is int64[k]; `signatures` is uint32[n, num_perm] and is changed in place.
    """
    for batch_rows, batch in batches(texts, np.sort(rows)):
        hashes = token_hashes(batch, folded=settings.fold)
        signatures[batch_rows] = minhash_signatures(shingles(hashes, shingle_size), settings)


def shingle_sets(
    texts: Sequence[str], rows: NDArray[np.int64], shingle_size: int, settings: Settings
) -> dict[int, NDArray[np.uint64]]:
    """Return the shingle sets of some texts by row: the distinct shingle hashes, uint64, sorted."""
    sets: dict[int, NDArray[np.uint64]] = {}
    for batch_rows, batch in batches(texts, rows):
        hashes = token_hashes(batch, folded=settings.fold)
        sets.update(zip(batch_rows.tolist(), shingles(hashes, shingle_size).sets(), strict=True))
    return sets
