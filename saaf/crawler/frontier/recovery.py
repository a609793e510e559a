"""Recovery of a frontier at the start of a run: what a killed process left is taken back, and a new round begins."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from saaf.cleaning.text.urls import path_of
from saaf.corpus.crawl_frontier import Status
from saaf.corpus.ledger import State
from saaf.corpus.warc_records import sha1_digest
from saaf.corpus.warc_segments import recover, segment_path
from saaf.crawler.frontier import outcomes
from saaf.crawler.frontier.outcomes import outcome_columns, response_columns
from saaf.crawler.frontier.revisits import DAY, Revisit

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.warc_segments import StoredResponse
    from saaf.crawler.frontier.frontier import Frontier
    from saaf.crawler.frontier.ledger import UrlLedger

logger = logging.getLogger(__name__)

FINGERPRINT = "fingerprint"
"""Field of a metadata record: the fingerprint of the request, in hex digits."""
LEAST_LISTED = 3
"""Documents that a document must have named first, for it to be visited again as a list: sections print long teasers.

What an article names of its own kind, as related, does not count (the flag in `saaf.crawler.discovery.lineage`).
"""
_QUEUE_DUE = """
UPDATE urls SET status = 0 WHERE status = 9 AND due IS NOT NULL AND due <= :due AND (
    :articles OR role IS NOT 'document' OR (parent IS NULL AND depth = 0) OR id IN (
        SELECT child.parent FROM urls AS child WHERE child.role = 'document' AND child.parent IS NOT NULL
            AND ifnull(json_extract(child.request, '$.meta.saaf_lineage[2]'), 0) = 0
        GROUP BY child.parent HAVING count(*) >= :least
    )
)
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOST_REQUEST = outcomes.failed(
    State.FETCH_FAILED,
    "its request could not be stored, and the process that held it ended first: crawl again with SAAF_FRESH=1",
)


def recover_responses(ledger: UrlLedger, directory: Path) -> int:
    """Note the responses in the WARC that the frontier does not know of, cut off a torn record; return how many.

    A URL whose response is found is parsed from the WARC and not requested again: at once where its request is in the
    frontier, else when it is asked for again, which its parent page does, as it was not noted as parsed.
    """
    frontier = ledger.frontier
    position, found = frontier.position(), 0
    _requeue_lost(frontier, directory, position.segment, position.offset)
    for stored in recover(directory, position):
        found += 1
        _note_response(ledger, stored)
    return found


def take_back(frontier: Frontier) -> None:
    """Queue again what the process of the last run had under way, or was about to parse."""
    frontier.execute("UPDATE urls SET status = 0 WHERE status BETWEEN 1 AND 6 AND status = 1")
    frontier.execute("UPDATE urls SET status = 4 WHERE status BETWEEN 1 AND 6 AND status = 5")
    lost = frontier.execute("SELECT id FROM urls WHERE status BETWEEN 1 AND 6 AND status = 6").fetchall()
    for (row_id,) in lost:
        frontier.update(row_id, status=int(Status.DONE), **outcome_columns(_LOST_REQUEST))
    frontier.recount()
    frontier.wake_waiting()


def begin_round(frontier: Frontier, revisit: Revisit) -> int:
    """Queue the URLs that are due for another visit; return how many.

    Documents are only visited again with `Revisit.ARTICLES`, but for start URLs, and for those that list others: a
    section with long teasers reads like an article.

    While a round goes on, that is what has been due for a day; once it is over, a new round begins with all that is
    due. It is over where the queue is empty, and the last run came to its end and was not killed while it closed, or
    while its command built the corpus.
    """
    now = time.time()
    ended = frontier.run == 1 or frontier.meta("settled") == 1
    is_new = ended and not (frontier.queued or frontier.stored or frontier.recovered)
    if revisit is Revisit.NOTHING:
        return 0
    age = 0 if is_new else DAY
    due = frontier.execute(
        _QUEUE_DUE, {"due": now - age, "articles": revisit is Revisit.ARTICLES, "least": LEAST_LISTED}
    ).rowcount
    if due and is_new:
        frontier.round += 1
    frontier.queued += due
    frontier.ring.rescan()
    return due


