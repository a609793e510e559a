"""Word diff of two near-duplicates: which words differ, and which differ in their code points only."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

import regex

from saaf import dedupe
from saaf.cleaning.text.scripts import UNSPACED_CLASS

# difflib is quadratic in the worst case: 800 words take up to a quarter of a second.
MAX_WORDS = 800
CONTEXT_WORDS = 16  # words of a long common run that are shown at each end


_WORD = regex.compile(rf"[{UNSPACED_CLASS}]\p{{M}}*\s*|[^\s{UNSPACED_CLASS}]+\s*|\s+")


class Mark(StrEnum):
    """How a run of words compares with the other text."""

    SAME = "same"
    FOLDED = "folded"  # the same to the comparison: other code points, case or punctuation
    ONLY = "only"  # in this text only
    GAP = "gap"  # a long common run, left out


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRun:
    """A run of words with one mark; `words` is how many, and `text` is "" for a gap."""

    text: str
    mark: Mark
    words: int

    @property
    def space(self) -> str:
        """The white space that ends the run, which no mark should underline."""
        return self.text[len(self.text.rstrip()) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """The diff of two texts as runs of words.

    `left_rest` and `right_rest` count the words beyond the first 800 of each, which are not compared.
    """

    left: tuple[WordRun, ...]
    right: tuple[WordRun, ...]
    left_rest: int
    right_rest: int


def diff_texts(left: str, right: str) -> TextDiff:
    """Return the diff of two texts, word by word (character by character in scripts without spaces)."""
    left_words, right_words = _WORD.findall(_compact(left)), _WORD.findall(_compact(right))
    left_compared, right_compared = left_words[:MAX_WORDS], right_words[:MAX_WORDS]
    left_keys, right_keys = [_key(word) for word in left_compared], [_key(word) for word in right_compared]
    matcher = SequenceMatcher(None, left_keys, right_keys, autojunk=False)
    left_runs: list[WordRun] = []
    right_runs: list[WordRun] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            _add_common(left_runs, right_runs, left_compared[a:b], right_compared[c:d])
            continue
        for runs, words in ((left_runs, left_compared[a:b]), (right_runs, right_compared[c:d])):
            if words:
                runs.append(WordRun(text="".join(words), mark=Mark.ONLY, words=len(words)))
    return TextDiff(
        left=tuple(left_runs),
        right=tuple(right_runs),
        left_rest=len(left_words) - len(left_compared),
        right_rest=len(right_words) - len(right_compared),
    )


def _compact(text: str) -> str:
    """Return the text without blank lines and without white space around line breaks."""
    return regex.sub(r"\s*\n\s*", "\n", text.strip())


def _key(word: str) -> str:
    """Return the folded tokens of a word, or the word itself where it has none (punctuation)."""
    return " ".join(dedupe.tokens(word)) or word.strip()


def _add_common(
    left_runs: list[WordRun], right_runs: list[WordRun], left_words: list[str], right_words: list[str]
) -> None:
    """Add words that are the same to the comparison; the two lists of words have the same length."""
    same = [left.strip() == right.strip() for left, right in zip(left_words, right_words, strict=True)]
    start = 0
    while start < len(same):
        end = start + 1
        while end < len(same) and same[end] == same[start]:
            end += 1
        for runs, words in ((left_runs, left_words[start:end]), (right_runs, right_words[start:end])):
            runs.extend(_shorten(words) if same[start] else [_run(words, Mark.FOLDED)])
        start = end


def _shorten(words: list[str]) -> list[WordRun]:
    """Return a common run, its middle left out where it is long."""
    if len(words) <= 3 * CONTEXT_WORDS:
        return [_run(words, Mark.SAME)]
    head, tail = words[:CONTEXT_WORDS], words[-CONTEXT_WORDS:]
    gap = WordRun(text="", mark=Mark.GAP, words=len(words) - 2 * CONTEXT_WORDS)
    return [_run(head, Mark.SAME), gap, _run(tail, Mark.SAME)]


def _run(words: list[str], mark: Mark) -> WordRun:
    return WordRun(text="".join(words), mark=mark, words=len(words))
