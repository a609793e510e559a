"""What folding adds on natural text: `python -m benchmarks.dedupe_folding --texts DIR`.

First what a change of code points does to the similarity of a document with itself, and how many reprints (copies with
this change and a few edited words) reach a threshold only with folding. Then reprints as they are found in the
directory. A minute of CPU time.
"""

from __future__ import annotations

import argparse
import random
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from benchmarks.dedupe_natural import edited, joined, languages, pages, passages, units
from benchmarks.dedupe_truth import shingles
from saaf.dedupe import Settings, find_duplicates, jaccard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PASSAGES, LENGTH = 60, (280, 320)  # units
RATES = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06)  # of edited words in a reprint
FOLDED, UNFOLDED = Settings(short_tokens=1), Settings(short_tokens=1, fold=False)
HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"


class Change(NamedTuple):
    """A change of code points that a reader of the language does not see, or hardly."""

    language: str
    name: str
    apply: Callable[[str], str]


def letters(one: str, other: str) -> Callable[[str], str]:
    """Return a change of each letter of `one` to that of `other` at the same place."""
    table = str.maketrans(one, other)
    return lambda text: text.translate(table)


def pattern(found: str, put: str, share: float = 1.0) -> Callable[[str], str]:
    """Return a change of what a regular expression finds, of a share of it chosen at random."""
    return lambda text: regex.sub(
        found, lambda match: match.expand(put) if _chance(match.start()) < share else match[0], text
    )


def _chance(place: int) -> float:
    return random.Random(place).random()


ARABIC_INDIC, DEVANAGARI, FULL = "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９"
WIDE = letters("".join(map(chr, range(0x21, 0x7F))), "".join(map(chr, range(0xFF01, 0xFF5F))))
_NUKTA = {unicodedata.normalize("NFD", chr(code)): chr(code) for code in range(0x958, 0x960)}
CHANGES = (
    Change("ar", "yeh and kaf of a Persian keyboard", letters("يك", "یک")),
    Change("ar", "hamza left out", letters("أإآؤئ", "اااوي")),
    Change("ar", "teh marbuta as heh", letters("ة", "ه")),
    Change("ar", "last yeh without dots", pattern(r"ي\b", "ى")),
    Change("ar", "tatweel in 1 of 50 letters", pattern(r"(?<=[بتسصطفلمنيه])(?=\p{L})", "ـ", 0.02)),
    Change("ar", "harakat left out", pattern(f"[{HARAKAT}\u0670]", "")),
    Change("ar", "harakat on 1 of 20 letters", pattern(r"(?<=[\u0621-\u064a])(?=[\u0621-\u064a])", "\u064e", 0.05)),
    Change("ar", "digits ١٢٣", letters("0123456789", ARABIC_INDIC)),
    Change("ar", "bidi marks at 1 of 20 words", pattern(r"\b(?=\p{L})", "\u200f", 0.05)),
    Change("ur", "yeh, kaf, heh of an Arabic keyboard", letters("یکہھ", "يكهه")),
    Change("ur", "hamza on yeh as two code points", lambda text: unicodedata.normalize("NFD", text)),
    Change("ur", "ZWNJ in 1 of 50 letters", pattern(r"(?<=[بتسصطفلمنیہ])(?=\p{L})", "\u200c", 0.02)),
    Change("ur", "space before the full stop", pattern(r"۔", " ۔")),
    Change("fa", "ZWNJ left out", pattern("\u200c", "")),
    Change("fa", "yeh and kaf of an Arabic keyboard", letters("یک", "يك")),
    Change("hi", "nukta left out", lambda text: unicodedata.normalize("NFD", text).replace("\u093c", "")),
    Change("hi", "nukta letters as one code point", lambda text: regex.sub("|".join(_NUKTA), _one_code_point, text)),
    Change("hi", "chandrabindu as anusvara", letters("ँ", "ं")),
    Change("hi", "ZWNJ after 1 of 10 viramas", pattern("्", "्\u200c", 0.1)),
    Change("hi", "digits १२३", letters("0123456789", DEVANAGARI)),
    Change("hi", "space before danda", pattern("।", " ।")),
    Change("en", "curly quotes as straight ones", letters("‘’“”", "''\"\"")),
    Change("en", "dashes as hyphens", letters("–—", "--")),
    Change("en", "soft hyphens in 1 of 50 letters", pattern(r"(?<=\p{L}\p{L})(?=\p{L}\p{L})", "\u00ad", 0.02)),
    Change("en", "ligatures of a PDF", lambda text: text.replace("fi", "ﬁ").replace("fl", "ﬂ")),
    Change("en", "all capitals", str.upper),
    Change("de", "NFD, as file systems have it", lambda text: unicodedata.normalize("NFD", text)),
    Change("fr", "NFD, as file systems have it", lambda text: unicodedata.normalize("NFD", text)),
    Change("zh", "full-width digits, letters, marks", WIDE),
    Change("zh", "a line wrap every 30 characters", pattern(r"(.{30})", "\\1\n")),
    Change("zh", "zero-width space at 1 of 50", pattern("(?<=.)(?=.)", "\u200b", 0.02)),
)


