"""Features of blocks by their text and their neighbours, which mean the same in every language.

A feature is a float; a page gives a row per block and a column per name of `text_features` and of
`saaf.cleaning.model.metadata_features` (both tracks) and of `saaf.cleaning.model.dom_features` (HTML). No feature is a
word: words count by how often the page itself repeats them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy
from numpy.typing import NDArray

from saaf.cleaning.model.portable_math import log1p
from saaf.cleaning.text.codepoints import (
    BAR,
    CLOSER,
    COLON,
    COMMA,
    DIGIT,
    LETTER,
    LOWER,
    MARK,
    NUMBER,
    OPENER,
    SPACE,
    STOP,
    UNSPACED,
    UPPER,
    WORD,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from saaf.cleaning.text.codepoints import Spans, Tokens

Column = NDArray[Any]
Columns = dict[str, Column]

_CHARACTERS_PER_WORD: Final = 1.7  # of scripts without spaces: Chinese and Japanese words have 1.5 to 2
_DATES: Final = re.compile(
    # Each begins with the one digit at the front: so the search goes from digit to digit.
    r"\d(?:\d{0,3}[./\-年]\d{1,2}[./\-月]\d{1,4}|\d?[:：]\d{2}|(?:(?<=1)9|(?<=2)0)(?<!\d\d\d)\d{2}(?!\d))"
)
_SUBSTRINGS: Final = {
    "address": ("http:", "https:", "www.", "@", ".com"),
    "rights": ("©", "(c)", "copyright", "all rights"),
}
_PROSE_WORDS: Final = 12
_BEGUN: Final = 24  # characters: teasers begin as the article or the headline that they are taken from
_COMMON: Final = 0.3  # a word is the page's own function word where this share of its prose blocks has it
_FAR: Final = 50
_CONTEXT: Final = ("log_words", "closed", "address", "dates", "digits", "capitals", "prose", "common", "kin", "colon")
_NEIGHBOURS: Final = (-3, -2, -1, 1, 2, 3)
_REACHES: Final = {
    "prose": (2, 5, 12),
    "words": (1, 3, 8),
    "closed": (3,),
    "common": (3,),
    "kin": (3,),
    "dates": (4,),
}


def text_features(text: str, spans: Spans, tokens: Tokens, word_hashes: NDArray[numpy.uint64]) -> Columns:
    """Return the text features by name, and "words", each `float32[blocks]`.

    The blocks are the `spans` of `text`, `word_hashes` the hashes of their words, `uint64[blocks]`.
    """
    own = _own_features(text, spans, tokens)
    words = own["words"]
    region = _densest_region(words, own["prose"])
    own |= _context_features(spans, tokens, word_hashes, own["prose"], region)
    columns = own | _positions(words, own, region) | _densities(words, own) | neighbours(own, _CONTEXT, _NEIGHBOURS)
    return {name: numpy.asarray(column, dtype=numpy.float32) for name, column in columns.items()}


def neighbours(columns: Columns, names: Sequence[str], steps: Sequence[int]) -> Columns:
    """Return the columns of neighbouring rows by name: "links+2" is "links" of the row two rows on."""
    table = numpy.stack([columns[name] for name in names])
    found = numpy.concatenate([shifted(table, step) for step in steps])
    return dict(zip(_neighbour_names(tuple(names), tuple(steps)), found, strict=True))


@cache
def _neighbour_names(names: tuple[str, ...], steps: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"{name}{step:+d}" for step in steps for name in names)


def shifted(column: Column, step: int) -> Column:
    """Return the column, or the columns `[columns, rows]`, of each row's neighbour `step` rows on; -1 where none is."""
    out = numpy.full(column.shape, -1.0, dtype=numpy.float32)
    if 0 < step < column.shape[-1]:
        out[..., :-step] = column[..., step:]
    elif 0 < -step < column.shape[-1]:
        out[..., -step:] = column[..., :step]
    return out


def means_around(columns: Columns, reaches: Mapping[str, Sequence[int]]) -> Columns:
    """Return the moving means of columns by name: "links ~2" over up to two rows on either side, five in all."""
    count = len(next(iter(columns.values())))
    sums = numpy.zeros((len(reaches), count + 1))
    table = numpy.stack([columns[name] for name in reaches])
    numpy.cumsum(table, axis=1, dtype=numpy.float64, out=sums[:, 1:])
    rows = numpy.arange(count)
    found: Columns = {}
    for reach, (chosen, names) in _columns_by_reach(tuple(reaches.items())).items():
        low, high = numpy.maximum(rows - reach, 0), numpy.minimum(rows + reach + 1, count)
        own = sums if len(chosen) == len(sums) else sums[chosen]
        means = (own.take(high, axis=1) - own.take(low, axis=1)) / (high - low)
        found |= zip(names, means.astype(numpy.float32), strict=True)
    return found


