"""The cleaning pipeline: block decision, site profile, and the rules, applied until none finds anything more."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from saaf.cleaning.analysis import PageAnalysis, analysis_of
from saaf.cleaning.decision.decide import Decision, decide
from saaf.cleaning.model.analysis import analyse_blocks, with_forests
from saaf.cleaning.model.track_forests import Forests
from saaf.cleaning.model_rule import RESIDUE, find_residue
from saaf.cleaning.phrases.annotated_text import AnnotatedText, annotate
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES as _RULES
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.site.profile import SiteProfile
from saaf.cleaning.site.repeated_blocks import remove_repeated_blocks
from saaf.cleaning.site.template import KNOWN_TEMPLATE, decide_by_template
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.types import CleanDocument, Document, Page, Removal, Track, apply_removals

ALL_RESIDUE: Final = "all_residue"
"""The flag of a document of which the rules would have left nothing."""
RULES: Final[tuple[Rule, ...]] = (*_RULES, RESIDUE)
"""Every rule there is, in the order in which they look at a text; the model was trained on what the others leave."""


def clean(document: Document, *, profile: SiteProfile | None = None, forests: Forests | None = None) -> CleanDocument:
    """Return `document` with everything that is not content taken out, each span with its reason.

    An HTML document is first decided block by block; then what `profile`, learned from other pages of its site, knows
    to be the site's goes; then the rules look at what is left. Of a plain text, where no place tells what stands beside
    the article, the rules look first and once more after the profile. A document of which the rules would
    leave nothing keeps all that they would take, and the flag "all_residue". `forests` are other trees than the
    shipped ones of the document's track.
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
    return _finish(document, decision.removals, flags, profile, rules, analysis)


def apply_profile(cleaned: CleanDocument, profile: SiteProfile) -> CleanDocument:
    """Return a document that was cleaned by itself, cleaned with what `profile` knows of its site.

    It is what `clean` with the profile gives; what was decided about the blocks is not decided again.
    """
    if cleaned.first_decision is None:
        return clean(cleaned.document, profile=profile)
    flags = tuple(flag for flag in cleaned.flags if flag != ALL_RESIDUE)
    return _finish(cleaned.document, cleaned.first_decision, flags, profile, RULES, analysis_of(cleaned.document))


def _finish(
    document: Document,
    decided: tuple[Removal, ...],
    flags: tuple[str, ...],
    profile: SiteProfile | None,
    rules: Sequence[Rule],
    analysis: PageAnalysis,
) -> CleanDocument:
    """Return the document cleaned, from the first decision on: `decided` are the removals of the block decision on
    HTML, of the rules on plain text.
    """
    with_profile = remove_repeated_blocks(document, decided, profile) if profile else decided
    html = document.track is Track.HTML
    removals = apply_rules(document, with_profile, rules, analysis) if html or profile else with_profile
    if not apply_removals(document.text, removals).strip():
        fallback = with_profile if html else ()
        flags = (*flags, ALL_RESIDUE) if apply_removals(document.text, fallback).strip() else flags
        removals = fallback
    return CleanDocument(document=document, removals=removals, flags=flags, first_decision=decided)


def clean_html(body: bytes | str, *, url: str | None = None, fetched_at: datetime | None = None) -> CleanDocument:
    """Return the HTML page `body`, cleaned. Raises Unreadable."""
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    headers = (("content-type", "text/html; charset=utf-8"),) if isinstance(body, str) else ()
    return clean(read_html(Page(url=url, body=content, headers=headers, fetched_at=fetched_at)))


def clean_text(text: str, *, url: str | None = None, fetched_at: datetime | None = None) -> CleanDocument:
    """Return `text`, of which somebody else took the markup away, cleaned."""
    return clean(document_from_text(text, url=url, fetched_at=fetched_at))


