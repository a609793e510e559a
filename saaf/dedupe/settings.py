"""Settings of near-duplicate detection, in one frozen value that a manifest can record."""

from __future__ import annotations

import functools
from dataclasses import dataclass

_MAX_REPETITION = 2  # a text that says everything twice is still compared with a short one that says it once


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """The banding of a MinHash signature for locality-sensitive hashing: `count` bands of `rows` values each.

    Two texts are a candidate pair where all values of at least one band are equal (Leskovec, Rajaraman and Ullman,
    Mining of Massive Datasets, section 3.4).
    """

    count: int
    rows: int

    def recall(self, jaccard: float) -> float:
        """Return the probability, 0 to 1, that two texts of this Jaccard similarity are a candidate pair.

        It is 1 - (1 - s^r)^b for similarity s, b bands and r rows.
        """
        return float(1.0 - (1.0 - jaccard**self.rows) ** self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings that a result depends on. Raises ValueError where the values cannot work together.

    `threshold` is the exact Jaccard similarity, over 0 and up to 1, from which two texts are near-duplicates.
    `shingle_size` is in tokens; where the shorter text of a pair has fewer than `short_tokens` tokens, both are
    compared by shingles of `short_shingle_size`. `recall` is the least probability that a pair exactly at the
    threshold becomes a candidate. `num_perm`, `seed` and `scheme` name the MinHash permutations, as in datasketch 2.
    `fold` False compares the code points as they are; it exists to show what folding adds.
    """

    threshold: float = 0.7
    shingle_size: int = 3
    short_shingle_size: int = 2
    short_tokens: int = 60
    num_perm: int = 128
    seed: int = 1
    recall: float = 0.99
    scheme: str = "affine32"
    fold: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold <= 1.0:
            raise ValueError(f"threshold is {self.threshold}; give a Jaccard similarity over 0, at most 1, such as 0.7")
        if not 0.0 < self.recall < 1.0:
            raise ValueError(f"recall is {self.recall}; give a probability between 0 and 1, such as 0.99")
        if min(self.shingle_size, self.short_shingle_size, self.num_perm) < 1:
            raise ValueError("shingle_size, short_shingle_size and num_perm count things: give 1 or more")
        if self.scheme != "affine32":
            raise ValueError(f"scheme is {self.scheme!r}; only 'affine32' signatures are made here")
        choose_bands(self.threshold, self.recall, self.num_perm)

    @property
    def bands(self) -> Bands:
        """The most selective bands that reach `recall` at `threshold`; see `choose_bands`."""
        return choose_bands(self.threshold, self.recall, self.num_perm)

    @property
    def short_reach(self) -> float:
        """The number of tokens from which a text is too long to be compared with a short one.

        A text with as many tokens or more could reach the threshold with a text of fewer than `short_tokens` only by
        repeating itself more than twice.
        """
        return _MAX_REPETITION * self.short_tokens / self.threshold


@functools.cache
def choose_bands(threshold: float, recall: float, num_perm: int) -> Bands:
    """Return the most selective bands whose recall at `threshold` is `recall` or more.

    More rows let fewer unrelated pairs through: of all that reach the recall, the bands with the most rows are taken,
    and of these the fewest bands. (datasketch weighs false positives and false negatives alike: for 0.8 and 128 values
    it takes 9 bands of 13 rows, which find 40 % of the pairs at 0.8. Here every candidate is verified, so a false
    positive costs a moment and a false negative a pair.) Raises ValueError where `num_perm` values are too few.
    """
    for rows in range(num_perm, 0, -1):
        for count in range(1, num_perm // rows + 1):
            bands = Bands(count=count, rows=rows)
            if bands.recall(threshold) >= recall:
                return bands
    raise ValueError(
        f"{num_perm} permutations cannot find {recall:.0%} of the pairs at {threshold}; "
        "raise num_perm or threshold, or ask for less recall"
    )


DEFAULT_SETTINGS = Settings()