def read_again(frontier: Frontier) -> int:
    """Let the lists that were read, and the pages that were outside the time window, be read anew; return how many.

    For a crawl that goes on with other arguments of its spider: what these let in is found where it was left out. The
    responses come from the WARC. What is due for a visit is fetched whole, because an answer that nothing changed
    would not be read. To be called after `begin_round`.
    """
    found = frontier.execute(
        "UPDATE urls SET status = 4 WHERE status = 9 AND segment IS NOT NULL AND http_status = 200 AND target IS NULL"
        " AND kind IS NOT 'robots' AND ((role = 'discovery' AND due IS NOT NULL) OR state = 'outside_window')"
    ).rowcount
    # It is requested anyway before anything else of its host is.
    frontier.execute("UPDATE urls SET status = 0 WHERE status = 9 AND segment IS NOT NULL AND kind = 'robots'")
    frontier.execute(
        "UPDATE urls SET etag = NULL, last_modified = NULL, digest = NULL"
        " WHERE status = 0 AND segment IS NOT NULL AND due IS NOT NULL AND role IS NOT 'document'"
    )
    frontier.recount()
    frontier.ring.rescan()
    return found


def _note_response(ledger: UrlLedger, stored: StoredResponse) -> None:
    frontier = ledger.frontier
    name = dict(stored.metadata).get(FINGERPRINT, "")
    try:
        fingerprint = bytes.fromhex(name) or ledger.fingerprint_of_url(stored.url)
    except ValueError:
        fingerprint = ledger.fingerprint_of_url(stored.url)
    found = frontier.find(fingerprint)
    if stored.is_revisit:
        if found is not None:
            frontier.update(found[0].id, status=int(Status.DONE), due=time.time(), unchanged=found[0].unchanged + 1)
        return
    columns = response_columns(
        stored.headers, stored.status, stored.fetched_at or _EPOCH, sha1_digest(stored.body), stored.location
    )
    # A robots.txt whose row was lost may be the one that the spider asked for, to read the sitemaps in it.
    if path_of(stored.url) == "/robots.txt" and found is not None and found[0].request is None:
        row_id: int | None = found[0].id
        columns |= outcome_columns(outcomes.responded(stored.url, stored.status)) | {"status": int(Status.DONE)}
    elif found is not None:
        row_id = found[0].id
        columns["status"] = int(Status.STORED)
    else:
        row_id = ledger.insert(stored.url, Status.RECOVERED, fingerprint=fingerprint)
    if row_id is not None:
        frontier.update(row_id, **columns)


def _requeue_lost(frontier: Frontier, directory: Path, segment: int, offset: int) -> None:
    """Queue again the URLs whose records are gone: a segment was deleted or cut, or a disk lost its last bytes."""
    if not _is_short(directory, segment, offset):
        return
    query = "SELECT DISTINCT segment FROM urls WHERE segment IS NOT NULL"
    for (number,) in frontier.execute(query).fetchall():
        lost = frontier.execute(
            "UPDATE urls SET status = 0, fetched = NULL, etag = NULL, last_modified = NULL, digest = NULL,"
            " segment = NULL, offset = NULL, length = NULL, stage = NULL, role = NULL, state = NULL, reason = NULL"
            " WHERE segment = ? AND offset + length > ? RETURNING id",
            (number, _size(directory, number)),
        ).fetchall()
        if lost:
            logger.warning("%s: the records of %d URLs are gone; they are requested again", directory, len(lost))


def _is_short(directory: Path, segment: int, offset: int) -> bool:
    """Return whether a segment up to the last committed one is missing, or that one is shorter than it was."""
    if any(_size(directory, number) == 0 for number in range(segment)):
        return True
    return _size(directory, segment) < offset


def _size(directory: Path, number: int) -> int:
    path = segment_path(directory, number)
    return path.stat().st_size if path.exists() else 0