def apply_rules(
    document: Document,
    removals: Sequence[Removal],
    rules: Sequence[Rule] = RULES,
    analysis: PageAnalysis | None = None,
) -> tuple[Removal, ...]:
    """Return `removals` and what the rules find in the rest, sorted and disjoint.

    The rules see only what is kept, so that cleaning a clean text finds nothing. `analysis` is what was worked out
    about the document before, None where nothing was.
    """
    found = list(removals)
    rest = _kept_text(document, found, _first_annotation(document, removals, analysis))
    changed = True
    while changed:
        changed = False
        for rule in rules:
            if rule.requires_phrase and rule.id not in rest.text.by_rule:
                continue
            spans = rest.without_headline(rule.find(rest.document, rest.text))
            if removals_found := _with_line_breaks(rest.text.text, spans):
                changed = True
                found += _map_to_document(removals_found, rest.kept)
                rest = _kept_text(document, found, partial(annotate, before=rest.text))
    return tuple(_merge_blank_removals(document.text, sorted(found, key=lambda removal: removal.start)))


def _first_annotation(
    document: Document, removals: Sequence[Removal], analysis: PageAnalysis | None
) -> Callable[[str], AnnotatedText]:
    """Return the function that annotates what is kept of a document first, by what is known of its lines already."""
    if analysis and analysis.annotated:
        whole = analysis.annotated
        return lambda text: annotate(text, before=whole) if removals else whole
    classified = analysis.classified if analysis else None
    if classified is None:
        return annotate
    lines = (document.text[block.start : block.end] for block in document.blocks)
    phrases = dict(zip(lines, classified.phrases, strict=True))
    return lambda text: annotate(text, phrases=phrases)


def _headline(document: Document) -> tuple[int, int]:
    """Return the span of an HTML document's first line where it is the headline, else an empty one: "About us" is a
    label of menus, and the headline of one page.
    """
    text = document.text
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start) if "\n" in text[start:] else len(text)
    title = document.metadata.title if document.track is Track.HTML else None
    return (start, end) if title and headline_key(text[start:end]) == headline_key(title) else (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptText:
    """What removals leave of a document: the spans `kept`, half-open; the document of them, without blocks, since rules
    go by lines; its annotated text; the span of its headline, empty where it shows none.
    """

    kept: list[tuple[int, int]]
    document: Document
    text: AnnotatedText
    headline: tuple[int, int]

    def without_headline(self, removals: Iterable[Removal]) -> Iterable[Removal]:
        """Yield the removals that leave the headline in place."""
        start, end = self.headline
        return (one for one in removals if not (one.start <= start and one.end >= end > start))


def _kept_text(document: Document, found: Iterable[Removal], annotated: Callable[[str], AnnotatedText]) -> _KeptText:
    kept = _kept_spans(len(document.text), sorted(found, key=lambda removal: removal.start))
    text = "".join(document.text[start:end] for start, end in kept)
    rest = replace(document, text=text, blocks=(), analysis=None)
    return _KeptText(kept=kept, document=rest, text=annotated(text), headline=_headline(rest))


def _merge_blank_removals(text: str, removals: Iterable[Removal]) -> list[Removal]:
    """Return `removals` with those that hold only blanks made part of the one they touch: blanks need no reason."""
    joined: list[Removal] = []
    for removal in removals:
        before = joined[-1] if joined and joined[-1].end == removal.start else None
        if before and not text[removal.start : removal.end].strip():
            joined[-1] = replace(before, end=removal.end)
        elif before and not text[before.start : before.end].strip():
            joined[-1] = replace(removal, start=before.start)
        else:
            joined.append(removal)
    return joined


def _kept_spans(length: int, removals: Iterable[Removal]) -> list[tuple[int, int]]:
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
    """Return spans of the joined `kept` spans as spans of the document; one that reaches over a gap becomes several."""
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
            mapped.append(replace(removal, start=position + offset, end=upto + offset))
            position = upto
    return mapped


def _with_line_breaks(text: str, removals: Iterable[Removal]) -> list[Removal]:
    """Return `removals` sorted and disjoint, those of whole lines with the line breaks that would be left over.

    A line takes its own break along; where a blank line or nothing precedes it, also the blank lines after it; where
    nothing follows, all blanks before it.
    """
    widened: list[Removal] = []
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
        widened.append(replace(removal, start=start, end=end))
    return _extend_to_end(text, widened)


def _extend_to_end(text: str, removals: list[Removal]) -> list[Removal]:
    """Let removals after which nothing but blanks remains take the blanks around them along."""
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
