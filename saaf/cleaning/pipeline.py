"""A document as read to a document as cleaned: the rules, in order, over what is still kept, until none finds more."""

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from saaf.cleaning.decision.decide import Decision, decide
from saaf.cleaning.model.predict import Forests
from saaf.cleaning.model_rule import RESIDUE, find_residue
from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES as _RULES
from saaf.cleaning.site.profile import SiteProfile
from saaf.cleaning.site.repeated_blocks import remove_repeated_blocks
from saaf.cleaning.site.template import KNOWN_TEMPLATE, decide_by_template
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.types import CleanDocument, Document, Page, Removal, Rule, Track, apply_removals

RULES: Final[tuple[Rule, ...]] = (*_RULES, RESIDUE)
"""Every rule there is, in the order in which they look at a text; the model was trained on what the others leave."""


def clean(document: Document, *, profile: SiteProfile | None = None, forests: Forests | None = None) -> CleanDocument:
    """Return `document` with everything that is not content taken out, each span with its reason.

    An HTML document is first decided block by block; then what `profile`, learned from other pages of its site, knows
    to be the site's goes; then the rules look at what is left. Of a bare text, where no place tells what stands beside
    the article, the rules look first and once more after the profile. A document of which the rules would
    leave nothing keeps all that they would take, and the flag "all_residue". `forests` are other trees than the
    shipped ones of the document's track.
    """
    if KNOWN_TEMPLATE in document.flags:
        decision = decide_by_template(document)
    else:
        decision = decide(document, forests) if document.track is Track.HTML else Decision()
    flags = (*document.flags, *decision.flags)
    rules = (*_RULES, replace(RESIDUE, find=partial(find_residue, forests=forests))) if forests else RULES
    spared = decided = decision.removals
    if profile and document.track is Track.TEXT:
        decided = remove_repeated_blocks(document, apply_rules(document, decided, rules), profile)
    elif profile:
        spared = decided = remove_repeated_blocks(document, decided, profile)
    removals = apply_rules(document, decided, rules)
    if not apply_removals(document.text, removals).strip():
        left = apply_removals(document.text, spared).strip()
        flags = (*flags, "all_residue") if left else flags
        removals = spared
    return CleanDocument(document=document, removals=removals, flags=flags)


def clean_html(body: bytes | str, *, url: str | None = None, fetched_at: datetime | None = None) -> CleanDocument:
    """Return the HTML page `body`, cleaned. Raises Unreadable."""
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    headers = (("content-type", "text/html; charset=utf-8"),) if isinstance(body, str) else ()
    return clean(read_html(Page(url=url, body=content, headers=headers, fetched_at=fetched_at)))


def clean_text(text: str, *, url: str | None = None, fetched_at: datetime | None = None) -> CleanDocument:
    """Return `text`, of which somebody else took the markup away, cleaned."""
    return clean(document_from_text(text, url=url, fetched_at=fetched_at))


def apply_rules(document: Document, removals: Sequence[Removal], rules: Sequence[Rule] = RULES) -> tuple[Removal, ...]:
    """Return `removals` and what the rules find in the rest, sorted and disjoint.

    The rules see only `text` of what is kept, so that cleaning a clean text finds nothing.
    """
    found = list(removals)
    kept, rest, headline, labels = _left(document, found)
    changed = True
    while changed:
        changed = False
        for rule in rules:
            here = rule.find(rest) if rule.id in labels or not rule.by_label else ()
            if here and (spans := _with_line_breaks(rest.text, _sparing(headline, here))):
                changed = True
                found += _mapped(spans, kept)
                kept, rest, headline, labels = _left(document, found)
    return tuple(_joined(document.text, sorted(found, key=lambda removal: removal.start)))


def _headline(document: Document) -> tuple[int, int]:
    """Return the span of an HTML document's first line where it is the headline, else an empty one: "About us" is a
    label of menus, and the headline of one page.
    """
    text = document.text
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start) if "\n" in text[start:] else len(text)
    title = document.metadata.title if document.track is Track.HTML else None
    return (start, end) if title and headline_key(text[start:end]) == headline_key(title) else (0, 0)


def _sparing(headline: tuple[int, int], removals: Iterable[Removal]) -> Iterable[Removal]:
    start, end = headline
    return (one for one in removals if not (one.start <= start and one.end >= end > start))


def _left(
    document: Document, found: Iterable[Removal]
) -> tuple[list[tuple[int, int]], Document, tuple[int, int], Container[str]]:
    """Return what removals leave: its spans, the document that the rules still see, the span of its headline, and the
    ids of the rules whose labels stand in it. Blocks are those of the whole text: rules go by lines.
    """
    kept = _kept_spans(len(document.text), sorted(found, key=lambda removal: removal.start))
    rest = replace(document, text="".join(document.text[start:end] for start, end in kept), blocks=())
    return kept, rest, _headline(rest), annotate(rest.text).by_rule


def _joined(text: str, removals: Iterable[Removal]) -> list[Removal]:
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


def _mapped(removals: Iterable[Removal], kept: Sequence[tuple[int, int]]) -> list[Removal]:
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
    return _closed_at_end(text, widened)


def _closed_at_end(text: str, removals: list[Removal]) -> list[Removal]:
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
