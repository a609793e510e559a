"""A text annotated for the rules: its lines, where its prose begins and ends, and the phrases in it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from saaf.cleaning.phrases.matcher import MATCHER, MatchForm, PhraseMatch, PhraseMatcher, TextMatch
from saaf.cleaning.text.lines import Line, content_words, lines_without, prose_range, split_lines

_NO_MATCHES: Final[tuple[PhraseMatch, ...]] = ()
_UNKNOWN: Final[TextMatch] = ((), MatchForm.WHOLE, -1)


@dataclass(slots=True, kw_only=True)
class KnownLines:
    """What was worked out about the lines of one document, by their text: each rule that removes some leaves most.

    `phrases` are the phrases that lines begin with, `trailing` those that follow their last sentence, `statements` the
    statements in them; None where there is none. `content_words` are those of whole texts.
    """

    lines: dict[str, Line] = field(default_factory=dict)
    phrases: dict[str, TextMatch | None] = field(default_factory=dict)
    trailing: dict[str, TextMatch | None] = field(default_factory=dict)
    statements: dict[str, TextMatch | None] = field(default_factory=dict)
    content_words: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnnotatedText:
    """A text with its lines and the phrases of the language packs in them. Annotated once, read by every rule.

    `known` is what was worked out about lines, of this text and of those that it was annotated after. `lines` are the
    lines that are not blank; `lines[first:last]` reaches from the first to the last line of prose, both
    are 0 where there is none. `phrases` gives for each line the phrase it begins with, None where it begins with none.
    `matches` gives the phrase that a line begins with, or the statement in it, by the line's number; `by_rule` all
    phrases and statements of each phrase rule, by the rule's id.
    """

    text: str
    known: KnownLines = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    first: int
    last: int
    phrases: tuple[TextMatch | None, ...] = field(repr=False)
    matches: Mapping[int, PhraseMatch] = field(repr=False)
    by_rule: Mapping[str, tuple[PhraseMatch, ...]] = field(repr=False)

    @cached_property
    def prose_words(self) -> frozenset[str]:
        """The content words of the prose."""
        prose = "\n".join(line.text for line in self.lines if line.prose)
        if prose not in self.known.content_words:
            self.known.content_words[prose] = content_words(prose)
        return self.known.content_words[prose]

    def outside(self) -> tuple[Line, ...]:
        """Return the lines before the first and after the last prose; none where there is no prose."""
        return self.lines[: self.first] + self.lines[self.last :] if self.last else ()

    def matches_of(self, rule: str) -> tuple[PhraseMatch, ...]:
        """Return the phrases and statements of the phrase rule with the id `rule`."""
        return self.by_rule.get(rule, _NO_MATCHES)


def annotate(
    text: str,
    *,
    before: AnnotatedText | None = None,
    removed: Iterable[tuple[int, int]] | None = None,
    phrases: Mapping[str, TextMatch | None] | None = None,
    matcher: PhraseMatcher = MATCHER,
) -> AnnotatedText:
    """Return `text` annotated with the phrases of `matcher`.

    `before` is another text with many of the same lines, such as this one before a removal, and `phrases` are phrases
    known already by the text of the line, both of the same matcher: what they tell is not worked out again. `removed`
    are the sorted and disjoint half-open spans of `before` without which it is this text, None where it is not.
    """
    known = before.known if before else KnownLines(phrases=dict(phrases or {}))
    left = lines_without(before.text, before.lines, removed) if before and removed is not None else None
    lines = split_lines(text, known.lines) if left is None else left
    found = _phrases(lines, matcher, known.phrases)
    matches = {line.number: _match(line, one) for line, one in zip(lines, found, strict=True) if one}
    first, last = prose_range(lines)
    statements = _matches(_last_of_paragraphs(lines, first), matcher.match_statement, known.statements)
    by_rule: defaultdict[str, list[PhraseMatch]] = defaultdict(list)
    for match in (*matches.values(), *_matches(lines, matcher.match_trailing, known.trailing), *statements):
        for rule in match.rules:
            by_rule[rule.id].append(match)
    return AnnotatedText(
        text=text,
        known=known,
        lines=lines,
        first=first,
        last=last,
        phrases=found,
        matches={match.line.number: match for match in statements} | matches,
        by_rule={rule: tuple(own) for rule, own in by_rule.items()},
    )


def _phrases(
    lines: Sequence[Line], matcher: PhraseMatcher, known: dict[str, TextMatch | None]
) -> tuple[TextMatch | None, ...]:
    """Return the phrase that each line begins with, and add it to the `known`."""
    texts = [line.text for line in lines]
    for text in texts:
        if text not in known:
            known[text] = matcher.match_phrase(text)
    return tuple([known[text] for text in texts])


def _matches(
    lines: Iterable[Line], find: Callable[[Line], PhraseMatch | None], known: dict[str, TextMatch | None]
) -> list[PhraseMatch]:
    """Return the matches that `find` finds in lines, which depend on a line's text alone; they are added to the `known`
    ones by text.
    """
    found = []
    for line in lines:
        same = known.get(line.text, _UNKNOWN)
        if same is _UNKNOWN:
            match = find(line)
            same = known[line.text] = (match.rules, match.form, match.value) if match else None
        if same:
            found.append(_match(line, same))
    return found


def _match(line: Line, found: TextMatch) -> PhraseMatch:
    rules, form, value = found
    return PhraseMatch(line=line, rules=rules, form=form, value=value)


def _last_of_paragraphs(lines: Sequence[Line], first: int) -> Iterator[Line]:
    """Yield the lines behind the first prose that no prose follows directly: there a publisher's statement stands."""
    yield from (line for line, after in pairwise((*lines[first + 1 :], None)) if line and not (after and after.prose))