@cache
def _columns_by_reach(
    reaches: tuple[tuple[str, Sequence[int]], ...],
) -> dict[int, tuple[list[int], tuple[str, ...]]]:
    """Return, for each reach of moving means, the places of its columns in `reaches` and the names of the means."""
    found = {}
    for reach in sorted({reach for _, own in reaches for reach in own}):
        places = [place for place, (_, own) in enumerate(reaches) if reach in own]
        found[reach] = places, tuple(f"{reaches[place][0]} ~{reach}" for place in places)
    return found


def distances(mask: NDArray[numpy.bool_]) -> tuple[Column, Column]:
    """Return how many rows back, and how many on, the nearest row of `mask` is: 0 where the row is one, at most 50."""
    if not mask.any():
        return numpy.full(len(mask), _FAR, dtype=numpy.float32), numpy.full(len(mask), _FAR, dtype=numpy.float32)
    rows = numpy.arange(len(mask))
    last = numpy.maximum.accumulate(numpy.where(mask, rows, -_FAR))
    following = numpy.minimum.accumulate(numpy.where(mask, rows, len(mask) + _FAR)[::-1])[::-1]
    return (
        numpy.minimum(rows - last, _FAR).astype(numpy.float32),
        numpy.minimum(following - rows, _FAR).astype(numpy.float32),
    )


def _own_features(text: str, spans: Spans, tokens: Tokens) -> Columns:
    """Return the features of each block by itself; "words" is its length in words, whatever the script."""
    characters = spans.ends - spans.starts
    unspaced = spans.count(spans.has(UNSPACED))
    spaced = numpy.bincount(tokens.rows, minlength=len(characters)) - unspaced
    words = spaced + unspaced / _CHARACTERS_PER_WORD
    after_letter = numpy.concatenate([[False], spans.has(LETTER | MARK)[:-1]])
    before_number = numpy.concatenate([spans.has(NUMBER)[1:], [False]])
    counted = {
        "sentences": spans.has(STOP) & ~before_number,
        "commas": spans.has(COMMA),
        "bars": spans.has(BAR),
        "digits": spans.has(DIGIT),
        "capitals": spans.has(UPPER) & ~after_letter,
        "dates": _position_mask(spans, [match.start() for match in _DATES.finditer(text)]),
    }
    counts = {name: spans.count(mask) for name, mask in counted.items()}
    columns = _end_features(spans) | _substring_flags(spans)
    columns |= {
        "words": words,
        "log_words": log1p(words),
        "log_characters": log1p(characters),
        "sentences": counts["sentences"],
        "commas": counts["commas"] / numpy.maximum(words, 1),
        "bars": counts["bars"] / numpy.maximum(words, 1),
        "dates": numpy.minimum(counts["dates"], 4),
        "digits": counts["digits"] / numpy.maximum(characters, 1),
        "capitals": counts["capitals"] / numpy.maximum(spaced, 1),
        "upper": (spans.count(spans.has(UPPER)) > 0) & (spans.count(spans.has(LOWER)) == 0),
    }
    columns["prose"] = (
        (words >= _PROSE_WORDS) & (counts["sentences"] > 0) & ((counts["commas"] > 0) | (columns["closed"] > 0))
    )
    return {name: numpy.asarray(column, dtype=numpy.float32) for name, column in columns.items()}


def _end_features(spans: Spans) -> Columns:
    """Return which blocks end as a sentence does, break off, or lead on, and which begin with a quotation or a dash."""
    codes, classes = spans.codes, spans.classes
    last = spans.last(SPACE | CLOSER)
    dotted = (codes[last] == ord(".")) & (codes[numpy.maximum(last - 1, spans.starts)] == ord("."))
    dotted &= codes[numpy.maximum(last - 2, spans.starts)] == ord(".")
    return {
        "closed": classes[last] & STOP != 0,
        "cut": (codes[last] == ord("…")) | dotted,
        "colon": classes[spans.last(SPACE)] & COLON != 0,
        "quoted": classes[spans.starts] & OPENER != 0,
    }


def _substring_flags(spans: Spans) -> Columns:
    """Return which blocks hold one of the strings of `_SUBSTRINGS`."""
    lowered = spans.lowered()
    return {
        name: spans.count(_position_mask(spans, [place for part in parts for place in find_all(lowered, part)])) > 0
        for name, parts in _SUBSTRINGS.items()
    }


