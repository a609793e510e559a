"""The status line and headers of archived HTTP responses, as archivers write them."""

import pytest

from saaf.corpus.http_headers import read_response_headers


@pytest.mark.parametrize(
    ("head", "status", "fields"),
    [
        (b"HTTP/1.1 200 OK\r\nServer: one\r\n\r\n", 200, [(b"Server", b"one")]),
        (b"http/1.1 200 OK\r\nServer: one\r\n\r\n", 200, [(b"Server", b"one")]),
        (b"Http/2 404\r\nServer: one\r\n\r\n", 404, [(b"Server", b"one")]),
        (b"HTTP/1.0  301  Moved\r\nServer: one\r\n\r\n", 301, [(b"Server", b"one")]),
        (b"HTTP/1.1 200 OK\nServer: one\nAge: 2\n\n", 200, [(b"Server", b"one"), (b"Age", b"2")]),
        (b"HTTP/1.1 200 OK\nServer: one\n\r\n", 200, [(b"Server", b"one")]),
        (b"GET / HTTP/1.1\r\nHost: one\r\n\r\n", None, [(b"Host", b"one")]),
    ],
)
def test_status_lines_of_any_case_and_line_ends_are_read(
    head: bytes, status: int | None, fields: list[tuple[bytes, bytes]]
) -> None:
    headers, start = read_response_headers(head + b"<p>\r\n\r\nbody")
    assert headers.status_code == status
    assert list(headers.items_bytes()) == fields
    assert start == len(head)


def test_headers_that_no_empty_line_ends_have_no_body() -> None:
    headers, start = read_response_headers(b"HTTP/1.1 200 OK\r\nServer: one")
    assert (headers.status_code, start) == (200, 28)
