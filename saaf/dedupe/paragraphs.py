"""Repeated paragraphs: which stand in several documents, on how many hosts, and masks to remove them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from saaf.dedupe.columns import Column
from saaf.dedupe.signatures import content_hashes
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MIN_TOKENS = 5
"""Tokens from which a paragraph is counted: shorter lines ("Yes.", a date, a name) are the same by chance."""

_LINE_FEED = 0x0A


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """The paragraphs of some documents that have at least `MIN_TOKENS` tokens, in order: arrays of one length m.

    `content` uint64[m] is the same for paragraphs with the same folded tokens; `document` uint32[m] is the index of the
    document; the paragraph is the half-open range [start, end) in code points of that document's text, both int32[m].
    """

    content: NDArray[np.uint64]
    document: NDArray[np.uint32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Paragraphs:
        """Return some of the paragraphs, by a mask or by position."""
        return Paragraphs(
            content=self.content[chosen], document=self.document[chosen], start=self.start[chosen], end=self.end[chosen]
        )

    def shifted(self, first: int) -> Paragraphs:
        """Return the paragraphs where the first document has the index `first`."""
        return replace(self, document=self.document + np.uint32(first))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedParagraph:
    """A paragraph that stands in two documents or more: its counts, and its first occurrence.

    `content` is its hash; `documents`, `hosts` and `occurrences` count where it stands; the first occurrence is
    [start, end) in code points of the text of `document`.
    """

    content: int
    documents: int
    hosts: int
    occurrences: int
    document: int
    start: int
    end: int


def concatenate_paragraphs(parts: Sequence[Paragraphs]) -> Paragraphs:
    """Return the paragraphs of several groups of documents as one."""
    return Paragraphs(
        content=np.concatenate([np.zeros(0, np.uint64), *(part.content for part in parts)]),
        document=np.concatenate([np.zeros(0, np.uint32), *(part.document for part in parts)]),
        start=np.concatenate([np.zeros(0, np.int32), *(part.start for part in parts)]),
        end=np.concatenate([np.zeros(0, np.int32), *(part.end for part in parts)]),
    )


def column_paragraphs(
    texts: Column, content: NDArray[np.uint64], tokens: NDArray[np.int64], *, folded: bool = True
) -> Paragraphs:
    """Return the paragraphs, which are lines, of a column of valid UTF-8; one takes 20 bytes.

    `content` uint64[n] and `tokens` int64[n] are the content hash and the number of tokens of each text: those of a
    text of one line are its line's, so that only texts of several lines are tokenised. `folded` False compares the code
    points as they are.
    """
    first, last = int(texts.offsets[0]), int(texts.offsets[-1])
    data = texts.data[first:last]
    breaks = np.flatnonzero(data == _LINE_FEED) + 1
    offsets = texts.offsets - first
    bounds = np.unique(np.concatenate([offsets, breaks]))
    starts, ends = bounds[:-1], bounds[1:]
    document = np.searchsorted(offsets, starts, side="right") - 1
    ends_with_break = np.zeros(len(ends), np.bool_)
    if len(breaks):
        ends_with_break = data[ends - 1] == _LINE_FEED
    characters = np.zeros(len(data) + 1, np.int64)
    np.cumsum((data & 0xC0) != 0x80, out=characters[1:])  # each but the bytes that continue a character
    base = characters[offsets[document]]
    lines = np.bincount(document, minlength=len(texts))
    line_content, line_tokens = content[document], tokens[document]
    several = np.flatnonzero(lines[document] > 1)
    if len(several):
        hashes = token_hashes(Column(data, bounds).take(several), folded=folded)
        counts = np.diff(hashes.offsets)
        line_tokens[several] = counts
        line_content[several[counts > 0]] = content_hashes(hashes)
    long = np.flatnonzero(line_tokens >= MIN_TOKENS)
    return Paragraphs(
        content=line_content[long],
        document=document[long].astype(np.uint32),
        start=(characters[starts[long]] - base[long]).astype(np.int32),
        end=(characters[ends[long]] - ends_with_break[long] - base[long]).astype(np.int32),
    )


def repeated_paragraphs(found: Paragraphs, hosts: Sequence[str]) -> list[RepeatedParagraph]:
    """Return the paragraphs of two documents or more.

    They are sorted by number of hosts and then of documents, the most first, then by first occurrence. `hosts` are the
    documents' hosts; documents whose host is "" count as one host each.
    """
    content, group = np.unique(found.content, return_inverse=True)
    documents = _count_distinct(group, found.document.astype(np.int64), len(content))
    host_counts = _count_distinct(group, _host_numbers(hosts)[found.document], len(content))
    occurrences = np.bincount(group, minlength=len(content))
    first = np.full(len(content), len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    rows = np.flatnonzero(documents > 1)
    rows = rows[np.lexsort((first[rows], -documents[rows], -host_counts[rows]))]
    return [
        RepeatedParagraph(
            content=int(content[row]),
            documents=int(documents[row]),
            hosts=int(host_counts[row]),
            occurrences=int(occurrences[row]),
            document=int(found.document[first[row]]),
            start=int(found.start[first[row]]),
            end=int(found.end[first[row]]),
        )
        for row in rows.tolist()
    ]


def repeats_of_earlier_documents(found: Paragraphs) -> NDArray[np.bool_]:
    """Return a mask, bool[m], of the paragraphs that stand in an earlier document too.

    Without them each paragraph stands in one document only.
    """
    content, group = np.unique(found.content, return_inverse=True)
    first = np.full(len(content), np.iinfo(np.int64).max)
    np.minimum.at(first, group, found.document.astype(np.int64))
    return found.document > first[group]


def on_more_hosts_than(found: Paragraphs, hosts: Sequence[str], max_hosts: int) -> NDArray[np.bool_]:
    """Return a mask, bool[m], of the paragraphs that stand on more than `max_hosts` hosts."""
    content, group = np.unique(found.content, return_inverse=True)
    host_counts = _count_distinct(group, _host_numbers(hosts)[found.document], len(content))
    mask: NDArray[np.bool_] = host_counts[group] > max_hosts
    return mask


def _host_numbers(hosts: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each document that is the same for documents of one host, and its own where that is ""."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(host or f"\0{row}", len(numbers)) for row, host in enumerate(hosts)], np.int64)


def _count_distinct(group: NDArray[np.int64], values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return how many distinct values each of `count` groups has, int64[count]; values are 0 or more."""
    span = int(values.max(initial=0)) + 1
    return np.bincount(np.unique(group * span + values) // span, minlength=count)
