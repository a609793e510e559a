"""Articles of several pages: the documents of their pages become one, whose text is theirs in order.

A crawl marks the later pages (`saaf.corpus.records.PartOf`). They are joined after each was cleaned by itself, so each
removal stays in the page that it was found in: see docs/decisions/0028-articles-of-several-pages.md.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from saaf.cleaning.text.joined_structure import join_structures
from saaf.cleaning.text.urls import canonical_url
from saaf.cleaning.types import CleanDocument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.cleaning.types import Document
    from saaf.corpus.records import Record

JOINED: Final = "joined"
"""The flag of a document to which later pages were joined."""
INCOMPLETE: Final = "joined_incomplete"
"""The flag of a document of which a later page is missing: it is joined as far as it goes."""

_SEPARATOR: Final = "\n"  # between the texts of two pages, as between two blocks
_LONG_LINE: Final = 40  # characters; shorter lines are headlines, names and dates, which each page of an article has
_MOST_REPEATED: Final = (
    0.5  # share of a page's long lines that earlier ones have: with more it is a copy, with comments
)

Member = tuple["Record", "CleanDocument"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedPart:
    """A later page that became part of the document of `first`, the URL of the article's first page."""

    record: Record
    document: Document
    first: str
    number: int

    @property
    def reason(self) -> str:
        """The reason in the ledger."""
        return f"page {self.number} of {self.first}, to whose text it is joined"


def article_key(url: str) -> str:
    """Return what the addresses of the first page of an article share, however it is spelled."""
    return canonical_url(url).rstrip("/")


def join_site(pages: Sequence[Member], parts: Mapping[str, set[int]]) -> tuple[list[Member], list[JoinedPart]]:
    """Return the documents of one host with its articles joined, and the pages that became parts of others.

    `parts` has the numbers of the later pages that a crawl knew of, those that failed too, by `article_key` of the
    first. The latest capture of each page is joined. An article is joined up to the first page that is missing, or that
    repeats the pages before it; what comes after that stays a document of its own.
    """
    firsts: dict[str, list[Member]] = defaultdict(list)
    later: dict[str, dict[int, list[Member]]] = defaultdict(lambda: defaultdict(list))
    for record, clean in pages:
        if record.part_of is not None:
            later[article_key(record.part_of.first)][record.part_of.number].append((record, clean))
        elif clean.document.url:
            firsts[article_key(clean.document.url)].append((record, clean))
    replaced: dict[str, Member] = {}
    found: list[JoinedPart] = []
    for key in sorted(firsts.keys() & (later.keys() | parts.keys())):
        record, first = max(firsts[key], key=_capture_order)
        chain = _chain(first, later[key])
        numbers = [number for number, _ in chain]
        missing = max(parts.get(key, {1})) > (numbers[-1] if numbers else 1)
        if chain or missing:
            replaced[record.key] = (record, join([first, *(clean for _, clean in chain)], incomplete=missing))
        for number in numbers:
            url = first.document.url or ""
            copies = later[key][number]
            found += (JoinedPart(record=own, document=own_clean.document, first=url, number=number)
                      for own, own_clean in copies)  # fmt: skip
    gone = {part.record.key for part in found}
    documents = [replaced.get(record.key, (record, clean)) for record, clean in pages if record.key not in gone]
    return documents, found


def _chain(first: CleanDocument, later: Mapping[int, Sequence[Member]]) -> list[tuple[int, CleanDocument]]:
    """Return number and document of the later pages that are joined, from 2 on."""
    seen = set(_long_lines(first))
    chain: list[tuple[int, CleanDocument]] = []
    number = 2
    while number in later:
        _, clean = max(later[number], key=_capture_order)
        lines = _long_lines(clean)
        if sum(line in seen for line in lines) > _MOST_REPEATED * len(lines):
            break
        seen.update(lines)
        chain.append((number, clean))
        number += 1
    return chain


def join(pages: Sequence[CleanDocument], *, incomplete: bool) -> CleanDocument:
    """Return one document of the pages of an article, in order: address, metadata and language are those of the first.

    Its text is that of the pages with a line break between two; blocks and removals are moved by what stands before
    their page, so that the removals of each page still take out what they took out of it.
    """
    first = pages[0].document
    texts, blocks, removals, offset = [], [], [], 0
    for page in pages:
        document = page.document
        texts.append(document.text)
        blocks += [replace(one, start=one.start + offset, end=one.end + offset) for one in document.blocks]
        removals += [replace(one, start=one.start + offset, end=one.end + offset) for one in page.removals]
        offset += len(document.text) + len(_SEPARATOR)
    flags = [flag for page in pages for flag in page.document.flags]
    flags += [*([JOINED] if len(pages) > 1 else []), *([INCOMPLETE] if incomplete else [])]
    document = replace(
        first,
        text=_SEPARATOR.join(texts),
        blocks=tuple(blocks),
        flags=tuple(dict.fromkeys(flags)),
        rights=tuple(dict.fromkeys(signal for page in pages for signal in page.document.rights)),
        analysis=None,
        structure=join_structures([page.document.structure for page in pages], _SEPARATOR),
    )
    own_flags = tuple(dict.fromkeys(flag for page in pages for flag in page.flags))
    return CleanDocument(
        document=document,
        removals=tuple(removals),
        flags=own_flags,
        extraction_quality=_mean_quality(pages),
        page_type=pages[0].page_type,
        page_type_score=pages[0].page_type_score,
    )


def _mean_quality(pages: Sequence[CleanDocument]) -> float | None:
    """Return the mean quality of the pages' extraction by the lengths of their texts, None where one has none."""
    known = [(page.extraction_quality, max(len(page.text), 1)) for page in pages if page.extraction_quality is not None]
    if len(known) < len(pages):
        return None
    return round(sum(quality * size for quality, size in known) / sum(size for _, size in known), 4)


def _long_lines(clean: CleanDocument) -> list[str]:
    return [line for line in clean.text.splitlines() if len(line) >= _LONG_LINE]


def _capture_order(member: Member) -> tuple[datetime, str]:
    record, _ = member
    fetched_at = record.page.fetched_at if record.page else None
    return fetched_at or datetime.min.replace(tzinfo=UTC), record.key
