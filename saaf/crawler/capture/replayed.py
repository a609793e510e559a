"""The capture of a replay of saved pages: one WARC, sorted by URL, which replaces that of an earlier replay."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from saaf.atomic_files import atomic_write
from saaf.corpus.warc import WarcWriter
from saaf.crawler.capture.directory import RECORDS, URLS, claim_directory
from saaf.crawler.frontier.ledger import UrlLedger

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request

    from saaf.cleaning.types import Page
    from saaf.crawler.config import Config


class ReplayCapture:
    """The pages of a replay, held until it is over: the fixtures themselves are the durable copy.

    So the same fixtures give the same bytes, in whatever order they were answered. `is_discarded` says that an earlier
    replay, which has more, was left in place of this one.
    """

    def __init__(self, config: Config, info: tuple[tuple[str, str], ...]) -> None:
        self._config = config
        self._info = info
        self._stack = ExitStack()
        self._digests: dict[str, bytes] = {}  # SHA-256 of the last body, by URL
        self._pages: list[Page] = []
        self.directory = config.capture_path
        self.is_discarded = False

    @property
    def record_count(self) -> int:
        """The number of pages that are kept."""
        return len(self._pages)

    def open(self, fingerprint: Callable[[Request], bytes]) -> UrlLedger:
        """Make the directory, and open the WARC under a temporary name; return a ledger in memory. Raises OSError."""
        self.directory = claim_directory(self.directory)
        self._writer = self._stack.enter_context(WarcWriter(self.directory / RECORDS, replay=True, info=self._info))
        self._ledger = UrlLedger(None, fingerprint)
        return self._ledger

    def write_page(self, page: Page, *, holds_body: bool = True) -> None:
        """Keep a page, unless the same bytes were just kept under its URL; without its body where that is said."""
        digest = sha256(page.body).digest()
        if self._digests.get(page.url or "") != digest:
            self._digests[page.url or ""] = digest
            self._pages.append(page if holds_body else replace(page, body=b""))

    def has(self, url: str) -> bool:
        """Return whether a response to the URL was captured."""
        return url in self._digests

    def file_path(self, url: str) -> str:  # noqa: ARG002  (as in a live crawl, which has several)
        """Return the path of the WARC, relative to the output."""
        return (self.directory / RECORDS).relative_to(self._config.output).as_posix()

    def commit(self) -> None:
        """Do nothing: it is written when the replay is over."""

    def close(self, reason: str, no_document: str | None, with_body: Callable[[Page], Page]) -> str | None:
        """Write the WARC and urls.jsonl; raise OSError where that fails. `with_body` returns a page with its body.

        A replay that ended early or found no document (`no_document` says why) leaves the files of an earlier one.
        Returns `no_document`, with that.
        """
        for page in sorted(self._pages, key=lambda page: (page.url or "", page.body)):
            self._writer.write(with_body(page))
        earlier = (self.directory / RECORDS).exists()
        if earlier and (reason != "finished" or no_document):
            self._writer.discard()  # the earlier one has more
            self.is_discarded = True
            no_document = f"{no_document or f'the replay ended early ({reason})'}; the capture of the earlier one stays"
        self._stack.close()
        if not earlier or no_document is None:
            with atomic_write(self.directory / URLS) as path:
                path.write_bytes(b"".join(self._ledger.lines(reason)))
        return no_document

    def abandon(self) -> None:
        """Leave what was written under its temporary name."""
        with self._stack:
            self._writer.discard()
