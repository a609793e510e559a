"""Reading ARC, the format before WARC (archive.org/web/researcher/ArcFileFormat.php): one record at a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from saaf.cleaning.types import Page
from saaf.corpus.byte_blocks import read_blocks
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import over_limit_reason, record_limit
from saaf.corpus.warc_reader import http_page, within_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.input_paths import InputPath

_LINE_LIMIT = 1 << 16  # bytes: a URL and four short fields
# URL, IP address, time, content type, length; version 2 has status, checksum, location, offset and file name between.
_HEADER = re.compile(rb"([a-z][a-z0-9+.-]*:\S.*?) (\S+) (\d{8,14})(?: (\S.*))? (\d{1,18})\r?", re.IGNORECASE)


def read_arc(path: InputPath, *, body_limit: int) -> Iterator[Page | Failure]:
    """Yield the pages of an ARC file (plain or compressed) in order, and a `Failure` for each record that is broken.

    What lies between two records and is none is one failure. A record of more than twice `body_limit` bytes is a
    failure in state over_budget, and is never held. Raises as `read_blocks` does.
    """
    blocks = _Blocks(read_blocks(path))
    lost = 0
    while (line := blocks.line()) is not None:
        header = _HEADER.fullmatch(line)
        if header is None:
            lost += len(line) + 1 if line.strip() else 0
            continue
        if lost:
            yield _broken(f"{lost} bytes between two records are of none", None)
            lost = 0
        if not header[1].lower().startswith((b"filedesc:", b"dns:", b"warcinfo:")):
            yield from _read_record(blocks, header, body_limit)
        else:
            blocks.take(int(header[5]), 0)
    if lost:
        yield _broken(f"{lost} bytes at its end are of no record", None)


def _broken(problem: str, url: str | None) -> Failure:
    return Failure(state=State.UNREADABLE, reason=f"broken ARC record: {problem}; fetch the file again", url=url)


def _read_record(blocks: _Blocks, header: re.Match[bytes], body_limit: int) -> Iterator[Page | Failure]:
    url, length, limit = header[1].decode("utf-8", "replace"), int(header[5]), record_limit(body_limit)
    size, block = blocks.take(length, limit)
    if size < length:
        yield _broken(f"cut off after {size} of {length} bytes", url)
    elif length > limit:
        reason = over_limit_reason("the ARC record", length, limit)
        yield Failure(state=State.OVER_BUDGET, reason=reason, url=url)
    elif block.startswith(b"HTTP/"):
        found = http_page(block, url=url, fetched_at=_time(header[3]), flags=(), body_limit=body_limit)
        yield _broken(found, url) if isinstance(found, str) else found
    else:
        kind = (header[4] or b"").split(b" ")[0].decode("latin-1")
        headers = (("Content-Type", kind),) if "/" in kind else ()
        yield within_limit(Page(url=url, body=block, headers=headers, fetched_at=_time(header[3])), body_limit)


def _time(digits: bytes) -> datetime | None:
    try:
        return datetime.strptime(digits.decode().ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


class _Blocks:
    """Blocks of bytes that are taken by lines and by lengths."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = b""

    def line(self) -> bytes | None:
        """Return the next line without its line break, a piece of one that is too long; None at the end."""
        while b"\n" not in self._held and len(self._held) < _LINE_LIMIT:
            block = next(self._blocks, b"")
            if not block:
                line, self._held = self._held, b""
                return line or None
            self._held += block
        end = self._held.find(b"\n", 0, _LINE_LIMIT)
        line, self._held = (
            (self._held[:_LINE_LIMIT], self._held[_LINE_LIMIT:])
            if end < 0
            else (self._held[:end], self._held[end + 1 :])
        )
        return line

    def take(self, length: int, limit: int) -> tuple[int, bytes]:
        """Return how many of the next `length` bytes there are, and these bytes where they are within the limit."""
        parts: list[bytes] = []
        left = length
        while left and (block := self._held or next(self._blocks, b"")):
            part, self._held = block[:left], block[left:]
            left -= len(part)
            if length <= limit:
                parts.append(part)
        return length - left, b"".join(parts)
