"""`saaf find`: in which documents of a corpus a text stands, kept or removed, and by which rule."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from saaf import dedupe
from saaf.cleaning import apply_removals
from saaf.cleaning.spans import rule_reason
from saaf.corpus.corpus_tables import count_rows, iter_batches
from saaf.corpus.documents import EXPLANATION_COLUMNS, reasons_of, removals_of
from saaf.corpus.file_names import ORIGINALS
from saaf.dedupe.token_spans import token_spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from saaf.cleaning import Removal
    from saaf.corpus.settings import Progress

CONTEXT = 60
"""Code points shown on each side of a match."""


class UnsearchableTextError(ValueError):
    """A text that cannot be looked for; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A place where the text stands.

    `start` and `end` are half-open, in code points of the text as read, or of the clean text where `in_clean_text`: it
    stands there alone, because what was between its words is removed. `rules` removed parts of it, or all of it where
    `removed`; `why` says why each rule removes.
    """

    start: int
    end: int
    before: str
    text: str
    after: str
    removed: bool
    rules: tuple[str, ...]
    why: tuple[str, ...]
    in_clean_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A document with the text: `state` and `reason` are the ledger's, `matches` its places, in order."""

    key: str
    id: str
    url: str | None
    language: str | None
    state: str
    reason: str
    matches: tuple[Match, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document as values of JSON."""
        return asdict(self)


def find_text(corpus: Path, text: str, report_progress: Progress | None = None) -> Iterator[FoundDocument]:
    """Yield the documents of a corpus, kept or not, in whose text as read or clean text a text stands.

    Texts are compared as near-duplicates are (`saaf.dedupe.fold`): case, punctuation, line breaks and code points that
    look alike make no difference; the first and the last word may be a part of one. Raises
    `UnsearchableTextError` where the text has no letter or digit.
    """
    wanted = " ".join(dedupe.tokens(text))
    if not wanted:
        raise UnsearchableTextError("the text to find has no letter or digit")
    report = report_progress or (lambda _step, _done, _total: None)
    total, done = count_rows(corpus, ORIGINALS), 0
    for batch in iter_batches(corpus, ORIGINALS, EXPLANATION_COLUMNS):
        for row in batch.to_pylist():
            removals = removals_of(row)
            matches = tuple(_matches(row["text"], removals, wanted))
            if not matches and removals:
                clean = apply_removals(row["text"], removals)
                matches = tuple(_matches(clean, (), wanted, in_clean_text=True))
            if matches:
                reason = reasons_of(corpus, [row["key"]]).get(row["key"], "")
                names = ("key", "id", "url", "language", "state")
                yield FoundDocument(**{name: row[name] for name in names}, reason=reason, matches=matches)
        done += batch.num_rows
        report("searching", done, total)


def _matches(text: str, removals: tuple[Removal, ...], wanted: str, *, in_clean_text: bool = False) -> Iterator[Match]:
    """Yield the places of a folded text in another one; they do not overlap."""
    tokens = dedupe.tokens(text)
    folded = " ".join(tokens)
    place = folded.find(wanted)
    if place < 0:
        return
    starts = [0, *accumulate(len(token) + 1 for token in tokens)]
    requests = []
    while place >= 0:
        first = bisect_right(starts, place) - 1
        last = bisect_right(starts, place + len(wanted) - 1) - 1
        requests.append((text, first, last + 1))
        place = folded.find(wanted, place + len(wanted))
    for start, end in token_spans(requests):
        yield _match(text, start, end, removals, in_clean_text=in_clean_text)


def _match(text: str, start: int, end: int, removals: tuple[Removal, ...], *, in_clean_text: bool) -> Match:
    over = [removal for removal in removals if removal.start < end and removal.end > start]
    kept = "".join(
        character
        for place, character in enumerate(text[start:end], start=start)
        if not any(removal.start <= place < removal.end for removal in over)
    )
    rules = tuple(dict.fromkeys(removal.rule for removal in over))
    return Match(
        start=start,
        end=end,
        before=text[max(start - CONTEXT, 0) : start],
        text=text[start:end],
        after=text[end : end + CONTEXT],
        removed=bool(over) and not kept.strip(),
        rules=rules,
        why=tuple(map(rule_reason, rules)),
        in_clean_text=in_clean_text,
    )
