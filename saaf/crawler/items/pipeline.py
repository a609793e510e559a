"""Item pipeline that cleans pages in worker processes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import DropItem, NotConfigured

from saaf.cleaning.rights.signals import AGENT
from saaf.cleaning.types import Page
from saaf.corpus.ledger import Failure
from saaf.corpus.process_limits import Limits
from saaf.corpus.rights import document_rights
from saaf.corpus.workers import CleanerPool, WorkersError
from saaf.crawler.capture.directory import RECORDS
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.config import WORKER_NICENESS, config_of
from saaf.crawler.rights.middlewares import RightsMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from saaf.cleaning.rights.sites import SiteRights

logger = logging.getLogger(__name__)


class CleaningPipeline:
    """Item pipeline that turns each `Page` into the row of a clean document: what `-O out.jsonl` then holds.

    A row is made of one page alone, and what SAAF_KEEP names stays in its text. What needs other pages (templates,
    near-duplicates) or splits a page into documents is left to the build, which starts from the capture again. So the
    pipeline is disabled where nothing uses the items, no feed and no other pipeline, and no page is cleaned twice.
    Items that are not pages pass unchanged.
    """

    def __init__(
        self,
        cleaner: CleanerPool,
        stats: StatsCollector,
        dump: str,
        keep: Collection[str] = (),
        rules: Sequence[Path] = (),
        lid: Path | None = None,
        capture: CaptureExtension | None = None,
        find_sites: Callable[[], SiteRights | None] = lambda: None,
        agent: str = AGENT,
    ) -> None:
        self._cleaner = cleaner
        self._submitting = asyncio.Lock()
        self._capture = capture
        self._find_sites = find_sites
        self._agent = agent
        self._stats = stats
        self._dump = dump
        from saaf.corpus.user_options import document_options  # noqa: PLC0415  # loads all of the cleaning

        self._apply_options = document_options(keep, rules, lid)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Start the worker processes; raise NotConfigured where nothing uses the items."""
        pipelines = crawler.settings.getdict("ITEM_PIPELINES").values()
        if not crawler.settings.getdict("FEEDS") and sum(value is not None for value in pipelines) < 2:
            raise NotConfigured
        name = crawler.spidercls.name
        config = config_of(crawler)
        limits = Limits(cpu_seconds=config.timeout)
        pool = CleanerPool(workers=config.workers, limits=limits, niceness=WORKER_NICENESS)

        def find_sites() -> SiteRights | None:  # when it is asked: the middleware is made after the pipelines
            rights = crawler.get_downloader_middleware(RightsMiddleware)
            return rights.sites if rights else None

        capture = crawler.get_extension(CaptureExtension)
        return cls(pool, crawler.stats, name, config.keep, config.rules, config.lid, capture, find_sites, config.agent)

    def close_spider(self) -> None:
        """End the worker processes."""
        self._cleaner.close()

    async def process_item(self, item: Any) -> Any:
        """Return the row of a page; raise DropItem, one line in the log, where the page gives no document."""
        if not isinstance(item, Page):
            return item
        try:
            async with self._submitting:
                # In a thread: a worker process that has to start first takes a second, and the reactor would wait.
                future = await asyncio.to_thread(self._cleaner.submit, item)
            clean = await asyncio.wrap_future(future)
        except WorkersError as error:
            raise self._not_cleaned(error) from error
        if isinstance(clean, Failure):
            self._stats.inc_value(f"saaf/pages/{clean.state}")
            raise DropItem(f"{clean.state}: {clean.reason}")
        self._stats.inc_value("saaf/pages/cleaned")
        from saaf.corpus.schema import to_row  # noqa: PLC0415  # loads pyarrow: a crawl without feeds needs none

        clean = self._apply_options(clean)
        rights = document_rights(clean.document, item, self._find_sites(), agent=self._agent)
        file_path = self._capture.file_path(item.url or "") if self._capture else f"capture/{RECORDS}"
        return to_row(clean, dump=self._dump, file_path=file_path, date=item.fetched_at, rights=rights)

    def _not_cleaned(self, error: WorkersError) -> DropItem:
        # An interrupt reaches the workers too. The capture goes on, and the build cleans what it holds.
        if not self._stats.get_value("saaf/pages/not_cleaned"):
            logger.error("From here on no page is cleaned for the feeds: %s", error)
        self._stats.inc_value("saaf/pages/not_cleaned")
        return DropItem("not cleaned: no worker process", log_level="DEBUG")
