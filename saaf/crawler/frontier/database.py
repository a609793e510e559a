"""The database of a frontier: how it is opened, and its rows."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from saaf.corpus.crawl_frontier import SCHEMA, SCHEMA_VERSION, Status, meta_value

if TYPE_CHECKING:
    from pathlib import Path

_CACHE_KIB = 16_384  # of pages that SQLite keeps in memory
_LOG_PAGES = 4_000  # of the write-ahead log, 4 KiB each, before it is copied into the database


class Row(NamedTuple):
    """A URL as it was when it was leased; the columns of `saaf.corpus.crawl_frontier.SCHEMA`."""

    id: int
    fingerprint: bytes
    url: str
    host: int
    kind: str | None
    priority: int
    depth: int
    parent: int | None
    request: str | None
    lastmod: str | None
    attempts: int
    interval: float
    unchanged: int
    fetched: int | None
    http_status: int | None
    stage: int | None
    role: str | None
    state: str | None
    reason: str | None
    target: str | None
    etag: str | None
    last_modified: str | None
    digest: bytes | None
    segment: int | None
    offset: int | None
    length: int | None
    due: float | None
    visited: int | None
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUrl:
    """A URL to insert. `host` is its name, "" where it has none; the others are columns of the frontier."""

    fingerprint: bytes
    url: str
    host: str
    status: Status = Status.QUEUED
    kind: str | None = None
    priority: int = 0
    depth: int = 0
    parent: int | None = None
    request: str | None = None
    lastmod: str | None = None


def open_database(path: Path | None) -> sqlite3.Connection:
    """Open a frontier's database, and make its tables where it has none; raise OSError where it is no frontier."""
    # Autocommit would be a transaction for each URL; with "IMMEDIATE", the first change begins one.
    connection = sqlite3.connect(path or ":memory:", isolation_level="IMMEDIATE", timeout=60, cached_statements=64)
    try:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        if path is not None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # the WARC is synced first, and what it has is recovered
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            connection.executescript(
                "\n".join(("BEGIN IMMEDIATE;", SCHEMA, f"PRAGMA user_version = {SCHEMA_VERSION};"))
            )
            connection.execute("INSERT INTO meta VALUES ('schema', ?)", (SCHEMA_VERSION,))
            connection.commit()
        found = meta_value(connection, "schema")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise OSError(None, f"not a frontier that can be opened ({error})", os.fspath(path or "")) from error
    if found != SCHEMA_VERSION:
        connection.close()
        why = f"a frontier of version {found}, not {SCHEMA_VERSION}: use the saaf that wrote it"
        raise OSError(None, why, os.fspath(path or ""))
    return connection
