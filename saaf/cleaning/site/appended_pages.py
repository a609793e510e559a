"""Appended articles that the crawl knows: where a page goes on with another page's text, it is cut and names it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules import appended
from saaf.cleaning.site.fingerprints import fingerprint
from saaf.cleaning.site.profile import kept_blocks
from saaf.cleaning.text.normalise import headline_key
from saaf.cleaning.text.prose import is_prose
from saaf.cleaning.text.urls import digest_of
from saaf.cleaning.types import Removal, apply_removals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.types import Block, CleanDocument

RULE: Final = "appended.known"
_LEADS: Final = 2  # paragraphs that a page is recognised by; the first may be a standfirst that only its own page shows
_MOST_TITLE_LINES: Final = 4  # cue, headline, byline, date
_MOST_BETWEEN: Final = 12  # blocks, with what the rules took out: a share bar, a cue
_LEAST_ALIKE: Final = 0.6  # of the words after the cut that are the other page's
_MOST_SHARED: Final = 0.2  # of the words before the cut: more is a newer state of the same story, not another one
_MIN_TITLE: Final = 8  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A block of a document, and its text less what was taken out of it (a label glued to a sentence); `digest` is that
    of the text's fingerprint, "" for what is no prose, or was taken out.
    """

    block: Block
    text: str
    digest: str
    stays: bool


def paragraphs(clean: CleanDocument) -> list[Paragraph]:
    """Return the blocks of a document; those of an appended article that was cut already count as if they stayed."""
    document = clean.document
    # What was found without the other page gets its name here.
    removals = [removal for removal in clean.removals if removal.rule != appended.RULE]
    starts, ends = [removal.start for removal in removals], [removal.end for removal in removals]
    found = []
    for block, stays in zip(document.blocks, kept_blocks(document, removals), strict=True):
        text = document.text[block.start : block.end]
        if stays:
            text = _rest(text, block, removals[bisect_right(ends, block.start) : bisect_left(starts, block.end)])
        digest = _digest(text) if stays and is_prose(text) else ""
        found.append(Paragraph(block=block, text=text, digest=digest, stays=stays))
    return found


def _rest(text: str, block: Block, removals: Sequence[Removal]) -> str:
    """Return the `text` of a block less those `removals` of the document that reach into it."""
    inside = [replace(one, start=max(one.start - block.start, 0), end=one.end - block.start) for one in removals]
    return apply_removals(text, inside)


def opening_digests(found: Sequence[Paragraph]) -> tuple[str, ...]:
    """Return the digests by which a page is recognised when another page holds it."""
    return tuple(one.digest for one in found if one.digest)[:_LEADS]


def later_digests(found: Sequence[Paragraph]) -> tuple[str, ...]:
    """Return the digests with which an appended article could begin: of all prose but the first paragraph."""
    return tuple(one.digest for one in found if one.digest)[1:]


def cut_appended_page(clean: CleanDocument, other: CleanDocument) -> CleanDocument:
    """Return `clean` without the article of `other` where it is printed after its own, else as it is.

    The cut needs three things: after it most is the other page's text, from its beginning on; before it little is; and
    the other page's headline, or words that announce an article, stand at it. The removal has the id "appended.known",
    and the flag "appended:ID" gives the other document's id.
    """
    document = clean.document
    start = _start(paragraphs(clean), other)
    if start is None or document.id == other.document.id:
        return clean
    start = len(document.text[:start].rstrip())
    before = [replace(one, end=min(one.end, start)) for one in clean.removals if one.start < start]
    last = Removal(start=start, end=len(document.text), rule=RULE, score=1.0)
    return replace(clean, removals=(*before, last), flags=(*clean.flags, f"appended:{other.document.id}"))


def _start(own: Sequence[Paragraph], other: CleanDocument) -> int | None:
    """Return the offset at which the other page's article begins, None where it does not."""
    theirs = paragraphs(other)
    known, first = {one.digest for one in theirs if one.digest}, set(opening_digests(theirs))
    for index, one in enumerate(own):
        if one.digest not in first or not any(before.digest for before in own[:index]):
            continue
        after = _share(own[index:], known)
        if after >= _LEAST_ALIKE and _share(own[:index], known) <= _MOST_SHARED:
            return _announced(own, index, other)
    return None


def _share(group: Sequence[Paragraph], known: set[str]) -> float:
    sizes = [(len(one.text), one.digest in known) for one in group if one.digest]
    return sum(size for size, held in sizes if held) / max(sum(size for size, _ in sizes), 1)


def _announced(own: Sequence[Paragraph], index: int, other: CleanDocument) -> int | None:
    """Return where the lines begin that announce the paragraph `index`: a cue or the other page's headline."""
    title = headline_key(other.document.metadata.title or "")
    found, staying = None, 0
    for number in range(index - 1, max(index - _MOST_BETWEEN, 0) - 1, -1):
        staying += own[number].stays
        if own[number].digest or staying > _MOST_TITLE_LINES:
            break
        if _is_title(headline_key(own[number].text[:400]), title) or _is_cue(own[number].text):
            found = own[number].block.start
    return found


def _is_title(line: str, title: str) -> bool:
    short, long = sorted((line, title), key=len)
    return len(short) >= _MIN_TITLE and short in long and 2 * len(short) > len(long)


def _is_cue(line: str) -> bool:
    return any(mark.rule.role in (Role.CUE, Role.HEADING) for mark in annotate(line).matches.values())


def _digest(text: str) -> str:
    return digest_of(fingerprint(text[:2000]), 16)
