"""The capture of a live crawl: WARC segments and the frontier, which grow together and survive a kill at any time."""

from __future__ import annotations

import os
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from saaf.atomic_files import BusyError, atomic_write, exclusive_lock
from saaf.corpus.crawl_frontier import FRONTIER, listing_lines
from saaf.corpus.warc import page_exchange
from saaf.corpus.warc_records import IDENTICAL_PAYLOAD, Revisit, sha1_digest
from saaf.corpus.warc_segments import SegmentWriter, read_response, segment_path
from saaf.crawler.browser.options import RENDER
from saaf.crawler.capture.directory import URLS, live_directory, set_aside
from saaf.crawler.frontier.arguments import ChangedArguments, compare_arguments
from saaf.crawler.frontier.frontier import Frontier
from saaf.crawler.frontier.ledger import UrlLedger
from saaf.crawler.frontier.outcomes import microseconds, moment, response_columns, stored_location
from saaf.crawler.frontier.recovery import begin_round, read_again, recover_responses, take_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request

    from saaf.cleaning.types import Page
    from saaf.corpus.warc_records import Exchange
    from saaf.corpus.warc_segments import StoredResponse
    from saaf.crawler.config import Config
    from saaf.crawler.frontier.database import Row
    from saaf.crawler.frontier.outcomes import Columns

BATCH = 64
"""Records after which they are synced and the frontier is committed."""
SECONDS = 0.5
"""Seconds after which that is done at the latest."""