def find_all(text: str, part: str) -> Iterator[int]:
    """Yield where `part` stands in `text`, copies that overlap too."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _position_mask(spans: Spans, places: Sequence[int] | NDArray[numpy.integer[Any]]) -> NDArray[numpy.bool_]:
    """Return a truth value for each character of the text: whether it is one of `places`."""
    mask = numpy.zeros(len(spans.codes), dtype=bool)
    mask[numpy.asarray(places, dtype=numpy.int64)] = True
    return mask


def _context_features(
    spans: Spans, tokens: Tokens, word_hashes: NDArray[numpy.uint64], prose: Column, region: tuple[int, int]
) -> Columns:
    """Return the features of each block in its page: repetition, and vocabulary shared with the running text."""
    _, copy, copies = numpy.unique(word_hashes, return_inverse=True, return_counts=True)
    heads = spans.hashes(spans.has(WORD), spans.starts, numpy.minimum(spans.ends, spans.starts + _BEGUN))
    _, head, begun = numpy.unique(heads, return_inverse=True, return_counts=True)
    return {
        "copies": log1p(copies[copy] - 1),
        "begun": numpy.where(spans.ends - spans.starts >= _BEGUN, numpy.minimum(begun[head], 5), 0),
    } | _vocabulary_overlap(tokens, prose, region)


def _vocabulary_overlap(tokens: Tokens, prose: Column, region: tuple[int, int]) -> Columns:
    """Return, of the different words of each block, the share that are the page's function words ("common"), and of
    the others the share that stand elsewhere in the densest region ("kin").
    """
    rows, count = tokens.rows, len(prose)
    _, token = numpy.unique(tokens.hashes, return_inverse=True)
    kinds = int(token.max(initial=-1)) + 1
    pairs = numpy.sort(rows * kinds + token)
    # numpy.unique would import numpy.ma for this, 15 ms of a process that cleans one page.
    pairs = pairs[numpy.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) else pairs
    row, token = pairs // max(kinds, 1), pairs % max(kinds, 1)
    own = numpy.bincount(row, minlength=count)
    running = prose > 0 if prose.any() else numpy.ones(count, dtype=bool)
    frequency = numpy.bincount(token[running[row]], minlength=kinds)
    common = frequency >= max(2.0, _COMMON * int(running.sum()))
    start, end = region
    inside = (row >= start) & (row < end)
    held = numpy.bincount(token[inside], minlength=kinds)
    elsewhere = ~common[token] & (held[token] > inside)
    shared = numpy.bincount(row[common[token]], minlength=count)
    return {
        "common": shared / numpy.maximum(own, 1),
        "kin": numpy.bincount(row[elsewhere], minlength=count) / numpy.maximum(own - shared, 1),
    }


def _densest_region(words: Column, prose: Column) -> tuple[int, int]:
    """Return the densest region, a half-open range of rows: the maximum-sum run of prose less other rows."""
    best, best_start, best_end, total, start = 0.0, 0, 0, 0.0, 0
    for index, (count, is_prose) in enumerate(zip(words.tolist(), prose.tolist(), strict=True)):
        if total <= 0:
            total, start = 0.0, index
        total += count if is_prose else -min(count, 6.0) - 2.5
        if total > best:
            best, best_start, best_end = total, start, index + 1
    return best_start, best_end


def _positions(words: Column, own: Columns, region: tuple[int, int]) -> Columns:
    count = len(words)
    rows = numpy.arange(count, dtype=numpy.float32)
    start, end = region
    offset = numpy.where(rows < start, rows - start, numpy.where(rows >= end, rows - end + 1, 0))
    weight = own["prose"] * words
    total = max(float(weight.sum()), 1.0)
    back, on = distances(own["prose"] > 0)
    return {
        "place": rows / max(count, 1),
        "from start": log1p(rows),
        "from end": log1p(count - 1 - rows),
        "in region": ((rows >= start) & (rows < end)).astype(numpy.float32),
        "off region": numpy.sign(offset) * log1p(numpy.abs(offset)),
        "prose back": back,
        "prose on": on,
        "prose before": numpy.cumsum(weight) / total,
        "page lines": numpy.full(count, log1p(count)),
        "page prose": numpy.full(count, log1p(total)),
        "page prose share": numpy.full(count, own["prose"].mean() if count else 0.0),
        "page region share": numpy.full(count, (end - start) / max(count, 1)),
    }


def _densities(words: Column, own: Columns) -> Columns:
    weight = own["prose"] * words
    return {
        **means_around(own | {"words": own["log_words"], "dates": own["dates"] > 0}, _REACHES),
        "of longest": weight / max(float(weight.max(initial=0.0)), 1.0),
    }
