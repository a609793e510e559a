"""What a block looks like, in numbers that mean the same in every language: the input of the model of blocks.

A feature is a float; a page gives a row per block and a column per name of `line_features` (both tracks) and of
`cleaning.dom_features` (HTML). No feature is a word: phrases count by what they announce, words by how often the page
itself repeats them.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy
import regex
from numpy.typing import NDArray

from cleaning.normalise import letters
from cleaning.packs import Role
from cleaning.rules.marks import Form
from cleaning.rules.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaning.rules.marks import Mark

Column = NDArray[numpy.floating[Any]]
Columns = dict[str, Column]

_CLUSTER: Final = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_WORD: Final = regex.compile(rf"{_CLUSTER}\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}_]--{_CLUSTER}]+", regex.VERSION1)
_UNSPACED: Final = regex.compile(rf"{_CLUSTER}\p{{M}}*")
_CHARACTERS_PER_WORD: Final = 1.7  # of scripts without spaces: Chinese and Japanese words have 1.5 to 2
_CLOSERS: Final = r"[\"'”’»“）)\]」』]*"
_PATTERNS: Final = {
    "sentences": regex.compile(r"[.!?।॥۔。！？؟։።។၊](?=\s|$|[^\s\p{N}])"),
    "commas": regex.compile(r"[,،，、;；؛:：]"),
    "bars": regex.compile(r"[|»›·•/>]"),
    "dates": regex.compile(
        r"\p{N}{1,4}[./\-年]\p{N}{1,2}[./\-月]\p{N}{1,4}|\p{N}{1,2}[:：]\p{N}{2}|(?<!\p{N})(?:19|20)\p{N}{2}(?!\p{N})"
    ),
    "digits": regex.compile(r"\p{N}"),
    "capitals": regex.compile(r"(?<![\p{L}\p{M}])\p{Lu}"),
}
# Matched, not searched: (?r) matches backwards from the end of a line, so that a long one costs no more.
_ENDS: Final = {
    "closed": regex.compile(rf"(?r)[.!?।॥۔。！？…؟։።។၊]{_CLOSERS}\s*"),
    "cut": regex.compile(r"(?r)(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*"),
    "colon": regex.compile(r"(?r)[:：]\s*"),
    "quoted": regex.compile(r"[\"'“«「『„‘—–-]"),
}
_TESTS: Final = {
    "address": regex.compile(r"https?:|www\.|@|\.com\b", regex.IGNORECASE),
    "rights": regex.compile(r"©|\(c\)|copyright|all rights", regex.IGNORECASE),
}
_PROSE_WORDS: Final = 12
_MOST_CHARACTERS: Final = 4_000  # of a block: what it is shows by then, and a block of 10 MB costs no more
_COMMON: Final = 0.3  # a word is the page's own function word where this share of its prose blocks has it
_FAR: Final = 50
_CONTEXT: Final = ("log_words", "closed", "address", "dates", "digits", "capitals", "prose", "common", "kin", "colon")
_NEIGHBOURS: Final = (-3, -2, -1, 1, 2, 3)


def line_features(text: str, lines: Sequence[str]) -> Columns:
    """Return the features that need no markup, by name, each of `len(lines)` values; `text` is the lines joined as the
    document has them.
    """
    own = _shapes(lines)
    words = own.pop("words")
    region = _region(words, own["prose"])
    own |= _company(lines, own["prose"], region)
    own |= _lexicon(text, len(lines))
    count = len(lines)
    columns = own | _positions(words, own, region) | _densities(words, own)
    for step in _NEIGHBOURS:
        for name in _CONTEXT:
            columns[f"{name}{step:+d}"] = shifted(own[name], step)
    return {name: numpy.asarray(column, dtype=numpy.float32).reshape(count) for name, column in columns.items()}


def shifted(column: Column, step: int) -> Column:
    """Return the column of each row's neighbour `step` rows on, -1 where there is none."""
    out = numpy.full(len(column), -1.0, dtype=numpy.float32)
    if 0 < step < len(column):
        out[:-step] = column[step:]
    elif 0 < -step < len(column):
        out[-step:] = column[:step]
    return out


