"""Appended pages: a document that goes on with another document's article is cut there, and names that document."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules import appended
from saaf.cleaning.site.fingerprints import paragraph_digest
from saaf.cleaning.site.profile import kept_blocks
from saaf.cleaning.text.copies import copy_key
from saaf.cleaning.text.prose import is_prose
from saaf.cleaning.types import Removal, apply_removals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning.types import Block, CleanDocument

RULE: Final = "appended.known"
_OPENING_PARAGRAPHS: Final = 2  # by which a page is recognised; the first may be a standfirst that only its page shows
_MAX_HEAD_BLOCKS: Final = 4  # kept blocks between the two articles: cue, headline, byline, date
_MAX_BLOCKS_BETWEEN: Final = 12  # blocks between them, with what the rules removed: a share bar, a cue
_MIN_SHARED_AFTER: Final = 0.6  # of the characters of prose after the cut that are the other page's
_MAX_SHARED_BEFORE: Final = 0.2  # of those before the cut: more is a newer version of the same article, not another one
_MIN_TITLE_LETTERS: Final = 8
_DIGEST_DIGITS: Final = 16
_MAX_HEADLINE_CHARACTERS: Final = 400  # of a block that are compared with the title


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A block of a document; `text` is its text less what was removed from it (a label glued to a sentence).

    `digest` is that of the text, in which numbers count, 16 hexadecimal digits, "" where the block is no prose or was
    removed. `is_kept`: more than half of the block was not removed.
    """

    block: Block
    text: str
    digest: str
    is_kept: bool


def paragraphs(clean: CleanDocument) -> list[Paragraph]:
    """Return the blocks of a document; removals of an appended article by `saaf.cleaning.rules.appended` are undone."""
    document = clean.document
    # An article that was cut without the other page may be found, and named, with it.
    removals = [removal for removal in clean.removals if removal.rule != appended.RULE]
    starts, ends = [removal.start for removal in removals], [removal.end for removal in removals]
    found = []
    for block, is_kept in zip(document.blocks, kept_blocks(document, removals), strict=True):
        text = document.text[block.start : block.end]
        if is_kept:
            overlapping = removals[bisect_right(ends, block.start) : bisect_left(starts, block.end)]
            text = _remaining_text(text, block, overlapping)
        is_article = is_kept and is_prose(text)
        digest = paragraph_digest(text, _DIGEST_DIGITS, numbers_count=True) if is_article else ""
        found.append(Paragraph(block=block, text=text, digest=digest, is_kept=is_kept))
    return found


def _remaining_text(text: str, block: Block, removals: Sequence[Removal]) -> str:
    """Return the `text` of a block less those `removals` of the document that overlap it."""
    inside = [replace(one, start=max(one.start - block.start, 0), end=one.end - block.start) for one in removals]
    return apply_removals(text, inside)


def opening_digests(found: Sequence[Paragraph]) -> tuple[str, ...]:
    """Return the digests by which a page is recognised where another page holds it: of its first two paragraphs."""
    return tuple(one.digest for one in found if one.digest)[:_OPENING_PARAGRAPHS]


def later_digests(found: Sequence[Paragraph]) -> tuple[str, ...]:
    """Return the digests with which an appended article could begin: of all prose but the first paragraph."""
    return tuple(one.digest for one in found if one.digest)[1:]


def cut_appended_page(clean: CleanDocument, other: CleanDocument) -> CleanDocument:
    """Return `clean` without the article of `other` where that is appended to its own, else unchanged.

    The cut needs three things: one of the first two paragraphs of `other` follows own prose, and most of the prose from
    there on is also in `other`; little of the prose before is; and between the two stands the headline of `other` or a
    cue. The removal has the id "appended.known", and the flag "appended:ID" gives the other document's id.
    """
    document = clean.document
    start = _appended_start(paragraphs(clean), other)
    if start is None or document.id == other.document.id:
        return clean
    start = len(document.text[:start].rstrip())
    before = [replace(one, end=min(one.end, start)) for one in clean.removals if one.start < start]
    last = Removal(start=start, end=len(document.text), rule=RULE, score=1.0)
    return replace(clean, removals=(*before, last), flags=(*clean.flags, f"appended:{other.document.id}"))


def _appended_start(own: Sequence[Paragraph], other: CleanDocument) -> int | None:
    """Return the offset at which the article of `other` begins, with its headline; None where it is not appended."""
    others = paragraphs(other)
    known, openings = {one.digest for one in others if one.digest}, set(opening_digests(others))
    for index, one in enumerate(own):
        if one.digest not in openings or not any(before.digest for before in own[:index]):
            continue
        after = _shared_share(own[index:], known)
        if after >= _MIN_SHARED_AFTER and _shared_share(own[:index], known) <= _MAX_SHARED_BEFORE:
            return _head_start(own, index, other)
    return None


def _shared_share(group: Sequence[Paragraph], known: set[str]) -> float:
    """Return the share of a group's characters of prose, in [0, 1], in paragraphs with a known digest."""
    sizes = [(len(one.text), one.digest in known) for one in group if one.digest]
    return sum(size for size, is_shared in sizes if is_shared) / max(sum(size for size, _ in sizes), 1)


def _head_start(own: Sequence[Paragraph], index: int, other: CleanDocument) -> int | None:
    """Return the offset of the first block before paragraph `index` that is a cue or the headline of `other`, None
    where there is none.
    """
    title = copy_key(other.document.metadata.title or "")
    start, kept = None, 0
    for position in range(index - 1, max(index - _MAX_BLOCKS_BETWEEN, 0) - 1, -1):
        kept += own[position].is_kept
        if own[position].digest or kept > _MAX_HEAD_BLOCKS:
            break
        text = own[position].text
        if _is_title(copy_key(text[:_MAX_HEADLINE_CHARACTERS]), title) or _is_cue(text):
            start = own[position].block.start
    return start


def _is_title(line: str, title: str) -> bool:
    short, long = sorted((line, title), key=len)
    return len(short) >= _MIN_TITLE_LETTERS and short in long and 2 * len(short) > len(long)


def _is_cue(line: str) -> bool:
    return any(match.rule.role in (Role.CUE, Role.HEADING) for match in annotate(line).matches.values())
