"""Paragraphs that stand in several documents: which, in how many documents and on how many hosts, and where to cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import regex

from saaf.dedupe.hashing import segment_hashes
from saaf.dedupe.tokenizer import token_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

LEAST_TOKENS = 5
"""Tokens from which a paragraph is counted: shorter lines ("Yes.", a date, a name) are the same by chance."""

_PARAGRAPH = regex.compile(r"[^\n]+")
_AT_ONCE = 1 << 20  # characters tokenised at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """Every paragraph of some documents that has `LEAST_TOKENS` tokens, in order: arrays of one length.

    `content` uint64 is the same for paragraphs with the same folded tokens; `document` uint32 is the place of its
    document, and the paragraph is [start, end) in code points of that document's text, both int32.
    """

    content: NDArray[np.uint64]
    document: NDArray[np.uint32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A paragraph that stands in two documents or more: how often, and where first."""

    content: int
    documents: int
    hosts: int
    occurrences: int
    document: int
    start: int
    end: int


def paragraphs(texts: Iterable[str], *, folded: bool = True) -> Paragraphs:
    """Return the paragraphs, which are lines, of texts that are read once, a few in memory at a time: 20 bytes each."""
    parts: list[tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int32]]] = []
    lines: list[str] = []
    spans: list[tuple[int, int, int]] = []
    characters = 0
    for document, text in enumerate(texts):
        for found in _PARAGRAPH.finditer(text):
            lines.append(found[0])
            spans.append((document, *found.span()))
        characters += len(text)
        if characters >= _AT_ONCE:
            parts.append(_hashed(lines, spans, folded=folded))
            lines, spans, characters = [], [], 0
    parts.append(_hashed(lines, spans, folded=folded))
    where = np.concatenate([part[2] for part in parts])
    return Paragraphs(
        content=np.concatenate([part[0] for part in parts]),
        document=np.concatenate([part[1] for part in parts]),
        start=where[:, 0],
        end=where[:, 1],
    )


def repeated(found: Paragraphs, hosts: Sequence[str]) -> list[Repeated]:
    """Return the paragraphs of two documents or more, on most hosts first, then in most documents, then by place.

    `hosts` are the documents' hosts; documents whose host is "" count as one host each.
    """
    content, group = np.unique(found.content, return_inverse=True)
    documents = _distinct(group, found.document.astype(np.int64), len(content))
    on_hosts = _distinct(group, _numbers(hosts)[found.document], len(content))
    occurrences = np.bincount(group, minlength=len(content))
    first = np.full(len(content), len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    rows = np.flatnonzero(documents > 1)
    rows = rows[np.lexsort((first[rows], -documents[rows], -on_hosts[rows]))]
    return [
        Repeated(
            content=int(content[row]),
            documents=int(documents[row]),
            hosts=int(on_hosts[row]),
            occurrences=int(occurrences[row]),
            document=int(found.document[first[row]]),
            start=int(found.start[first[row]]),
            end=int(found.end[first[row]]),
        )
        for row in rows.tolist()
    ]


def cut_later(found: Paragraphs) -> NDArray[np.bool_]:
    """Return which paragraphs stand in an earlier document too: without them each has one document left."""
    content, group = np.unique(found.content, return_inverse=True)
    first = np.full(len(content), np.iinfo(np.int64).max)
    np.minimum.at(first, group, found.document.astype(np.int64))
    return found.document > first[group]


def cut_spread(found: Paragraphs, hosts: Sequence[str], most: int) -> NDArray[np.bool_]:
    """Return which paragraphs stand on more than `most` hosts."""
    content, group = np.unique(found.content, return_inverse=True)
    spread: NDArray[np.bool_] = _distinct(group, _numbers(hosts)[found.document], len(content))[group] > most
    return spread


def _hashed(
    lines: Sequence[str], spans: Sequence[tuple[int, int, int]], *, folded: bool
) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.int32]]:
    """Return content, document and [start, end) of the lines that have tokens enough."""
    hashes = token_hashes(lines, folded=folded)
    where = np.array(spans, np.int64).reshape(-1, 3)
    rows = np.flatnonzero(np.diff(hashes.bounds) >= LEAST_TOKENS)
    content = segment_hashes(hashes.values, hashes.bounds[rows], hashes.bounds[rows + 1])
    return content, where[rows, 0].astype(np.uint32), where[rows, 1:].astype(np.int32)


def _numbers(hosts: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each document that is the same on the same host."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(host or f"\0{row}", len(known)) for row, host in enumerate(hosts)], np.int64)


def _distinct(group: NDArray[np.int64], values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return how many different values each of `count` groups has."""
    span = int(values.max(initial=0)) + 1
    return np.bincount(np.unique(group * span + values) // span, minlength=count)