class LiveCapture:
    """WARC segments and frontier of a live crawl, in one directory that one process holds at a time.

    The order of each batch: the records are on the disk (fdatasync), then the frontier's rows are committed. So a kill
    loses no row that has a record, and a record without a row is found at the next start.

    `rendered_count` is the number of pages that a browser rendered in this run.

    `goes_on` says that this run goes on with the round of an earlier one, which ended before it was done.
    """

    def __init__(self, config: Config, info: tuple[tuple[str, str], ...]) -> None:
        self._config = config
        self._info = info
        self._stack = ExitStack()
        self._uncommitted = 0
        self.directory = config.capture_path
        self.record_count = 0
        self.rendered_count = 0
        self._rendered_before = 0
        self.recovered = 0
        self.due = 0
        self.changed: ChangedArguments | None = None
        self.read_again = 0
        self.goes_on = False

    def open(self, fingerprint: Callable[[Request], bytes]) -> UrlLedger:
        """Take the directory, recover what a killed process left, and begin a run; return its ledger.

        Raises BusyError where another process holds the directory, OSError or sqlite3.Error where it cannot be written.
        """
        capture = self._config.capture_path
        busy = _busy(self._config)
        if self._config.fresh and capture.exists():
            with exclusive_lock(capture, busy):
                set_aside(capture)
        self._stack.enter_context(exclusive_lock(capture, busy))
        self.directory = live_directory(capture)
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            return self._begin(fingerprint)
        except BaseException:
            self._stack.close()
            raise

    def _begin(self, fingerprint: Callable[[Request], bytes]) -> UrlLedger:
        self.frontier = frontier = Frontier(self.directory / FRONTIER)
        self._stack.callback(frontier.close)
        self.ledger = UrlLedger(frontier, fingerprint)
        self.recovered = recover_responses(self.ledger, self.directory)
        take_back(frontier)
        earlier_round = frontier.round
        self._rendered_before = int(frontier.meta("rendered") or 0)
        self.due = begin_round(frontier, self._config.revisit)
        self.goes_on = frontier.run > 1 and frontier.round == earlier_round
        self.writer = SegmentWriter(self.directory, info=self._info, limit=self._config.segment_bytes)
        self.changed = compare_arguments(frontier.meta("arguments"), self._config.arguments)
        if self.changed is not None and not self.changed.is_narrower:
            self.read_again = read_again(frontier)
        frontier.set_meta(
            arguments=self._config.arguments or None,
            run=frontier.run,
            round=frontier.round,
            pid=os.getpid(),
            node=socket.gethostname(),
            exported=0,
            settled=0,
            finish_reason=None,
            started=time.time(),
            updated=time.time(),
            responses=0,
        )
        frontier.commit(self.writer.position)
        return self.ledger

    def write(self, exchange: Exchange, request: Request | None = None) -> bool:
        """Append an exchange to the WARC, and note in the ledger where it is.

        Returns whether it confirms the earlier response of its URL, which a revisit record says. Raises OSError where
        it cannot be written; then nothing is noted.
        """
        lease = self.ledger.lease(exchange.url, request)
        row = lease.row if lease is not None and not lease.is_once else (self.ledger.find(exchange.url) or (None,))[0]
        digest = sha1_digest(exchange.body)
        if exchange.revisit is None and (revisit := _same_payload(row, exchange, digest)):
            exchange = replace(exchange, revisit=revisit)
        location = self.writer.append(exchange, digest)
        self.record_count += 1
        self._uncommitted += 1
        if request is not None and request.meta.get(RENDER) and 200 <= exchange.status < 300:
            self.rendered_count += 1
        columns: Columns = {"visited": microseconds(exchange.fetched_at)}
        if exchange.revisit is None:
            columns = response_columns(exchange.headers, exchange.status, exchange.fetched_at, digest, location)
        self.ledger.captured(exchange.url, columns, request)
        if self._uncommitted >= BATCH:
            self.commit()
        return exchange.revisit is not None

    def write_page(self, page: Page) -> None:
        """Append a page that the spider made itself, without a response."""
        self.write(page_exchange(page))

    def has(self, url: str) -> bool:
        """Return whether a response to the URL was captured."""
        lease = self.ledger.lease(url)
        if lease is not None and ("segment" in lease.columns or lease.row.segment is not None):
            return True
        found = self.ledger.find(url)
        return found is not None and found[0].segment is not None

    def stored(self, row: Row) -> StoredResponse | None:
        """Return the response of a row from the WARC, None where it has none."""
        location = stored_location(row)
        return read_response(self.directory, location) if location else None

    def file_path(self, url: str) -> str:
        """Return the path of the segment that holds a URL's response, relative to the output."""
        lease = self.ledger.lease(url)
        number = lease.columns.get("segment", lease.row.segment) if lease is not None else None
        if not isinstance(number, int):
            number = self.writer.position.segment
        return segment_path(self.directory, number).relative_to(self._config.output).as_posix()

    def write_back(self) -> Callable[[], None]:
        """Return a function, to be called in any thread, that waits until what was written is on the disk."""
        return self.writer.write_back()

    def commit(self) -> None:
        """Sync the WARC, then commit the frontier; raise OSError or sqlite3.Error where that fails."""
        self.writer.sync()
        self.ledger.flush()
        rendered = self._rendered_before + self.rendered_count
        self.frontier.set_meta(updated=time.time(), responses=self.record_count, rendered=rendered)
        self.frontier.commit(self.writer.position)
        self._uncommitted = 0

    def close(self, reason: str) -> None:
        """Put back what is under way, export urls.jsonl, and let the directory go; raise as `commit` does."""
        try:
            self.commit()
            take_back(self.frontier)
            self.frontier.set_meta(finish_reason=reason)
            self.frontier.commit()
            self.writer.close()
            with atomic_write(self.directory / URLS) as path, path.open("wb") as stream:
                stream.writelines(listing_lines(self.frontier.connection, reason))
            self.frontier.set_meta(exported=1, settled=0 if self._config.is_command else 1)
            self.frontier.commit()
        finally:
            self.abandon()

    def settle(self) -> None:
        """Note that all is done that the command does after the crawl: the next run begins a new round.

        Raises BusyError where another process has begun it, OSError or sqlite3.Error where that cannot be written.
        """
        with exclusive_lock(self._config.capture_path, _busy(self._config)):
            frontier = Frontier(self.directory / FRONTIER)
            frontier.set_meta(settled=1)
            frontier.commit()
            frontier.close()

    def abandon(self) -> None:
        """Let the directory go without writing: what is not committed is recovered at the next start."""
        try:
            self.writer.close()
        except OSError:
            pass
        finally:
            self._stack.close()


def _busy(config: Config) -> BusyError:
    return BusyError(f"another crawl is writing to {config.capture_path}: wait for it, or choose another output")


def _same_payload(row: Row | None, exchange: Exchange, digest: bytes) -> Revisit | None:
    """Return what a response confirms, None where its body is new."""
    if row is None or row.digest != digest or row.fetched is None or row.http_status != exchange.status:
        return None
    if exchange.truncated is not None:
        return None
    return Revisit(profile=IDENTICAL_PAYLOAD, url=exchange.url, date=moment(row.fetched), digest=digest)
