"""What becomes of each document: kept, or left out for one reason. The order of arrival has no say."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.cleaning.postprocess import SPLIT_OFF
from saaf.cleaning.text.scripts import UNSPACED_SCRIPT_CODES
from saaf.corpus.ledger import State
from saaf.corpus.outcomes import DocumentSummary, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings

QUALITY = (
    "a page of its own with least residue between its paragraphs",
    "least residue around it",
    "most complete text",
    "most of title, author and date given",
    "published first",
)
"""What a member of a cluster is kept for, one phrase for each figure of a quality tuple, in the order of decision."""

_LENGTH_CAP = 20_000  # characters beyond which a text is not more complete, only longer
_LENGTH_STEP = math.log(1.2)  # a fifth more text counts, a sentence more does not
_RESIDUE_STEP = 0.1


def summarise_document(number: int, record: Record, clean: CleanDocument) -> DocumentSummary:
    """Return the draft of a clean document that is row `number` of the spool."""
    document, text = clean.document, clean.text
    return DocumentSummary(
        number=number,
        key=record.key,
        file_path=record.file_path,
        id=document.id,
        url=document.url,
        site=document.site,
        language=document.language.code,
        script=document.language.script,
        fetched_at=record.page.fetched_at if record.page else None,
        tokens=len(dedupe.tokens(text)),
        characters=len(document.text),
        removed=len(document.text) - len(text),
        quality=quality(clean),
    )


def quality(clean: CleanDocument) -> tuple[float, ...]:
    """Return how good a copy of its story a document is, one figure for each of `QUALITY`, larger is better.

    A page is preferred to the copy of its article that was split off another page: it has a URL. The longest copy is
    often the worse one, for it carries residue. So then comes how clean the page was where it matters: residue that
    stood between the kept words. Next comes what stood around them: what was not there cannot have been taken for
    content by mistake. Length counts after these, in steps of a fifth: near-duplicates at 0.7 differ by less than a
    third in length, and a sentence more is as often a label.
    """
    metadata = clean.document.metadata
    length = min(len(clean.text), _LENGTH_CAP)
    given = sum(value is not None for value in (metadata.title, metadata.author, metadata.published))
    return (
        -math.floor(_inner_residue(clean) / _RESIDUE_STEP) * _RESIDUE_STEP - _split_off(clean),
        -float(math.floor(_residue(clean) / _RESIDUE_STEP)),
        float(math.floor(math.log(max(length, 1)) / _LENGTH_STEP)),
        float(given),
        -_day(metadata.published),
    )


def _split_off(clean: CleanDocument) -> float:
    """Return 1, more than any share of residue, for a copy that was split off another page, else 0."""
    return float(any(flag.startswith(SPLIT_OFF) for flag in clean.document.flags))


def _residue(clean: CleanDocument) -> float:
    """Return the share, in [0, 1], of the text as read that was removed."""
    return sum(removal.end - removal.start for removal in clean.removals) / max(len(clean.document.text), 1)


def _inner_residue(clean: CleanDocument) -> float:
    """Return the share, in [0, 1], of removed text between the first and the last kept word; 1 where none is kept."""
    text, position, kept = clean.document.text, 0, []
    for start, end in [*((removal.start, removal.end) for removal in clean.removals), (len(text), len(text))]:
        if text[position:start].strip():
            kept.append((position, start))
        position = end
    if not kept:
        return 1.0
    first, last = kept[0][0], kept[-1][1]
    removed = sum(removal.end - removal.start for removal in clean.removals if first <= removal.start < last)
    return removed / (last - first)


def _day(published: str | None) -> float:
    """Return a date as a day number; infinity where it is not known to the day."""
    try:
        return float(date.fromisoformat((published or "")[:10]).toordinal())
    except ValueError:
        return math.inf


def select(drafts: Sequence[DocumentSummary], settings: BuildSettings) -> dict[int, Outcome]:
    """Return the verdict of each document, by number, that is left out before near-duplicates are looked for."""
    verdicts: dict[int, Outcome] = {}

    def judge(rule: Callable[[DocumentSummary], Outcome | None]) -> None:
        for one in drafts:
            if one.number not in verdicts and (verdict := rule(one)):
                verdicts[one.number] = verdict

    judge(_empty)
    verdicts |= _repeated(one for one in drafts if one.number not in verdicts)
    judge(lambda one: _too_short(one, settings.min_tokens))
    judge(lambda one: _wrong_language(one, settings.languages))
    return verdicts


def _empty(one: DocumentSummary) -> Outcome | None:
    if one.tokens:
        return None
    reason = f"no word is left of {one.characters} characters" if one.characters else "the page has no text"
    return Outcome(state=State.EMPTY, reason=reason)


def _repeated(drafts: Iterable[DocumentSummary]) -> dict[int, Outcome]:
    """Return the verdicts of all captures of a URL but the latest, and of all copies of a text without URL but one."""
    verdicts = {}
    for _, group in groupby(sorted(drafts, key=lambda one: (one.id, one.key)), key=lambda one: one.id):
        captures = list(group)
        latest = max(captures, key=lambda one: one.fetched_at or datetime.min.replace(tzinfo=UTC))
        why = "the same URL was captured again or later" if latest.url else "the same text, without URL, came before"
        for one in captures:
            if one is not latest:
                reason = f"{why}: {latest.key} is taken"
                verdicts[one.number] = Outcome(state=State.REPEATED, reason=reason, duplicate_of=latest.id)
    return verdicts


def _too_short(one: DocumentSummary, min_tokens: int) -> Outcome | None:
    spaceless = one.script in UNSPACED_SCRIPT_CODES
    least = min_tokens * 2 if spaceless else min_tokens
    if one.tokens >= least:
        return None
    unit = "characters" if spaceless else "words"
    return Outcome(state=State.TOO_SHORT, reason=f"{one.tokens} {unit} of clean text, fewer than {least}")


def _wrong_language(one: DocumentSummary, languages: Sequence[str]) -> Outcome | None:
    if not languages or one.language in languages:
        return None
    reason = f"language {one.language}, wanted {', '.join(languages)}"
    return Outcome(state=State.WRONG_LANGUAGE, reason=reason)


def why_kept(representative: DocumentSummary, others: Sequence[DocumentSummary]) -> str:
    """Say in a few words what a member of a cluster was kept for, against the best of the others."""
    rival = max(one.quality for one in others)
    for name, mine, its in zip(QUALITY, representative.quality, rival, strict=True):
        if mine > its:
            return name
        if mine < its:
            return f"close to every member, which the one with the {name} is not"
    return "as good as the others, and first by URL"
