"""Near-duplicate pairs of texts that are at hand: signatures, candidates, and their exact Jaccard similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.fingerprints import shingle_sets, write_signatures
from saaf.dedupe.near_pairs import Comparison, NearPairs, find_near_pairs, jaccard_and_containment
from saaf.dedupe.settings import DEFAULT_SETTINGS
from saaf.dedupe.signatures import shingles
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from saaf.dedupe.fingerprints import Fingerprints
    from saaf.dedupe.settings import Settings


def jaccard(left: str, right: str, *, settings: Settings = DEFAULT_SETTINGS) -> float:
    """Return the exact Jaccard similarity of the shingle sets of two texts, 0 to 1; 0 where one has no token.

    It is the resemblance of Broder (1997). Where the shorter text has fewer than `short_tokens` tokens, both are cut
    into shingles of `short_shingle_size` tokens.
    """
    hashes = token_hashes([left, right], folded=settings.fold)
    sizes = np.diff(hashes.offsets)
    if not sizes.all():
        return 0.0
    short = int(sizes.min()) < settings.short_tokens
    one, other = shingles(hashes, settings.short_shingle_size if short else settings.shingle_size).sets()
    return jaccard_and_containment(one, other)[0]


def verified_pairs(
    texts: Sequence[str], fingerprints: Fingerprints, rows: NDArray[np.int64], settings: Settings
) -> NearPairs:
    """Return the pairs at the threshold or over it among the texts `rows`, int64[k], each of which has a token.

    The rows come from the best text to the worst, and the pairs are positions among them. Texts are read again where
    they are short and where they are candidates. The signatures of short texts replace those in
    `fingerprints.signatures`, so that memory is bounded by these: 512 bytes a text.
    """

    def read_sets(positions: NDArray[np.int64], shingle_size: int) -> dict[int, NDArray[np.uint64]]:
        in_order = positions[np.argsort(rows[positions])]
        sets = shingle_sets(texts, rows[in_order], shingle_size, settings)
        return dict(zip(in_order.tolist(), sets.values(), strict=True))

    return find_near_pairs(
        _comparisons(texts, fingerprints, rows, settings), fingerprints.tokens[rows], read_sets, settings
    )


def _comparisons(
    texts: Sequence[str], fingerprints: Fingerprints, rows: NDArray[np.int64], settings: Settings
) -> Iterator[Comparison]:
    """Yield the comparisons of texts, each when its signatures are in `fingerprints.signatures`.

    Two longer texts are compared by long shingles. A short one is compared by short shingles with all that are not so
    much longer that they could not reach the threshold.
    """
    tokens = fingerprints.tokens[rows]
    everything = np.arange(len(rows))
    short = tokens < settings.short_tokens
    one_size = settings.shingle_size == settings.short_shingle_size
    chosen = everything if one_size else np.flatnonzero(~short)
    yield Comparison(
        shingle_size=settings.shingle_size,
        texts=chosen,
        signatures=fingerprints.signatures,
        rows=rows[chosen],
        required=np.ones(len(chosen), np.bool_),
    )
    if short.any() and not one_size:
        chosen = np.flatnonzero(tokens < settings.short_reach)
        write_signatures(texts, rows[chosen], settings.short_shingle_size, settings, fingerprints.signatures)
        yield Comparison(
            shingle_size=settings.short_shingle_size,
            texts=chosen,
            signatures=fingerprints.signatures,
            rows=rows[chosen],
            required=short[chosen],
        )
