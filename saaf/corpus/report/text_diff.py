"""Two near-duplicates side by side: which words differ, and which differ in their code points only."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

import regex

from saaf import dedupe

# difflib is quadratic in the worst case: 800 words take up to a quarter of a second.
MOST_WORDS = 800
SHOWN_AROUND = 16  # words of a long common run that stay at each end

_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(rf"[{_SPACELESS}]\p{{M}}*\s*|[^\s{_SPACELESS}]+\s*|\s+")


class Mark(StrEnum):
    """How a run of words stands to the other text."""

    SAME = "same"
    FOLDED = "folded"  # the same to the comparison: other code points, case or punctuation
    ONLY = "only"  # in this text only
    GAP = "gap"  # a long common run, left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of words with one mark; `words` is how many, and `text` is "" for a gap."""

    text: str
    mark: Mark
    words: int

    @property
    def space(self) -> str:
        """The white space that ends the run, which no mark should underline."""
        return self.text[len(self.text.rstrip()) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two texts as runs; `left_rest` and `right_rest` are the words beyond the first 800, which are not compared."""

    left: tuple[Run, ...]
    right: tuple[Run, ...]
    left_rest: int
    right_rest: int


def compare(left: str, right: str) -> Difference:
    """Return what differs between two texts, word by word (character by character in scripts without spaces)."""
    left_words, right_words = _WORD.findall(_compact(left)), _WORD.findall(_compact(right))
    mine, yours = left_words[:MOST_WORDS], right_words[:MOST_WORDS]
    matcher = SequenceMatcher(None, [_key(word) for word in mine], [_key(word) for word in yours], autojunk=False)
    left_runs: list[Run] = []
    right_runs: list[Run] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            _add_common(left_runs, right_runs, mine[a:b], yours[c:d])
            continue
        for runs, words in ((left_runs, mine[a:b]), (right_runs, yours[c:d])):
            if words:
                runs.append(Run(text="".join(words), mark=Mark.ONLY, words=len(words)))
    return Difference(
        left=tuple(left_runs),
        right=tuple(right_runs),
        left_rest=len(left_words) - len(mine),
        right_rest=len(right_words) - len(yours),
    )


def _compact(text: str) -> str:
    return regex.sub(r"\s*\n\s*", "\n", text.strip())


def _key(word: str) -> str:
    """Return the word as the comparison of documents sees it, or itself where that sees nothing (punctuation)."""
    return " ".join(dedupe.tokens(word)) or word.strip()


def _add_common(left: list[Run], right: list[Run], mine: list[str], yours: list[str]) -> None:
    """Add words that are the same to the comparison; the two lists have the same length."""
    start = 0
    while start < len(mine):
        same = mine[start].strip() == yours[start].strip()
        end = start + 1
        while end < len(mine) and (mine[end].strip() == yours[end].strip()) == same:
            end += 1
        for runs, words in ((left, mine[start:end]), (right, yours[start:end])):
            runs.extend(_shortened(words) if same else [_run(words, Mark.FOLDED)])
        start = end


def _shortened(words: list[str]) -> list[Run]:
    if len(words) <= 3 * SHOWN_AROUND:
        return [_run(words, Mark.SAME)]
    head, tail = words[:SHOWN_AROUND], words[-SHOWN_AROUND:]
    gap = Run(text="", mark=Mark.GAP, words=len(words) - 2 * SHOWN_AROUND)
    return [_run(head, Mark.SAME), gap, _run(tail, Mark.SAME)]


def _run(words: list[str], mark: Mark) -> Run:
    return Run(text="".join(words), mark=mark, words=len(words))
