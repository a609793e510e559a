"""What a crawl says of its capture as it begins: what it goes on with, and what was changed since the last run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saaf.crawler.capture.live import LiveCapture

logger = logging.getLogger(__name__)


def report_start(live: LiveCapture, *, has_feed: bool) -> None:
    """Log what an open capture goes on with; `has_feed` says whether the crawl writes its items to a feed too."""
    frontier = live.frontier
    if live.recovered:
        logger.info("%d responses that a killed crawl left without an entry were recovered", live.recovered)
    if live.changed is not None:
        logger.warning(
            "The crawl in %s was begun with other arguments of its spider (now %s): %s, and its documents stay;"
            " another output, or -s SAAF_FRESH=1, begins anew",
            live.directory,
            live.changed.described,
            f"{live.read_again} lists and pages are read again from its capture"
            if live.read_again
            else "they hold for what is fetched from now on",
        )
    if frontier.run > 1:
        if has_feed:
            logger.warning("A feed holds the documents of this run alone; the corpus has those of all runs")
        logger.info(
            "The crawl in %s goes on: %d URLs are queued, of which %d are due for another visit",
            live.directory,
            frontier.queued + frontier.stored + frontier.recovered,
            live.due,
        )
