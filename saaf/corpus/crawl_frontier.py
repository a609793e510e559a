"""The frontier of a crawl as a file (frontier.sqlite): its schema, and its ledger of URLs read without a crawl.

`saaf.crawler.frontier.frontier` writes it. Here it is only read, so that a corpus can be built where a crawl was
killed.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.corpus.ledger import State

if TYPE_CHECKING:
    from collections.abc import Iterator

FRONTIER = "frontier.sqlite"
"""The file beside a crawl's WARC segments with a row for each URL."""
FRONTIER_FILES = (FRONTIER, FRONTIER + "-wal", FRONTIER + "-shm", FRONTIER + "-journal")
"""The frontier and the files that SQLite keeps beside it."""
SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE hosts (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL UNIQUE, domain TEXT NOT NULL, not_before REAL NOT NULL DEFAULT 0
);
CREATE TABLE urls (
    id INTEGER PRIMARY KEY,         -- in the order of discovery
    fingerprint BLOB NOT NULL UNIQUE,
    url TEXT NOT NULL,              -- without its fragment
    host INTEGER NOT NULL REFERENCES hosts (id),
    kind TEXT,                      -- what it was asked for as: robots, sitemap, feed, list, page
    status INTEGER NOT NULL,        -- Status
    priority INTEGER NOT NULL DEFAULT 0,
    depth INTEGER NOT NULL DEFAULT 0,
    parent INTEGER,                 -- id of the URL on whose page it was found
    request TEXT,                   -- the request in JSON, NULL for a plain one
    lastmod TEXT,                   -- date of the last change that a sitemap or feed states
    attempts INTEGER NOT NULL DEFAULT 0,
    run INTEGER NOT NULL DEFAULT 0, -- number of the run that leased it last
    due REAL,                       -- seconds since 1970: not to be requested, or to be revisited, before
    interval REAL NOT NULL DEFAULT 0,      -- seconds between visits
    unchanged INTEGER NOT NULL DEFAULT 0,  -- number of last visits that brought no change
    first_seen INTEGER NOT NULL,    -- microseconds since 1970, as fetched
    fetched INTEGER,                -- when the response of `segment` and `offset` came
    visited INTEGER,                -- when the last answer came, which may have confirmed that one
    http_status INTEGER,
    stage INTEGER, role TEXT, state TEXT, reason TEXT, target TEXT,
    etag TEXT, last_modified TEXT, digest BLOB,
    segment INTEGER, offset INTEGER, length INTEGER
);
CREATE INDEX queue ON urls (host, priority DESC, depth, id) WHERE status = 0;
CREATE INDEX pending ON urls (status, due) WHERE status BETWEEN 1 AND 6;
CREATE INDEX visited ON urls (due) WHERE status = 9 AND due IS NOT NULL;
CREATE INDEX redirects ON urls (url) WHERE target IS NOT NULL;
CREATE TABLE offsite (host TEXT PRIMARY KEY, count INTEGER NOT NULL, url TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE offsite_links (hash INTEGER PRIMARY KEY);
"""


class Status(IntEnum):
    """The place of a URL in the frontier; the queries and indexes of `SCHEMA` spell the numbers."""

    QUEUED = 0
    LEASED = 1
    """A process requests it, or parses its response."""
    WAITING = 2
    """It may be requested again at `due`."""
    RECOVERED = 3
    """Its response was found in the WARC after a kill, and the request is not known yet."""
    STORED = 4
    """Its response is in the WARC, and is to be parsed."""
    ANSWERED = 5
    """Its response is in the WARC, and a process parses it."""
    MEMORY = 6
    """Its request cannot be stored: the process that made it holds it."""
    DONE = 9


_UNPARSED = (Status.RECOVERED, Status.STORED, Status.ANSWERED)
NOT_PARSED = "captured, and not parsed yet"
_SILENT_SECONDS = 60.0  # a crawl writes twice a second
_RESPONDED = 1  # the stage of a response that has not reached the spider
_CHAIN_LIMIT = 100  # redirects: Scrapy follows 20
_ROWS = """
SELECT * FROM (
    SELECT url, status, ifnull(stage, -1) AS stage, role, state, reason, target,
        json_extract(request, '$.meta.saaf_part_of') AS part_of, json_extract(request, '$.meta.saaf_part') AS part
    FROM urls
    UNION ALL SELECT url, 9, -2, 'failure', 'offsite',
        'outside the spider''s allowed_domains; ' || count ||
        CASE count WHEN 1 THEN ' link to ' || host || ' was' ELSE ' links to ' || host || ' were' END
        || ' not followed',
        NULL, NULL, NULL
    FROM offsite
) ORDER BY url, stage DESC, target IS NULL
"""


@contextmanager
def open_read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a read-only connection to a frontier, which a crawl may be writing to at the same time.

    Raises OSError where the file cannot be read, or is no frontier of this version.
    """
    with tempfile.TemporaryDirectory(prefix="saaf-") as directory:
        try:
            connection = _connect(path)
        except sqlite3.Error:
            # A killed crawl's log of changes cannot be read where the directory cannot be written to.
            try:
                for name in FRONTIER_FILES:
                    if path.with_name(name).exists() and not name.endswith("-shm"):
                        shutil.copy(path.with_name(name), directory)
                connection = _connect(Path(directory, FRONTIER))
            except sqlite3.Error as error:
                raise OSError(f"{path} cannot be read as a frontier: {error}") from error
        with closing(connection):
            try:
                yield connection
            except sqlite3.Error as error:
                raise OSError(f"{path} cannot be read as a frontier: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        version = meta_value(connection, "schema")
    except sqlite3.Error:
        connection.close()
        raise
    if version != SCHEMA_VERSION:
        connection.close()
        raise OSError(f"{path} is a frontier of version {version}, not {SCHEMA_VERSION}: use the saaf that wrote it")
    return connection


def meta_value(connection: sqlite3.Connection, key: str) -> str | int | float | None:
    """Return a value of the table `meta`, None where there is none."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def is_exported(connection: sqlite3.Connection) -> bool:
    """Return whether urls.jsonl was written when the crawl ended, and nothing was crawled since."""
    return meta_value(connection, "exported") == 1


def is_running(connection: sqlite3.Connection) -> bool:
    """Return whether the process of the last run is there and has not said that it ended."""
    pid, updated = meta_value(connection, "pid"), meta_value(connection, "updated")
    if meta_value(connection, "finish_reason") is not None or time.time() - float(updated or 0) > _SILENT_SECONDS:
        return False
    if meta_value(connection, "node") != socket.gethostname():
        return True  # on another machine: it wrote a moment ago
    try:
        os.kill(int(pid or 0) or os.getpid(), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def open_reason(connection: sqlite3.Connection, finish_reason: str | None = None) -> str:
    """Return why URLs of a crawl have no outcome yet, as the end of a sentence; `finish_reason` is as Scrapy has it."""
    if finish_reason is None and is_running(connection):
        return "the crawl still runs"
    return f"the crawl ended first ({finish_reason or 'killed'}): start it again, or raise its limits"


def listing_lines(connection: sqlite3.Connection, finish_reason: str | None = None) -> Iterator[bytes]:
    """Yield the ledger of URLs as urls.jsonl has it: JSON lines in UTF-8, sorted by URL, each URL once.

    The fields are `url`, `role`, `state` and `reason`, and `part_of` and `part` of a later page of an article.
    `finish_reason` says why the crawl ended, None where it did not end by itself.
    """
    why = open_reason(connection, finish_reason)
    last = None
    for url, status, stage, role, state, reason, target, part_of, part in connection.execute(_ROWS):
        if url == last:
            continue  # rows of one URL come with the furthest first
        last = url
        fields = {"url": url, "role": role, "state": state, "reason": reason}
        is_open = status in _UNPARSED and state == State.UNREADABLE and stage <= _RESPONDED
        if role is None or is_open:
            fields |= _failure(State.PENDING, f"{NOT_PARSED if status in _UNPARSED else 'not fetched yet'}: {why}")
        elif target is not None and (loop := _redirect_loop(connection, url, target)):
            fields |= _failure(State.FETCH_FAILED, f"the redirects go in a circle: {loop}")
        if part_of is not None:
            fields |= {"part_of": part_of, "part": part}
        yield json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _failure(state: State, reason: str) -> dict[str, str]:
    return {"role": "failure", "state": state, "reason": reason}


def _redirect_loop(connection: sqlite3.Connection, url: str, target: str | None) -> str | None:
    """Return the URLs of a loop of redirects that begins at a URL, None where its redirects lead somewhere."""
    chain = [url]
    while target is not None and target not in chain and len(chain) < _CHAIN_LIMIT:
        chain.append(target)
        found = connection.execute("SELECT target FROM urls WHERE url = ? AND target IS NOT NULL", (target,)).fetchone()
        target = found[0] if found else None
    return " → ".join([*chain, target]) if target in chain else None
