"""Ground truth of near-duplicates, slow: the definition of a fingerprint by other means, exact Jaccard of all pairs.

Nothing here comes from `saaf.dedupe`. Tokens are found by regular expressions and `unicodedata`, as ADR 4 defines them,
shingles are tuples of words, and sets of these are compared without hashing, signatures or bands. A test compares the
two.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

Pairs = dict[tuple[int, int], float]
"""Jaccard similarity by (left, right), left < right."""

INVISIBLE = r"\p{Default_Ignorable_Code_Point}|\p{Cf}|[\x00-\x08\x0e-\x1f\x7f]"
OPTIONAL_MARKS = (
    r"[\u064b-\u065f\u0670\u0674\u0640\u06e5\u06e6]|(?=\p{Mn})[\p{sc=Arabic}\p{sc=Hebrew}]|[\u093c\u09bc\u0a3c\u0abc]"
)
SAME_LETTERS = (
    *("يىی", "كکڪ", "هہةۃھە", "اٱٲٳ"),  # one letter on Arabic, Persian and Urdu keyboards
    *("ংঁ", "ंँ", "ંઁ", "ਂਁੰ", "ంఁ", "ಂಁ", "ംഁ", "iı"),  # chandrabindu and anusvara; Turkish i
    *("گګ", "əǝ", "\u0327\u0326", "ဥဉ", "ឱឲ"),  # Pashto gaf; schwa; Romanian cedilla and comma; variants
)
DROPPED_ACCENTS = (  # letter with the marks before it, mark that is dropped
    r"(?<=[\u03b1-\u03c9][\u0304\u0308]*)[\u0300\u0301\u0313\u0314\u0342]",
    r"(?<=[аеёиоуыэюяєіѣ][\u0304\u0308]*)\u0301",
    r"(?<=е)\u0308",
    r"(?<=[ij]\u0328?)\u0307",
)
CHILLUS = dict(zip("ൺൻർൽൾൿ", "ണനരലളക", strict=True))
LONE = (
    r"[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}"
    "\u3099\u309a\u30fc]"
)
MARK = rf"(?:(?=\p{{M}}){LONE})"
TOKEN = rf"(?=\p{{L}}|\p{{N}}){LONE}{MARK}*|(?:(?!{LONE})[\p{{L}}\p{{M}}\p{{Nd}}])+"
"""A letter of a script without spaces with its marks; or a run of letters, marks and digits of the other scripts."""


def words(text: str, *, folded: bool = True) -> list[str]:
    """Return the tokens of a text, folded as for a fingerprint or, with `folded` False, as they are."""
    return regex.findall(TOKEN, folded_text(text) if folded else text)


def folded_text(text: str) -> str:
    """Return the folded text: no invisible characters, and one letter for each family of equivalent letters.

    Marks in an unusual order and vowels typed in two parts are left as they are: no benchmark has them.
    """
    text = regex.sub(r"(?<=[\p{L}\p{M}])[-\u2010\u00ad]+\r?\n[ \t]*(?=\p{L})", "", text)
    text = text.replace("\u0d4c", "\u0d57")
    text = regex.sub(INVISIBLE, "", text)
    text = regex.sub(r"[ʹʻʼʽʾʿꞋꞌ]", "'", text)  # letters to Unicode, quotes to those who type them
    text = regex.sub(_accents_alone(), " ", text)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = regex.sub(OPTIONAL_MARKS, "", text)
    text = regex.sub(r"\p{Nd}", lambda digit: str(unicodedata.decimal(digit[0])), text)
    text = text.replace("ৎ", "ত্").replace("\u17d2\u178a", "\u17d2\u178f")
    text = functools.reduce(lambda changed, accent: regex.sub(accent, "", changed), DROPPED_ACCENTS, text)
    return text.translate(_letters())


@functools.cache
def _accents_alone() -> str:
    """Return a pattern for characters that are a space with an accent on it, as ´ is: they separate."""
    spaced = [chr(c) for c in range(0x10000) if regex.match(" .", unicodedata.normalize("NFKD", chr(c)))]
    return f"[{''.join(spaced)}]"


@functools.cache
def _letters() -> dict[int, str]:
    families = {ord(letter): family[0] for family in SAME_LETTERS for letter in family}
    return families | {ord(atomic): base + "്" for atomic, base in CHILLUS.items()}


def shingles(tokens: Sequence[str], size: int) -> set[tuple[str, ...]]:
    """Return the set of runs of `size` tokens; a shorter text is one shingle, a text without tokens has none."""
    return {tuple(tokens[i : i + size]) for i in range(max(len(tokens) - size + 1, 1))} if tokens else set()


def similar_pairs(texts: Sequence[Sequence[str]], size: int, threshold: float) -> Pairs:
    """Return all pairs of texts, given as tokens, whose exact Jaccard similarity is `threshold` (over 0) or more."""
    sets = [shingles(tokens, size) for tokens in texts]
    rows_with: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, shingle_set in enumerate(sets):
        for shingle in shingle_set:
            rows_with[shingle].append(index)
    postings = {shingle: np.array(rows) for shingle, rows in rows_with.items() if len(rows) > 1}
    sizes = np.array([len(shingle_set) for shingle_set in sets])
    found: Pairs = {}
    for index, shingle_set in enumerate(sets):
        rows = [postings[shingle] for shingle in shingle_set if shingle in postings]
        if rows:
            shared = np.bincount(np.concatenate(rows), minlength=len(sets))
            similarity = shared / (sizes + sizes[index] - shared)
            near = np.flatnonzero(similarity >= threshold)
            found.update({(index, other): float(similarity[other]) for other in near.tolist() if other > index})
    return found
