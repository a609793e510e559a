"""Headers of archived HTTP responses (RFC 9112), as lenient as browsers: any case, lines ended by LF or CRLF."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final

from fastwarc.warc import HeaderMap

_END_OF_HEADERS: Final = re.compile(rb"\r?\n\r?\n")
# Archivers write "http/1.1 200 OK" and "HTTP/1.1  200"; fastwarc reads the status of upper case and one space only.
_STATUS_LINE: Final = re.compile(rb"\s*http/(\d+(?:\.\d+)?)[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
_LINE_FEED: Final = re.compile(rb"(?<!\r)\n")


def read_response_headers(block: bytes) -> tuple[HeaderMap, int]:
    """Return the headers of an HTTP response and the offset, in bytes, at which its body begins in `block`.

    `status_code` of the headers is None where there is no status line; the offset is the length of `block` where no
    empty line ends the headers. Raises OSError where they cannot be parsed.
    """
    end = _END_OF_HEADERS.search(block)
    head, body = (block[: end.start()], end.end()) if end else (block, len(block))
    if status := _STATUS_LINE.match(head):
        head = b"HTTP/%b %b%b" % (status[1], status[2], head[status.end() :])
    headers = HeaderMap()
    headers.parse(BytesIO(_LINE_FEED.sub(b"\r\n", head) + b"\r\n\r\n"), has_status_line=True)
    return headers, body
