"""Limits of size, each enforced while an input is read, so that reading takes a small multiple of them in memory."""

from __future__ import annotations

import os

MEGABYTE = 1 << 20
MAX_WORKERS = 1_000
"""The most worker processes: more than any machine has processors for; each takes 100 MB of memory and more."""
BODY_LIMIT = 16 * MEGABYTE
"""Limit of a body after its content codings are undone, in bytes: an article is far below 1 MB, and parsing takes about
twenty times a body's size. `BuildSettings.body_limit` and `--body-limit` set another."""

_RECORD_FACTOR = 2  # JSON spells a letter of three bytes with six ("\u0915"); headers and chunk sizes take little
_BATCH_FACTOR = 4
_PAGE_FACTOR = 16  # a Parquet page may hold 1,024 rows: those of a dump of HTML have up to 200 MB


def default_workers() -> int:
    """Return the number of worker processes where none is given: one for each processor that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def record_limit(body_limit: int) -> int:
    """Return the limit of what holds one body, in bytes as stored: a JSON line, the block of a WARC record."""
    return _RECORD_FACTOR * body_limit


def parquet_page_limit(body_limit: int) -> int:
    """Return the limit of an unpacked page of a Parquet column, in bytes: a reader holds a page as a whole."""
    return _PAGE_FACTOR * body_limit


def parquet_batch_limit(body_limit: int) -> int:
    """Return the limit of the rows of a Parquet file that are held at once, in bytes: Arrow takes up to four times that
    to make them.
    """
    return _BATCH_FACTOR * body_limit


def over_limit_reason(what: str, size: int | None, limit: int) -> str:
    """Return the reason in the ledger of what is over a limit; `size` is None where reading stopped at the limit."""
    stated = f"more than the limit of {limit} bytes" if size is None else f"{size} bytes, and the limit is {limit}"
    return f"{what} has {stated} (--body-limit sets another)"
