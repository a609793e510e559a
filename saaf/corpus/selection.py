"""Selection: which documents a corpus leaves out, each for one reason, and how good a copy of its article each is.

Nothing here depends on the order in which documents arrive.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from saaf import dedupe
from saaf.cleaning.page_types import is_stated_article
from saaf.cleaning.postprocess import APPENDED_TO
from saaf.cleaning.text.language_codes import is_wanted
from saaf.cleaning.text.scripts import UNSPACED_SCRIPT_CODES
from saaf.corpus.ledger import State
from saaf.corpus.no_content import no_content_reason
from saaf.corpus.outcomes import DocumentSummary, Outcome
from saaf.corpus.rights import RightsPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
"""Names of the criteria of a quality tuple, in its order: what a member of a cluster is kept for."""

_MAX_LENGTH = 20_000  # characters beyond which a text is not more complete, only longer
_LENGTH_STEP = math.log(1.2)  # a fifth more text counts, a sentence more does not
_RESIDUE_STEP = 0.1


def summarise_document(
    number: int,
    record: Record,
    clean: CleanDocument,
    *,
    key: str,
    reservation: str | None = None,
    tokens: int | None = None,
) -> DocumentSummary:
    """Return the summary of a clean document that is row `number`; `key` and `reservation` are its fields.

    `tokens` are those of its text where they are counted already.
    """
    document, text = clean.document, clean.text
    return DocumentSummary(
        number=number,
        key=key,
        file_path=record.file_path,
        id=document.id,
        url=document.url,
        site=document.site,
        language=document.language.code,
        script=document.language.script,
        fetched_at=record.page.fetched_at if record.page else None,
        tokens=len(dedupe.tokens(text)) if tokens is None else tokens,
        characters=len(document.text),
        removed=len(document.text) - len(text),
        quality=quality(clean),
        reservation=reservation,
        page_type=clean.page_type,
        page_type_score=clean.page_type_score,
        states_article=document.signals is not None and is_stated_article(document.signals),
        is_dated=document.metadata.title is not None and document.metadata.published is not None,
    )


def quality(clean: CleanDocument) -> tuple[float, ...]:
    """Return the quality of a document as a copy of its article: a number for each of `QUALITY`, larger is better.

    `saaf.dedupe.clusters` takes the representative of a cluster by it.

    1. Little residue between the kept words, in steps of a tenth of the text. A copy that was split off another page
       comes after any page, which has a URL.
    2. Little residue in all, in steps of a tenth: what was not there cannot have been taken for content by mistake.
    3. Length, in steps of a fifth. It counts after residue, for the longest copy is often the worse one:
       near-duplicates at 0.7 differ by less than a third in length, and a sentence more is as often a label.
    4. How many of title, author and date of publication are given.
    5. An early day of publication.
    """
    metadata = clean.document.metadata
    given = sum(value is not None for value in (metadata.title, metadata.author, metadata.published))
    return (
        -math.floor(_inner_residue_share(clean) / _RESIDUE_STEP) * _RESIDUE_STEP - _split_off_penalty(clean),
        -float(math.floor(_residue_share(clean) / _RESIDUE_STEP)),
        _completeness(len(clean.text)),
        float(given),
        -_day_number(metadata.published),
    )


def quality_of_text(characters: int) -> tuple[float, ...]:
    """Return the `quality` of a text of so many characters, of which nothing else is known."""
    return (0.0, -0.0, _completeness(characters), 0.0, -_day_number(None))


def _completeness(characters: int) -> float:
    """Return the length of a text in steps of a fifth."""
    return float(math.floor(math.log(max(min(characters, _MAX_LENGTH), 1)) / _LENGTH_STEP))


def _split_off_penalty(clean: CleanDocument) -> float:
    """Return 1, more than any share of residue, for a copy that was split off another page, else 0."""
    return float(any(flag.startswith(APPENDED_TO) for flag in clean.document.flags))


def _residue_share(clean: CleanDocument) -> float:
    """Return the share, in [0, 1], of the text as read that was removed."""
    return sum(removal.end - removal.start for removal in clean.removals) / max(len(clean.document.text), 1)


def _inner_residue_share(clean: CleanDocument) -> float:
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


def _day_number(published: str | None) -> float:
    """Return a date as a day number; infinity where it is not known to the day."""
    try:
        return float(date.fromisoformat((published or "")[:10]).toordinal())
    except ValueError:
        return math.inf


def filter_documents(
    summaries: Sequence[DocumentSummary], settings: BuildSettings, low_quality: Mapping[int, str] | None = None
) -> dict[int, Outcome]:
    """Return the outcome, by number, of each document that is left out before near-duplicates are searched for.

    The filters, in this order: no text, no content of its own, too short, unwanted language, reserved from training
    where the settings skip that, low quality, another capture of the URL. `low_quality` are the reasons of documents
    that fail a threshold, by number. So of several captures of a URL the latest that is a document is taken: "page not
    found" never replaces an article.
    """
    outcomes: dict[int, Outcome] = {}
    failed = low_quality or {}

    def apply(rule: Callable[[DocumentSummary], Outcome | None]) -> None:
        for summary in summaries:
            if summary.number not in outcomes and (outcome := rule(summary)):
                outcomes[summary.number] = outcome

    apply(lambda summary: filter_by_itself(summary, settings))
    if settings.rights is RightsPolicy.SKIP:
        reserved = _reserved_captures(summaries)
        apply(lambda summary: _reserved(summary, reserved))
    apply(lambda summary: _low_quality(failed.get(summary.number)))
    return outcomes | _repeated(summary for summary in summaries if summary.number not in outcomes)


def filter_by_itself(summary: DocumentSummary, settings: BuildSettings) -> Outcome | None:
    """Return the outcome of a document that has no text, no content of its own, is too short, or in an unwanted
    language; None of others.

    Quality is measured of the others: thresholds are derived from these.
    """
    return (
        _empty(summary)
        or _no_own_content(summary, settings)
        or _too_short(summary, settings.min_tokens)
        or _wrong_language(summary, settings.languages)
    )


def _low_quality(reason: str | None) -> Outcome | None:
    return Outcome(state=State.LOW_QUALITY, reason=reason) if reason else None


def _reserved_captures(summaries: Iterable[DocumentSummary]) -> dict[str, DocumentSummary]:
    """Return the latest capture of each document, by id, where that is reserved: it holds for older captures too."""
    latest: dict[str, DocumentSummary] = {}
    for summary in summaries:
        known = latest.get(summary.capture_id)
        if known is None or _capture_order(summary) > _capture_order(known):
            latest[summary.capture_id] = summary
    return {document_id: summary for document_id, summary in latest.items() if summary.reservation}


def _capture_order(summary: DocumentSummary) -> tuple[datetime, str]:
    return (summary.fetched_at or datetime.min.replace(tzinfo=UTC), summary.key)


def _reserved(summary: DocumentSummary, reserved: Mapping[str, DocumentSummary]) -> Outcome | None:
    """Return the outcome of a capture that is reserved from training, or of whose URL the latest capture is."""
    reason = summary.reservation
    if reason is None and summary.capture_id in reserved:
        latest = reserved[summary.capture_id]
        reason = f"a later capture, {latest.key}, is reserved: {latest.reservation}"
    return Outcome(state=State.RIGHTS_RESERVED, reason=reason) if reason else None


def _empty(summary: DocumentSummary) -> Outcome | None:
    if summary.tokens:
        return None
    reason = f"no word is left of {summary.characters} characters" if summary.characters else "the page has no text"
    return Outcome(state=State.EMPTY, reason=reason)


def _no_own_content(summary: DocumentSummary, settings: BuildSettings) -> Outcome | None:
    reason = no_content_reason(summary, settings.skip_types, settings.min_tokens)
    return Outcome(state=State.NO_OWN_CONTENT, reason=reason) if reason else None


def _repeated(summaries: Iterable[DocumentSummary]) -> dict[int, Outcome]:
    """Return the outcomes of all captures of a URL but the latest, and of all copies of a text without URL but one."""
    outcomes = {}
    by_id = sorted(summaries, key=lambda summary: (summary.capture_id, summary.key))
    for _, group in groupby(by_id, key=lambda summary: summary.capture_id):
        captures = list(group)
        latest = max(captures, key=lambda summary: summary.fetched_at or datetime.min.replace(tzinfo=UTC))
        why = "the same URL was captured again or later" if latest.url else "the same text, without URL, came before"
        for summary in captures:
            if summary is not latest:
                reason = f"{why}: {latest.key} is taken"
                outcomes[summary.number] = Outcome(state=State.REPEATED, reason=reason, duplicate_of=latest.id)
    return outcomes


def _too_short(summary: DocumentSummary, min_tokens: int) -> Outcome | None:
    spaceless = summary.script in UNSPACED_SCRIPT_CODES
    threshold = min_tokens * 2 if spaceless else min_tokens
    if summary.tokens >= threshold:
        return None
    unit = ("character" if spaceless else "word") + ("" if summary.tokens == 1 else "s")
    return Outcome(state=State.TOO_SHORT, reason=f"{summary.tokens} {unit} of clean text, fewer than {threshold}")


def _wrong_language(summary: DocumentSummary, languages: Sequence[str]) -> Outcome | None:
    if not languages or is_wanted(summary.language, summary.script, languages):
        return None
    in_script = f" in script {summary.script}" if any("_" in name for name in languages) else ""
    reason = f"language {summary.language}{in_script}, wanted {', '.join(languages)}"
    return Outcome(state=State.WRONG_LANGUAGE, reason=reason)


def why_kept(representative: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> str:
    """Return in a few words why a member of a cluster is kept: the criterion by which it beats the best other one.

    All are given by their `quality`.
    """
    for criterion, own, other in zip(QUALITY, representative, max(others), strict=True):
        if own > other:
            return criterion
        if own < other:
            return f"close to every member, which the one with the {criterion} is not"
    return "as good as the others, and first by URL"