def _one_code_point(match: regex.Match[str]) -> str:
    return _NUKTA[match[0]]


def plain(language: str, left: str, right: str) -> float:
    """Return the similarity of two texts as peers' manuals have it: by words between spaces, in Chinese characters."""
    one, other = (shingles(list(text) if language == "zh" else text.split(), 3) for text in (left, right))
    return len(one & other) / len(one | other)


def measured(change: Change, originals: Sequence[Sequence[str]], known: Sequence[str]) -> str:
    """Return a line of the table."""
    chance = np.random.default_rng(4)
    alike: list[tuple[float, float, float]] = []
    reached = {0.7: np.zeros(2, np.int64), 0.8: np.zeros(2, np.int64)}
    touched = 0
    for original in originals:
        text = joined(change.language, original)
        touched += change.apply(text) != text
        for rate in RATES:
            reprint = change.apply(joined(change.language, edited(original, rate, known, chance)))
            folded, unfolded = (jaccard(text, reprint, settings=settings) for settings in (FOLDED, UNFOLDED))
            for threshold, counts in reached.items():
                counts += [folded >= threshold, folded >= threshold > unfolded]
            if rate == 0.0:
                alike.append((plain(change.language, text, reprint), unfolded, folded))
    means = "  ".join(f"{mean:.2f}" for mean in np.mean(alike, axis=0))
    only = "  ".join(f"{counts[0]:5} {counts[1] / max(counts[0], 1):6.1%}" for counts in reached.values())
    return f"{change.language} {change.name:36} {touched:3}/{len(originals):3}   {means}   {only}"


def natural(texts: Path) -> None:
    """Print how many pairs of the directory's own pages are near-duplicates with folding, and how many without."""
    print("\nreprints among the pages: language, pages, threshold, pairs with folding, only with, only without")
    for language in languages(texts):
        held = [text for _, text in pages(language, texts)]
        for threshold in (0.7, 0.8):
            found = []
            for fold in (True, False):
                pairs = find_duplicates(held, settings=Settings(threshold=threshold, fold=fold)).pairs
                found.append({(pair.left, pair.right) for pair in pairs})
            cells = len(found[0]), len(found[0] - found[1]), len(found[1] - found[0])
            if any(cells):
                print(language, len(held), threshold, *cells)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What folding adds on natural text.")
    parser.add_argument("--texts", type=Path, help="a directory of JSON files with `lang` and `gold_text`")
    given = parser.parse_args()
    print("change; documents touched; Jaccard of a document with itself: plain words, unfolded, folded;")
    print("reprints that reach 0.7, share that does only with folding; the same of 0.8")
    for change in CHANGES:
        known = units(change.language, given.texts)
        originals = passages(known, PASSAGES, LENGTH)
        if originals:
            print(measured(change, originals, known), flush=True)
    if given.texts:
        natural(given.texts)


if __name__ == "__main__":
    main()