def around(column: Column, reach: int) -> Column:
    """Return the mean of each row and up to `reach` rows on either side."""
    sums = numpy.concatenate([[0.0], numpy.cumsum(column, dtype=numpy.float64)])
    rows = numpy.arange(len(column))
    low, high = numpy.maximum(rows - reach, 0), numpy.minimum(rows + reach + 1, len(column))
    return numpy.asarray((sums[high] - sums[low]) / (high - low), dtype=numpy.float32)


def distances(there: NDArray[numpy.bool_]) -> tuple[Column, Column]:
    """Return how many rows back, and how many on, the nearest row that is `there` is: 0 for this one, at most 50."""
    rows = numpy.arange(len(there))
    last = numpy.maximum.accumulate(numpy.where(there, rows, -_FAR))
    following = numpy.minimum.accumulate(numpy.where(there, rows, len(there) + _FAR)[::-1])[::-1]
    return (
        numpy.minimum(rows - last, _FAR).astype(numpy.float32),
        numpy.minimum(following - rows, _FAR).astype(numpy.float32),
    )


def _shapes(lines: Sequence[str]) -> Columns:
    """Return what each line shows by itself; "words" is its length in words, whatever the script."""
    heads = [line[:_MOST_CHARACTERS] for line in lines]
    counts = _counts(heads, _PATTERNS | {"unspaced": _UNSPACED, "words": _WORD})
    columns = {name: _column(pattern.match(head) is not None for head in heads) for name, pattern in _ENDS.items()}
    columns |= {name: numpy.minimum(column, 1) for name, column in _counts(heads, _TESTS).items()}
    characters = _column(map(len, lines))
    unspaced = counts["unspaced"]
    spaced = counts["words"] - unspaced
    words = (spaced + unspaced / _CHARACTERS_PER_WORD) * characters / numpy.maximum(_column(map(len, heads)), 1)
    columns |= {
        "words": words,
        "log_words": numpy.log1p(words),
        "log_characters": numpy.log1p(characters),
        "sentences": counts["sentences"],
        "commas": counts["commas"] / numpy.maximum(words, 1),
        "bars": counts["bars"] / numpy.maximum(words, 1),
        "dates": numpy.minimum(counts["dates"], 4),
        "digits": counts["digits"] / numpy.maximum(characters, 1),
        "capitals": counts["capitals"] / numpy.maximum(spaced, 1),
        "upper": _column(map(str.isupper, heads)),
    }
    columns["prose"] = (
        (words >= _PROSE_WORDS) & (counts["sentences"] > 0) & ((counts["commas"] > 0) | (columns["closed"] > 0))
    ).astype(numpy.float32)
    return columns


def _counts(heads: Sequence[str], patterns: Mapping[str, regex.Pattern[str]]) -> Columns:
    """Return how often each pattern matches in each line. No pattern matches across a line break, or tells it from the
    end: the lines are searched as one text, since a call for each of them would take most of the time.
    """
    text = "\n".join(heads)
    ends = numpy.cumsum([len(head) + 1 for head in heads])
    found = {}
    for name, pattern in patterns.items():
        places = numpy.array([match.start() for match in pattern.finditer(text)], dtype=numpy.int64)
        rows = numpy.searchsorted(ends, places, side="right")
        found[name] = numpy.bincount(rows, minlength=len(heads)).astype(numpy.float32)
    return found


