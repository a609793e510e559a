"""Metrics of a clean text against a gold text: precision, recall, F1, residue and missing share of one page.

Words are runs of letters, combining marks and digits; in scripts without spaces each character with its marks is a
word. Headline lines are left out on both sides, because gold texts differ in whether they hold the headline.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass
from statistics import mean
from typing import TYPE_CHECKING, Any, Final

import regex

from saaf.cleaning.text.scripts import UNSPACED_CLASS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_FORMAT = regex.compile(r"[\p{Cf}\u0640]+")
_CLUSTER: Final = f"[{UNSPACED_CLASS}]"
_WORD = regex.compile(rf"{_CLUSTER}\p{{M}}*|(?:(?!{_CLUSTER})[\p{{L}}\p{{M}}\p{{N}}_])+")
_NOT_LETTER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_SHINGLE_SIZE: Final = 4
_CONTAINED: Final = 0.6  # a text contains a line where this share of the line's word trigrams is in the text
_HEADLINE_LINES: Final = 4  # a headline is searched for in this many first lines
_HEADLINE_LETTERS: Final = 8  # a shorter line is no headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The metrics of one page, or the means of several pages: all in [0, 1].

    `precision` and `recall` are of word 4-grams, as multisets; `precision` is None where the output is empty.
    `residue` is the share of the output's words on lines that the gold text does not contain, `dirty` 1 where there is
    such a line. `missing_share` is the share of the gold text's words on lines that the output does not contain.
    `empty` is 1 where the output is empty.
    """

    precision: float | None
    recall: float
    f1: float
    residue: float
    dirty: float
    missing_share: float
    empty: float

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics by their names in tables and JSON, where the missing share is called "lost"."""
        return {"lost" if name == "missing_share" else name: value for name, value in asdict(self).items()}


def score(gold: str, output: str, headlines: Collection[str] = ()) -> Figures:
    """Return the metrics of `output` against `gold`; `headlines` are the `comparison_key`s of the headline's forms."""
    gold, output = _without_headlines(gold, headlines) or gold, _without_headlines(output, headlines)
    expected, found = _shingles(words(gold)), _shingles(words(output))
    common, expected_size, found_size = (expected & found).total(), expected.total(), found.total()
    residue, dirty = _foreign(output, gold)
    return Figures(
        precision=common / found_size if found_size else None,
        recall=common / expected_size if expected_size else 1.0,
        f1=2 * common / (expected_size + found_size) if expected_size + found_size else 1.0,
        residue=residue,
        dirty=float(dirty),
        missing_share=_foreign(gold, output)[0] if output.strip() else 1.0,
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
        missing_share=mean(row.missing_share for row in figures),
        empty=mean(row.empty for row in figures),
    )


def words(text: str) -> list[str]:
    """Return the words of a text in NFC and folded case, in order."""
    return list(_WORD.findall(_FORMAT.sub("", unicodedata.normalize("NFC", text)).casefold()))


def comparison_key(text: str) -> str:
    """Return the letters, marks and digits of a text in NFC and folded case: the key by which lines are compared."""
    return str(_NOT_LETTER.sub("", unicodedata.normalize("NFC", text)).casefold())


def _without_headlines(text: str, headlines: Collection[str]) -> str:
    """Return the text without those of its first lines that are forms of the headline."""
    kept, position = [], 0
    for line in text.split("\n"):
        key = comparison_key(line)
        position += bool(key)
        if not (position <= _HEADLINE_LINES and len(key) >= _HEADLINE_LETTERS and key in headlines):
            kept.append(line)
    return "\n".join(kept)


def _shingles(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
    if len(tokens) < _SHINGLE_SIZE:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(zip(*(tokens[shift:] for shift in range(_SHINGLE_SIZE)), strict=False))


def _foreign(text: str, reference: str) -> tuple[float, bool]:
    """Return the share of the text's words on lines that `reference` does not contain, and whether there is one."""
    reference_key, known = comparison_key(reference), words(reference)
    trigrams, vocabulary = set(zip(known, known[1:], known[2:], strict=False)), set(known)
    foreign = total = 0
    for line in text.split("\n"):
        tokens, key = words(line), comparison_key(line)
        total += len(tokens)
        if len(key) >= 2 and key not in reference_key and _contained_share(tokens, trigrams, vocabulary) < _CONTAINED:
            foreign += len(tokens)
    return (foreign / total if total else 0.0), foreign > 0


def _contained_share(
    tokens: Sequence[str], trigrams: Collection[tuple[str, str, str]], vocabulary: Collection[str]
) -> float:
    """Return the share of a line's trigrams that a text has; of its words where it has fewer than four trigrams."""
    grams = list(zip(tokens, tokens[1:], tokens[2:], strict=False))
    if len(grams) >= 4:
        return mean(gram in trigrams for gram in grams)
    return mean(token in vocabulary for token in tokens) if len(tokens) > 3 else 0.0
