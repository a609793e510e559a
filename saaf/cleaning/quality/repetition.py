"""Repetition within a text: its most frequent n-grams of words, and the n-grams that stood before.

Word n-grams are numbered exactly, one length from the one before: an n-gram can only be repeated where its first n - 1
words are, so that after the pairs little is left to sort. Time is that of sorting the pairs once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy

from saaf.cleaning.quality.signal_table import DUPLICATE_NGRAMS, TOP_NGRAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[numpy.int64]


NGRAM_SIGNALS: Final = (
    *(f"top_{n}gram_character_share" for n in TOP_NGRAMS),
    *(f"duplicate_{n}gram_character_share" for n in DUPLICATE_NGRAMS),
)
"""The names of the signals of repeated n-grams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a text, in order: a hash of each, equal for equal words, and its half-open range in code points."""

    hashes: NDArray[numpy.uint64]
    starts: Integers
    ends: Integers


def ngram_shares(words: Words, characters: int) -> dict[str, float]:
    """Return the signals of repeated n-grams by name, each in [0, 1], of a text of so many characters.

    `top_Ngram_character_share` counts the characters of an n-gram with one space wherever its words are parted,
    `duplicate_Ngram_character_share` those of the words alone, as `datatrove` does.
    """
    number = len(words.hashes)
    lengths = words.ends - words.starts
    spaced = lengths.copy()
    spaced[:-1] += words.starts[1:] > words.ends[:-1]
    length_sums, spaced_sums = _sums(lengths), _sums(spaced)
    _, ids, times = numpy.unique(words.hashes, return_inverse=True, return_counts=True)
    shares = dict.fromkeys(NGRAM_SIGNALS, 0.0)
    positions = numpy.flatnonzero(times[ids] > 1)
    keys = ids[positions]
    for n in range(2, DUPLICATE_NGRAMS[-1] + 1):
        inside = positions + n <= number
        positions, keys = positions[inside], keys[inside]
        if not len(positions):
            break
        keys = keys * number + ids[positions + n - 1]
        _, first, inverse, counts = numpy.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        if n in TOP_NGRAMS:
            most = int(counts.max())
            starts = positions[first[counts == most]] if most > 1 else positions[:0]
            widths = spaced_sums[starts + n - 1] - spaced_sums[starts] + lengths[starts + n - 1]
            covered = most * int(widths.max(initial=0))
            shares[f"top_{n}gram_character_share"] = min(1.0, covered / characters)
        if n in DUPLICATE_NGRAMS:
            is_later = numpy.ones(len(positions), numpy.bool_)
            is_later[first] = False
            covered = sum(int(length_sums[at + n] - length_sums[at]) for at in _apart(positions[is_later].tolist(), n))
            shares[f"duplicate_{n}gram_character_share"] = covered / characters
        repeated = counts[inverse] > 1
        positions, keys = positions[repeated], inverse[repeated]
    return shares


def _sums(values: Integers) -> Integers:
    """Return the sums of the first 0, 1, ... n values."""
    sums = numpy.zeros(len(values) + 1, numpy.int64)
    numpy.cumsum(values, out=sums[1:])
    return sums


def _apart(positions: Sequence[int], n: int) -> list[int]:
    """Return the ascending positions of n-grams, less those that overlap with one that is returned before."""
    found, free = [], 0
    for position in positions:
        if position >= free:
            found.append(position)
            free = position + n
    return found


def duplicates(parts: Sequence[str]) -> tuple[float, float]:
    """Return which share of the parts stood before, and which share of their characters is in those; each in [0, 1].

    No part is empty.
    """
    if len(set(parts)) == len(parts):
        return 0.0, 0.0
    seen: set[str] = set()
    repeated, characters = 0, 0
    for part in parts:
        if part in seen:
            repeated += 1
            characters += len(part)
        else:
            seen.add(part)
    return repeated / len(parts), characters / sum(map(len, parts))
