"""What the rules see of a text: its lines, where its prose is, and the labels in it. Looked at once for all rules."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from saaf.cleaning.phrases.matcher import PhraseMatch, match_line, match_statement, match_trailing
from saaf.cleaning.text.lines import Line, content_words_of, prose_range, split_lines

_NO_MARKS: Final[tuple[PhraseMatch, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedText:
    """A text as rules see it. `lines[first:last]` reaches from the first to the last prose, both 0 where there is none;
    `marks` gives the label that a line begins with, or the statement in it, by the line's number, `by_rule` all labels
    and statements of each phrase rule.
    """

    text: str
    lines: tuple[Line, ...]
    first: int
    last: int
    matches: MappingProxyType[int, PhraseMatch]
    by_rule: MappingProxyType[str, tuple[PhraseMatch, ...]]

    def words(self) -> frozenset[str]:
        """Return the content words of the prose."""
        return _prose_words(self.text)

    def outside(self) -> tuple[Line, ...]:
        """Return the lines before the first and after the last prose; none where there is no prose."""
        return self.lines[: self.first] + self.lines[self.last :] if self.last else ()

    def matches_of(self, rule: str) -> tuple[PhraseMatch, ...]:
        """Return the labels of the phrase rule `rule`."""
        return self.by_rule.get(rule, _NO_MARKS)


@lru_cache(maxsize=2)
def annotate(text: str) -> AnnotatedText:
    """Return the view of `text`. All rules look at one text, then at the next: two are enough to remember."""
    lines = split_lines(text)
    marks = {line.number: mark for line in lines if (mark := match_line(line))}
    by_rule: defaultdict[str, list[PhraseMatch]] = defaultdict(list)
    first, last = prose_range(lines)
    statements = [mark for line in _last_of_paragraphs(lines, first) if (mark := match_statement(line))]
    for mark in (*marks.values(), *filter(None, map(match_trailing, lines)), *statements):
        for rule in mark.rules:
            by_rule[rule.id].append(mark)
    marks = {mark.line.number: mark for mark in statements} | marks
    return AnnotatedText(
        text=text,
        lines=lines,
        first=first,
        last=last,
        matches=MappingProxyType(marks),
        by_rule=MappingProxyType({rule: tuple(found) for rule, found in by_rule.items()}),
    )


def _last_of_paragraphs(lines: Sequence[Line], first: int) -> Iterator[Line]:
    """Yield the lines behind the first prose that no prose follows directly: there a publisher's statement stands."""
    yield from (line for line, after in pairwise((*lines[first + 1 :], None)) if line and not (after and after.prose))


@lru_cache(maxsize=2)
def _prose_words(text: str) -> frozenset[str]:
    return content_words_of(line for line in annotate(text).lines if line.prose)
