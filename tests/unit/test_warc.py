from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from fastwarc.warc import ArchiveIterator, is_http

from saaf.cleaning.types import Page
from saaf.corpus.ledger import Failure, State
from saaf.corpus.warc import WarcWriter
from saaf.corpus.warc_reader import read_warc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOMENT = datetime(2025, 3, 16, 10, 0, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


def page(number: int, body: bytes | None = None, headers: tuple[tuple[str, str], ...] = HTML) -> Page:
    body = f"<p>صفحة {number}</p>".encode() * 50 if body is None else body
    return Page(url=f"https://example.org/{number}", body=body, headers=headers, fetched_at=MOMENT)


def write(path: Path, *pages: Page) -> Path:
    with WarcWriter(path) as writer:
        for one in pages:
            writer.write(one)
    return path


def record(number: int, body: bytes = b"<p>body</p>", *, kind: str = "response", http: bytes = b"") -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + http + b"\r\n" + body
    content_type = b"application/http; msgtype=response"
    if kind in ("resource", "conversion"):
        block, content_type = body, b"text/plain"
    return (
        b"WARC/1.0\r\nWARC-Type: " + kind.encode() + b"\r\nWARC-Date: 2024-12-14T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000%d>\r\n"
        b"WARC-Target-URI: http://example.org/%d\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        % (number, number, content_type, len(block))
        + block
        + b"\r\n\r\n"
    )


def urls(path: Path) -> list[str | None]:
    return [item.url for item in read_warc(path) if isinstance(item, Page)]


def failures(path: Path) -> list[Failure]:
    return [item for item in read_warc(path) if isinstance(item, Failure)]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    pages = [page(1), page(2, b""), page(3, "اردو\x00".encode())]
    assert list(read_warc(write(tmp_path / "a.warc.gz", *pages))) == pages


def test_same_pages_same_bytes(tmp_path: Path) -> None:
    pages = [page(1), page(2)]
    first = write(tmp_path / "a.warc.gz", *pages).read_bytes()
    assert first == write(tmp_path / "b.warc.gz", *pages).read_bytes()


def test_one_gzip_member_per_record_with_digests_that_hold(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", page(1), page(2))
    members = 0
    rest = path.read_bytes()
    while rest:
        decompressor = zlib.decompressobj(31)
        assert decompressor.decompress(rest).startswith(b"WARC/1.1\r\n")
        rest = decompressor.unused_data
        members += 1
    assert members == 3  # warcinfo and two pages
    blocks = [one.verify_block_digest() for one in ArchiveIterator(str(path), parse_http=False)]
    payloads = [one.verify_payload_digest() for one in ArchiveIterator(str(path), func_filter=is_http)]
    assert (blocks, payloads) == ([True] * 3, [True] * 2)


def test_headers_that_no_longer_describe_the_body_are_renamed(tmp_path: Path) -> None:
    headers = (("Content-Encoding", "gzip"), ("Content-Length", "7"))
    (read,) = read_warc(write(tmp_path / "a.warc.gz", page(1, b"<p>decoded</p>", headers)))
    assert isinstance(read, Page)
    assert read.body == b"<p>decoded</p>"
    assert read.headers == (("X-Crawl-Content-Encoding", "gzip"), ("X-Crawl-Content-Length", "7"))


def test_a_body_still_coded_keeps_its_header_and_is_decoded_when_read(tmp_path: Path) -> None:
    body = gzip.compress(b"<p>text</p>")
    (read,) = read_warc(write(tmp_path / "a.warc.gz", page(1, body, (("Content-Encoding", "gzip"),))))
    assert isinstance(read, Page)
    assert (read.body, read.headers) == (b"<p>text</p>", (("Content-Encoding", "gzip"),))


def test_a_page_without_url_or_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a URL and a capture time"):
        write(tmp_path / "a.warc.gz", Page(url=None, body=b"x", fetched_at=MOMENT))
    assert list(tmp_path.iterdir()) == [tmp_path / "a.warc.gz.partial"]


def test_an_interrupted_capture_leaves_the_old_file_and_a_readable_partial_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", page(1))
    with pytest.raises(KeyboardInterrupt), WarcWriter(path) as writer:  # noqa: PT012  (the second write must come to pass)
        writer.write(page(2))
        raise KeyboardInterrupt
    assert urls(path) == ["https://example.org/1"]
    assert urls(tmp_path / "a.warc.gz.partial") == ["https://example.org/2"]


def test_an_archive_without_pages_is_not_an_empty_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz")
    assert path.stat().st_size > 0
    assert list(read_warc(path)) == []


MEMBERS = [gzip.compress(record(n, b"%x" % (7**2000 + n)), mtime=0) for n in range(5)]
OFFSETS = [sum(map(len, MEMBERS[:n])) for n in range(6)]


def damaged(how: str) -> tuple[bytes, list[int], int]:
    """Return an archive, the numbers of the records that are whole, and where the broken one starts."""
    flipped = bytearray(MEMBERS[2])
    flipped[400:420] = bytes(20)
    match how:
        case "flipped":
            return b"".join([*MEMBERS[:2], bytes(flipped), *MEMBERS[3:]]), [0, 1, 3, 4], OFFSETS[2]
        case "first flipped":
            return b"".join([bytes(flipped), *MEMBERS[3:]]), [3, 4], 0
        case "cut in the middle":
            return b"".join([*MEMBERS[:2], MEMBERS[2][:500], *MEMBERS[3:]]), [0, 1, 3, 4], OFFSETS[2]
        case "garbage between":
            return b"".join([*MEMBERS[:2], b"garbage" * 30, *MEMBERS[2:]]), [0, 1, 2, 3, 4], OFFSETS[2]
    length = int(how)
    return b"".join(MEMBERS)[: OFFSETS[4] + length], [0, 1, 2, 3], OFFSETS[4]


@pytest.mark.parametrize(
    "how", ["flipped", "first flipped", "cut in the middle", "garbage between", "2", "15", "60", "120", "200", "600"]
)
def test_a_broken_gzip_member_costs_one_record(tmp_path: Path, how: str) -> None:
    content, whole, offset = damaged(how)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(content)
    assert urls(path) == [f"http://example.org/{number}" for number in whole]
    (failure,) = failures(path)
    assert failure.state is State.UNREADABLE
    assert f"at byte {offset}:" in failure.reason


def test_broken_records_of_a_plain_archive(tmp_path: Path) -> None:
    records = [record(n, b"x" * 500) for n in range(4)]
    path = tmp_path / "a.warc"
    path.write_bytes(records[0] + records[1].replace(b"WARC/1.0", b"WRAC/9.9") + records[2] + records[3][:-200])
    assert urls(path) == ["http://example.org/0", "http://example.org/2"]
    assert [failure.state for failure in failures(path)] == [State.UNREADABLE] * 2
    assert f"at byte {len(records[0])}:" in failures(path)[0].reason
    assert f"at byte {len(b''.join(records[:3]))}: cut off after" in failures(path)[1].reason


def test_what_is_not_an_archive_is_one_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"hello world" * 1000)
    (failure,) = read_warc(path)
    assert isinstance(failure, Failure)
    assert failure.state is State.UNREADABLE
    path.write_bytes(b"")
    assert [item.state for item in read_warc(path) if isinstance(item, Failure)] == [State.EMPTY]


def compressor(codec: str) -> Callable[[bytes], bytes]:
    return lambda body: pa.compress(body, codec=codec, asbytes=True)


@pytest.mark.parametrize(
    ("header", "encode"),
    [
        (b"Content-Encoding: gzip\r\n", gzip.compress),
        (b"Content-Encoding: deflate\r\n", zlib.compress),
        (b"content-encoding: br\r\n", compressor("brotli")),
        (b"Content-Encoding: zstd\r\n", compressor("zstd")),
        (
            b"Transfer-Encoding: chunked\r\n",
            lambda body: b"4\r\n" + body[:4] + b"\r\n%x;x=y\r\n" % len(body[4:]) + body[4:] + b"\r\n0\r\n\r\n",
        ),
        (
            b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
            lambda body: b"%x\r\n" % len(gzip.compress(body)) + gzip.compress(body) + b"\r\n0\r\n\r\n",
        ),
        (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", bytes),  # decoded by the archiver, headers kept
        (b"Content-Encoding: br\r\n", bytes),
        (b"Content-Encoding: zstd\r\n", bytes),
        (b"Content-Encoding: nonsense\r\n", bytes),
    ],
)
def test_bodies_of_foreign_archives_are_decoded(
    tmp_path: Path, header: bytes, encode: Callable[[bytes], bytes]
) -> None:
    body = "<p>नमस्ते दुनिया, یہ متن ہے</p>".encode() * 3
    path = tmp_path / "a.warc"
    path.write_bytes(record(1, encode(body), http=header))
    (read,) = read_warc(path)
    assert isinstance(read, Page)
    assert read.body == body


def test_record_types(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    kinds = ["request", "response", "metadata", "resource", "conversion", "revisit"]
    path.write_bytes(b"".join(gzip.compress(record(n, b"text", kind=kind)) for n, kind in enumerate(kinds)))
    response, resource, conversion, revisit = read_warc(path)
    assert isinstance(response, Page)
    assert isinstance(resource, Page)
    assert isinstance(conversion, Page)
    assert conversion.header("content-type") == "text/plain"
    assert conversion.body == b"text"
    assert isinstance(revisit, Failure)
    assert revisit.state is State.REPEATED


def test_an_archive_in_one_gzip_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(record(n) for n in range(3))))
    assert len(urls(path)) == 3
    assert failures(path) == []


def test_a_compression_bomb_is_over_budget(tmp_path: Path) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(record(1, gzip.compress(bytes(1 << 27)), http=b"Content-Encoding: gzip\r\n"))
    assert [failure.state for failure in failures(path)] == [State.OVER_BUDGET]


def test_a_response_with_a_lower_case_status_line_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "lower.warc"
    path.write_bytes(record(1).replace(b"HTTP/1.1 200 OK", b"http/1.1 200 ok") + record(2))
    assert urls(path) == ["http://example.org/1", "http://example.org/2"]
