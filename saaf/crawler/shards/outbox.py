"""Outbox of a shard: links that belong to other shards, in a file for each, which their next round reads."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

from saaf.cleaning.text.urls import without_fragment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from saaf.crawler.shards.shards import Shard

OUTBOX = "outbox"
_LINE_LIMIT = 1 << 16  # bytes: a URL and a few words
_SYNC_EVERY = 1_000  # links


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that another shard found: its URL, its depth, and what it was to be asked for as ("" where unknown)."""

    url: str
    depth: int
    kind: str = ""


class Outbox:
    """The links that a shard found for others: JSON lines, appended to and never rewritten, each URL once.

    `directory` is the shard's. A link is with the operating system when `add` returns, and survives a kill of the
    process; it is on the disk after 1,000 more, or `close`. The set of URLs is in a temporary SQLite database, so that
    memory does not grow with it.
    """

    def __init__(self, directory: Path, shard: Shard) -> None:
        self._directory = directory / OUTBOX
        self._shard = shard
        self._files: dict[int, BinaryIO] = {}
        self._unsynced = 0
        self._seen = sqlite3.connect("")
        self._seen.execute("PRAGMA journal_mode = OFF")
        self._seen.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
        for other in shard.others():
            for link in read_links(self._path(other)):
                self._is_new(link.url)

    def add(self, link: Link) -> bool:
        """Append a link for the shard that its URL belongs to; return whether it was new. Raises OSError."""
        url = without_fragment(link.url)
        if not self._is_new(url):
            return False
        owner = self._shard.owner(url)
        line = json.dumps({"url": url, "depth": link.depth, "kind": link.kind}).encode() + b"\n"
        self._file(owner).write(line)
        self._unsynced += 1
        if self._unsynced >= _SYNC_EVERY:
            self._sync()
        return True

    def close(self) -> None:
        """Write everything to the disk and close the files."""
        self._sync()
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._seen.close()

    def _is_new(self, url: str) -> bool:
        key = blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        return self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount > 0

    def _file(self, owner: Shard) -> BinaryIO:
        if owner.index not in self._files:
            path = self._path(owner)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("ab", buffering=0)
            if file.tell():
                file.write(b"\n")  # ends a line that a kill cut short; empty lines are passed over
            self._files[owner.index] = file
        return self._files[owner.index]

    def _path(self, owner: Shard) -> Path:
        return self._directory / f"{owner.name}.jsonl"

    def _sync(self) -> None:
        for file in self._files.values():
            os.fsync(file.fileno())
        self._unsynced = 0


def inbox(output: Path, shard: Shard) -> Iterator[Link]:
    """Yield the links that the other shards of a crawl found for this one; `output` is that of the whole crawl.

    Every round yields all of them again: the frontier knows which are done, and a kill between reading and scheduling
    loses none.
    """
    for other in shard.others():
        yield from read_links(other.directory(output) / OUTBOX / f"{shard.name}.jsonl")


def read_links(path: Path) -> Iterator[Link]:
    """Yield the links in a file of an outbox, none where it is missing; a line that was cut short is passed over."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        while line := file.readline(_LINE_LIMIT):
            link = _parse(line)
            if link is not None:
                yield link


def _parse(line: bytes) -> Link | None:
    try:
        entry = json.loads(line)
        return Link(url=str(entry["url"]), depth=int(entry["depth"]), kind=str(entry.get("kind") or ""))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