def _company(lines: Sequence[str], prose: Column, region: tuple[int, int]) -> Columns:
    """Return how each line relates to the other lines: repeated, begun elsewhere, of the words of the running text."""
    spelled = [letters(line[:_MOST_CHARACTERS]).casefold() for line in lines]
    copies = Counter(spelled)
    begun = Counter(key[:24] for key in spelled if len(key) >= 24)
    tokens = [set(_WORD.findall(line[:_MOST_CHARACTERS].casefold())) for line in lines]
    running = [index for index in range(len(lines)) if prose[index]] or list(range(len(lines)))
    frequency = Counter(chain.from_iterable(tokens[index] for index in running))
    least = max(2.0, _COMMON * len(running))
    common = {token for token, count in frequency.items() if count >= least}
    start, end = region
    inside = Counter(chain.from_iterable(tokens[start:end]))
    once = inside.keys() - common
    twice = {token for token in once if inside[token] > 1}
    kin = []
    for index, own in enumerate(tokens):
        elsewhere = own & (twice if start <= index < end else once)
        kin.append(len(elsewhere) / max(1, len(own - common)))
    return {
        "copies": numpy.log(_column(copies[key] for key in spelled)),
        "begun": numpy.minimum(_column(begun[key[:24]] if len(key) >= 24 else 0 for key in spelled), 5),
        "common": _column(len(own & common) / max(1, len(own)) for own in tokens),
        "kin": _column(kin),
    }


def _region(words: Column, prose: Column) -> tuple[int, int]:
    """Return the run of lines, half-open, with the greatest sum, where prose counts and what is none costs."""
    best, best_start, best_end, total, start = 0.0, 0, 0, 0.0, 0
    for index, (count, is_prose) in enumerate(zip(words.tolist(), prose.tolist(), strict=True)):
        if total <= 0:
            total, start = 0.0, index
        total += count if is_prose else -min(count, 6.0) - 2.5
        if total > best:
            best, best_start, best_end = total, start, index + 1
    return best_start, best_end


def _lexicon(text: str, count: int) -> Columns:
    """Return which lines are or begin with a phrase of a language pack, by what it announces."""
    marks = view_of(text).marks
    heading = numpy.zeros(count, dtype=bool)
    columns = {f"says {name}": numpy.zeros(count, dtype=numpy.float32) for name in ("label", "line", "heading", "cue")}
    for index, mark in marks.items():
        if index < count and mark.form is not Form.BARE:
            columns[f"says {mark.rule.role.value}"][index] = 1.0
            heading[index] = _heads(mark)
    back, _ = distances(heading)
    return columns | {"since heading": back}


def _heads(mark: Mark) -> bool:
    return mark.form is Form.WHOLE and mark.rule.role in (Role.HEADING, Role.CUE)


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
        "from start": numpy.log1p(rows),
        "from end": numpy.log1p(count - 1 - rows),
        "in region": ((rows >= start) & (rows < end)).astype(numpy.float32),
        "off region": numpy.sign(offset) * numpy.log1p(numpy.abs(offset)),
        "prose back": back,
        "prose on": on,
        "prose before": numpy.cumsum(weight) / total,
        "page lines": numpy.full(count, numpy.log1p(count)),
        "page prose": numpy.full(count, numpy.log1p(total)),
        "page prose share": numpy.full(count, own["prose"].mean() if count else 0.0),
        "page region share": numpy.full(count, (end - start) / max(count, 1)),
    }


def _densities(words: Column, own: Columns) -> Columns:
    weight = own["prose"] * words
    return {
        "prose ~2": around(own["prose"], 2),
        "prose ~5": around(own["prose"], 5),
        "prose ~12": around(own["prose"], 12),
        "words ~1": around(own["log_words"], 1),
        "words ~3": around(own["log_words"], 3),
        "words ~8": around(own["log_words"], 8),
        "closed ~3": around(own["closed"], 3),
        "common ~3": around(own["common"], 3),
        "kin ~3": around(own["kin"], 3),
        "dates ~4": around((own["dates"] > 0).astype(numpy.float32), 4),
        "of longest": weight / max(float(weight.max(initial=0.0)), 1.0),
    }


def _column(values: Iterable[float]) -> Column:
    return numpy.array(list(values), dtype=numpy.float32)
