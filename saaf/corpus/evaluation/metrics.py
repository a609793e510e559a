"""How good a clean text is beside a gold text: precision, recall, F1, residue and loss of one page.

Words are runs of letters, combining marks and digits; in scripts without spaces each character with its marks is a
word.
Headline lines are left out on both sides, because gold texts differ in whether they hold the headline.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING, Final

import regex

from saaf.cleaning.text.scripts import UNSPACED_CLASS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_FORMAT = regex.compile(r"[\p{Cf}\u0640]+")
_CLUSTER: Final = f"[{UNSPACED_CLASS}]"
_WORD = regex.compile(rf"{_CLUSTER}\p{{M}}*|(?:(?!{_CLUSTER})[\p{{L}}\p{{M}}\p{{N}}_])+")
_NOT_LETTER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_SHINGLE: Final = 4
_HELD: Final = 0.6  # a line is held by a text where this share of its word trigrams stands there
_HEADLINE_LINES: Final = 4  # a headline is looked for in this many first lines
_HEADLINE_LETTERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one page, or the means of several: all in [0, 1].

    `precision` and `recall` are of word 4-grams, as multisets; `precision` is None where the output is empty.
    `residue` is the share of the output's words on lines that the gold does not hold, `dirty` 1 where there is such a
    line, `lost` the share of the gold's words on lines that the output does not hold, `empty` 1 where nothing came out.
    """

    precision: float | None
    recall: float
    f1: float
    residue: float
    dirty: float
    lost: float
    empty: float


def score(gold: str, output: str, headlines: Collection[str] = ()) -> Figures:
    """Return the figures of `output` beside `gold`; `headlines` are forms of the headline, see `comparison_key`."""
    gold, output = _without_headlines(gold, headlines) or gold, _without_headlines(output, headlines)
    wanted, got = _shingles(words(gold)), _shingles(words(output))
    hits, wanted_size, got_size = (wanted & got).total(), wanted.total(), got.total()
    residue, dirty = _foreign(output, gold)
    return Figures(
        precision=hits / got_size if got_size else None,
        recall=hits / wanted_size if wanted_size else 1.0,
        f1=2 * hits / (wanted_size + got_size) if wanted_size + got_size else 1.0,
        residue=residue,
        dirty=float(dirty),
        lost=_foreign(gold, output)[0] if output.strip() else 1.0,
        empty=float(not output.strip()),
    )


def means(figures: Sequence[Figures]) -> Figures:
    """Return the means over pages; precision over those that have one. Raises ValueError where there is no page."""
    if not figures:
        raise ValueError("no pages to take means of: give pages with gold texts")
    precisions = [row.precision for row in figures if row.precision is not None]
    return Figures(
        precision=mean(precisions) if precisions else None,
        recall=mean(row.recall for row in figures),
        f1=mean(row.f1 for row in figures),
        residue=mean(row.residue for row in figures),
        dirty=mean(row.dirty for row in figures),
        lost=mean(row.lost for row in figures),
        empty=mean(row.empty for row in figures),
    )


def words(text: str) -> list[str]:
    """Return the words of a text in NFC and folded case, in order."""
    return list(_WORD.findall(_FORMAT.sub("", unicodedata.normalize("NFC", text)).casefold()))


def comparison_key(text: str) -> str:
    """Return the letters, marks and digits of a text in NFC and folded case: what a line is compared by."""
    return str(_NOT_LETTER.sub("", unicodedata.normalize("NFC", text)).casefold())


def _without_headlines(text: str, headlines: Collection[str]) -> str:
    kept, seen = [], 0
    for line in text.split("\n"):
        spelled = comparison_key(line)
        seen += bool(spelled)
        if not (seen <= _HEADLINE_LINES and len(spelled) >= _HEADLINE_LETTERS and spelled in headlines):
            kept.append(line)
    return "\n".join(kept)


def _shingles(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
    if len(tokens) < _SHINGLE:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(zip(*(tokens[shift:] for shift in range(_SHINGLE)), strict=False))


def _foreign(text: str, reference: str) -> tuple[float, bool]:
    """Return the share of the text's words on lines that `reference` does not hold, and whether there is one."""
    held, known = comparison_key(reference), words(reference)
    trigrams, vocabulary = set(zip(known, known[1:], known[2:], strict=False)), set(known)
    foreign = total = 0
    for line in text.split("\n"):
        tokens, spelled = words(line), comparison_key(line)
        total += len(tokens)
        if len(spelled) >= 2 and spelled not in held and _inside(tokens, trigrams, vocabulary) < _HELD:
            foreign += len(tokens)
    return (foreign / total if total else 0.0), foreign > 0


def _inside(tokens: Sequence[str], trigrams: Collection[tuple[str, str, str]], vocabulary: Collection[str]) -> float:
    grams = list(zip(tokens, tokens[1:], tokens[2:], strict=False))
    if len(grams) >= 4:
        return mean(gram in trigrams for gram in grams)
    return mean(token in vocabulary for token in tokens) if len(tokens) > 3 else 0.0
