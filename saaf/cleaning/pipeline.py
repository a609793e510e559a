"""The cleaning pipeline: the block decision, the site's profile and the rules turn a document into a clean document."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from saaf.cleaning.analysis import PageAnalysis, analysis_of
from saaf.cleaning.decision.decide import Decision, decide
from saaf.cleaning.html.decode import decoded_text
from saaf.cleaning.model.analysis import analyse_blocks, with_forests
from saaf.cleaning.model.page_type import page_type
from saaf.cleaning.model.track_forests import Forests
from saaf.cleaning.model_rule import RESIDUE, find_residue
from saaf.cleaning.phrases.annotated_text import AnnotatedText, annotate
from saaf.cleaning.phrases.matcher import MATCHER, PhraseMatcher
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES as _RULES
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.site.profile import SiteProfile
from saaf.cleaning.site.repeated_blocks import remove_repeated_blocks
from saaf.cleaning.site.template import KNOWN_TEMPLATE, decide_by_template
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.types import CleanDocument, Document, Page, Removal, Track, apply_removals

ALL_RESIDUE: Final = "all_residue"
"""The flag of a document of which the rules would remove everything."""
_F1_DIGITS: Final = 4  # of a sum of floats, which other machines may round otherwise
RULES: Final[tuple[Rule, ...]] = (*_RULES, RESIDUE)
"""All rules, in the order in which they are applied; the block classifier was trained on what the others leave."""


def clean(document: Document, *, profile: SiteProfile | None = None, forests: Forests | None = None) -> CleanDocument:
    """Return `document` with a removal, with its rule, for every span that is not content.

    HTML: first the block decision, then `profile`, learned from other pages of its site, removes boilerplate of the
    site, then the rules are applied to the text that is left. Plain text has no paths: the rules are applied first, and
    once more after the profile. `profile` is None where there is none. Where the rules would leave nothing, their
    removals are dropped, and the document has the flag "all_residue". `forests` are used in place of the shipped ones
    of the document's track.
    """
    rules = (*_RULES, replace(RESIDUE, find=partial(find_residue, forests=forests))) if forests else RULES
    analysis = analysis_of(document)
    document = replace(document, analysis=None)
    if document.track is Track.TEXT:
        decision = Decision(removals=apply_rules(document, (), rules, analysis))
    elif KNOWN_TEMPLATE in document.flags:
        decision = decide_by_template(document)
    else:
        classified = analysis.classified or (analyse_blocks(document, forests=forests) if document.blocks else None)
        classified = with_forests(classified, forests) if classified and forests else classified
        analysis = replace(analysis, classified=classified)
        decision = decide(document, classified)
    flags = (*document.flags, *decision.flags)
    cleaned = _apply_profile_and_rules(document, decision.removals, flags, profile, rules, analysis)
    expected = decision.expected_f1
    found = page_type(document)
    return replace(
        cleaned,
        extraction_quality=None if expected is None else round(expected, _F1_DIGITS),
        page_type=found.name if found else None,
        page_type_score=found.score if found else None,
    )


def apply_profile(cleaned: CleanDocument, profile: SiteProfile) -> CleanDocument:
    """Return a document that was cleaned without a profile, cleaned with the `profile` of its site.

    The result is that of `clean` with the profile; the block decision is not made again.
    """
    if cleaned.first_decision is None:
        return clean(cleaned.document, profile=profile)
    flags = tuple(flag for flag in cleaned.flags if flag != ALL_RESIDUE)
    again = _apply_profile_and_rules(
        cleaned.document, cleaned.first_decision, flags, profile, RULES, analysis_of(cleaned.document)
    )
    return replace(
        again,
        extraction_quality=cleaned.extraction_quality,
        page_type=cleaned.page_type,
        page_type_score=cleaned.page_type_score,
    )


def _apply_profile_and_rules(
    document: Document,
    decided: tuple[Removal, ...],
    flags: tuple[str, ...],
    profile: SiteProfile | None,
    rules: Sequence[Rule],
    analysis: PageAnalysis,
) -> CleanDocument:
    """Return the clean document from its first decision: `decided` are the removals of the block decision on HTML, of
    the rules on plain text.
    """
    with_profile = remove_repeated_blocks(document, decided, profile) if profile else decided
    html = document.track is Track.HTML
    removals = apply_rules(document, with_profile, rules, analysis) if html or profile else with_profile
    if not apply_removals(document.text, removals).strip():
        fallback = with_profile if html else ()
        flags = (*flags, ALL_RESIDUE) if apply_removals(document.text, fallback).strip() else flags
        removals = fallback
    return CleanDocument(document=document, removals=removals, flags=flags, first_decision=decided)


def clean_html(
    body: bytes | str,
    *,
    url: str | None = None,
    fetched_at: datetime | None = None,
    language: str | None = None,
    structure: bool = False,
) -> CleanDocument:
    """Return the clean document of an HTML page: its bytes, or its text; with `structure`, with that of its blocks.

    Raises Unreadable where it holds no text.
    """
    decoded = decoded_text(body) if isinstance(body, str) else None  # what the text declares was true of its bytes
    page = Page(url=url, body=b"" if isinstance(body, str) else body, fetched_at=fetched_at)
    return clean(read_html(page, language=language, decoded=decoded, structure=structure))


def clean_text(
    text: str, *, url: str | None = None, fetched_at: datetime | None = None, language: str | None = None
) -> CleanDocument:
    """Return the clean document of a plain text."""
    return clean(document_from_text(text, url=url, fetched_at=fetched_at, language=language))


@dataclass(frozen=True, slots=True, kw_only=True)
class _RulePlaces:
    """Where the rules stand in their order: most are of phrases, of which a text has a few.

    `always` are the places of those that need no phrase, sorted, and then the number of rules; `of_phrases` are the
    places of the others, by id.
    """

    always: tuple[int, ...]
    of_phrases: dict[str, int]

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "_RulePlaces":
        """Return the places of `rules`."""
        always = (place for place, rule in enumerate(rules) if not rule.requires_phrase)
        of_phrases = {rule.id: place for place, rule in enumerate(rules) if rule.requires_phrase}
        return cls(always=(*always, len(rules)), of_phrases=of_phrases)

    def next_of(self, place: int, text: AnnotatedText) -> int:
        """Return the place of the first rule after `place` that may find something; the number of rules for none."""
        places = [self.of_phrases.get(rule, -1) for rule in text.by_rule]
        return min([self.always[bisect_right(self.always, place)], *(each for each in places if each > place)])


_PLACES: Final = _RulePlaces.of(RULES)


def apply_rules(
    document: Document,
    removals: Sequence[Removal],
    rules: Sequence[Rule] = RULES,
    analysis: PageAnalysis | None = None,
    *,
    matcher: PhraseMatcher = MATCHER,
) -> tuple[Removal, ...]:
    """Return `removals` and those that the rules find in the kept text, sorted and disjoint.

    The rules are applied in order, again and again until none finds anything. Each gets the kept text only, so that
    cleaning a clean text finds nothing. `analysis` is the document's analysis, None where there is none, or where
    `matcher`, which finds the phrases of the rules, is another than that of saaf's own packs.
    """
    found = list(removals)
    kept = _kept_text(document, found, _initial_annotator(document, removals, analysis, matcher))
    places = _PLACES if rules is RULES else _RulePlaces.of(rules)
    place = asked = 0  # rules since the kept text last changed
    while asked < len(rules):
        following = places.next_of(place - 1, kept.annotated)
        asked += following - place
        if following == len(rules) or asked >= len(rules):
            place = 0
            continue
        asked, place = asked + 1, following + 1
        in_kept = kept.without_headline_removals(rules[following].find(kept.document, kept.annotated))
        if spans := _extend_over_line_breaks(kept.annotated.text, in_kept):
            asked = 0
            found += _map_to_document(spans, kept.spans)
            removed = [(span.start, span.end) for span in spans]
            annotator = partial(annotate, before=kept.annotated, removed=removed, matcher=matcher)
            kept = _kept_text(document, found, annotator)
    return tuple(_merge_blank_removals(document.text, sorted(found, key=lambda removal: removal.start)))


def _initial_annotator(
    document: Document, removals: Sequence[Removal], analysis: PageAnalysis | None, matcher: PhraseMatcher
) -> Callable[[str], AnnotatedText]:
    """Return the function that annotates the kept text for the first time, and reuses the analysis of its lines."""
    if analysis and analysis.annotated:
        whole = analysis.annotated
        return lambda text: annotate(text, before=whole) if removals else whole
    classified = analysis.classified if analysis else None
    if classified is None:
        return partial(annotate, matcher=matcher)
    lines = (document.text[block.start : block.end] for block in document.blocks)
    phrases = dict(zip(lines, classified.phrases, strict=True))
    return lambda text: annotate(text, phrases=phrases)


def _headline_span(document: Document) -> tuple[int, int]:
    """Return the span of an HTML document's first line where it is the headline, else an empty span. The rules must not
    remove it: "About us" is a label of menus, and the headline of one page.
    """
    text = document.text
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start) if "\n" in text[start:] else len(text)
    title = document.metadata.title if document.track is Track.HTML else None
    return (start, end) if title and copy_key(text[start:end]) == copy_key(title) else (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptText:
    """The part of a document that its removals leave.

    `spans` are the kept spans, half-open, of the whole document. `document` holds their joined text, without blocks,
    since rules go by lines; `annotated` is that text annotated. `headline` is the span of the headline in it, empty
    where there is none.
    """

    spans: list[tuple[int, int]]
    document: Document
    annotated: AnnotatedText
    headline: tuple[int, int]

    def without_headline_removals(self, removals: Iterable[Removal]) -> Iterable[Removal]:
        """Yield the removals, except those that contain the whole headline."""
        start, end = self.headline
        return (one for one in removals if not (one.start <= start and one.end >= end > start))


def _kept_text(document: Document, found: Iterable[Removal], annotator: Callable[[str], AnnotatedText]) -> _KeptText:
    """Return what the removals `found` leave of a document; `annotator` annotates its text."""
    spans = _kept_spans(len(document.text), sorted(found, key=lambda removal: removal.start))
    text = "".join(document.text[start:end] for start, end in spans)
    rest = replace(document, text=text, blocks=(), analysis=None)
    return _KeptText(spans=spans, document=rest, annotated=annotator(text), headline=_headline_span(rest))


def _merge_blank_removals(text: str, removals: Iterable[Removal]) -> list[Removal]:
    """Return `removals` with those of white space alone merged into the adjacent one: white space needs no reason."""
    merged: list[Removal] = []
    for removal in removals:
        before = merged[-1] if merged and merged[-1].end == removal.start else None
        if before and not text[removal.start : removal.end].strip():
            merged[-1] = replace(before, end=removal.end)
        elif before and not text[before.start : before.end].strip():
            merged[-1] = replace(removal, start=before.start)
        else:
            merged.append(removal)
    return merged


def _kept_spans(length: int, removals: Iterable[Removal]) -> list[tuple[int, int]]:
    """Return the half-open spans of `range(length)` outside the removals, which are sorted and disjoint."""
    spans = []
    position = 0
    for removal in removals:
        if removal.start > position:
            spans.append((position, removal.start))
        position = removal.end
    if position < length:
        spans.append((position, length))
    return spans


def _map_to_document(removals: Iterable[Removal], kept: Sequence[tuple[int, int]]) -> list[Removal]:
    """Return removals from the joined text of the `kept` spans as removals from the document.

    One that reaches over the gap between two kept spans becomes one for each span.
    """
    starts = [0]
    for start, end in kept:
        starts.append(starts[-1] + end - start)
    mapped = []
    for removal in removals:
        position = removal.start
        while position < removal.end:
            index = bisect_right(starts, position) - 1
            upto = min(removal.end, starts[index + 1])
            offset = kept[index][0] - starts[index]
            start, end = position + offset, upto + offset
            mapped.append(Removal(start=start, end=end, rule=removal.rule, score=removal.score))
            position = upto
    return mapped


def _extend_over_line_breaks(text: str, removals: Iterable[Removal]) -> list[Removal]:
    """Return `removals` sorted and disjoint, those of whole lines extended over the line breaks that would be left.

    A whole line is removed with its own line break; where a blank line or nothing precedes it, also with the blank
    lines after it; at the end of the text, also with all white space before it.
    """
    extended: list[Removal] = []
    floor, blank_before = 0, True
    for removal in sorted(removals, key=lambda removal: (removal.start, -removal.end)):
        start, end = max(removal.start, floor), removal.end
        if start >= end:
            continue
        line_start, line_end = text.rfind("\n", floor, start) + 1 or floor, text.find("\n", end) + 1 or len(text)
        if (
            (line_start > 0 and text[line_start - 1] != "\n")
            or text[line_start:start].strip()
            or text[end:line_end].strip()
        ):
            blank_before = False
        else:
            start, end = line_start, line_end
            if start > floor:
                blank_before = not text[max(text.rfind("\n", floor, start - 1), floor) : start].strip()
            if blank_before:
                end += len(text[end:]) - len(text[end:].lstrip())
                end = len(text) if end == len(text) else text.rfind("\n", 0, end) + 1
        floor = end
        extended.append(Removal(start=start, end=end, rule=removal.rule, score=removal.score))
    return _extend_at_end(text, extended)


def _extend_at_end(text: str, removals: list[Removal]) -> list[Removal]:
    """Extend the removals after which only white space remains over the white space around them."""
    end = len(text)
    for index in range(len(removals) - 1, -1, -1):
        removal = removals[index]
        if text[removal.end : end].strip() or (removal.start > 0 and text[removal.start - 1] != "\n"):
            break
        floor = removals[index - 1].end if index else 0
        start = floor + len(text[floor : removal.start].rstrip())
        removals[index] = replace(removal, start=start, end=end)
        if start > floor:
            break
        end = start
    return removals
