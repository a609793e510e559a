from __future__ import annotations

import gzip
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning.types import Page
from saaf.corpus.content_codings import decode_body
from saaf.corpus.ledger import Failure
from saaf.corpus.warc import WarcWriter
from saaf.corpus.warc_reader import read_warc

TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ-", min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]), max_size=20)
PAGES = st.builds(
    Page,
    url=st.text("abcdefgh0123-_", max_size=10).map("https://example.org/{}".format),
    body=st.binary(max_size=300),
    headers=st.lists(st.tuples(TOKENS, VALUES), max_size=4).map(tuple),
    status=st.sampled_from([200, 301, 404, 503, 799]),
    fetched_at=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (the strategy adds the zone)
)


def write(pages: list[Page]) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a.warc.gz"
        with WarcWriter(path) as writer:
            for page in pages:
                writer.write(page)
        return path.read_bytes()


def read(content: bytes) -> tuple[list[Page], list[Failure]]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a.warc.gz"
        path.write_bytes(content)
        items = list(read_warc(path))
    return [item for item in items if isinstance(item, Page)], [item for item in items if isinstance(item, Failure)]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(PAGES, max_size=4))
def test_pages_survive_the_archive(pages: list[Page]) -> None:
    expected = [page for page in pages if not _coded(page)]
    assert read(write(expected)) == (expected, [])


def _coded(page: Page) -> bool:
    """Whether a header speaks of the body's coding or length, which the archive may rename."""
    return any(name.lower() in ("content-encoding", "transfer-encoding", "content-length") for name, _ in page.headers)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(PAGES, min_size=1, max_size=3), st.data())
def test_a_cut_archive_gives_up_its_whole_records_and_names_the_cut_one(pages: list[Page], data: st.DataObject) -> None:
    content = write(pages)
    whole = read(content)[0]
    cut = data.draw(st.integers(1, len(content) - 1))
    read_pages, failures = read(content[:cut])
    assert read_pages == whole[: len(read_pages)]
    ends = _member_ends(content)
    # A member's last 8 bytes are its checksum: without them the record is still whole.
    assert len(read_pages) >= sum(end <= cut for end in ends[1:])
    if not any(end - 8 <= cut <= end for end in ends):
        assert len(failures) == 1


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(PAGES, min_size=3, max_size=3), st.data())
def test_damage_inside_one_record_leaves_the_others(pages: list[Page], data: st.DataObject) -> None:
    content = bytearray(write(pages))
    whole = read(bytes(content))[0]
    ends = _member_ends(bytes(content))
    position = data.draw(st.integers(ends[1], ends[2] - 9))
    content[position] ^= data.draw(st.integers(1, 255))
    read_pages, _ = read(bytes(content))
    assert read_pages[0] == whole[0]
    assert read_pages[-1] == whole[2]


def _member_ends(content: bytes) -> list[int]:
    ends = [0]
    while ends[-1] < len(content):
        decompressor = zlib.decompressobj(31)
        decompressor.decompress(content[ends[-1] :])
        ends.append(len(content) - len(decompressor.unused_data))
    return ends[1:]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "chunked", "x, gzip", ""]))
def test_any_body_under_any_coding_is_decoded_or_left_alone(body: bytes, coding: str) -> None:
    assert isinstance(decode_body((("Content-Encoding", coding), ("Transfer-Encoding", coding)), body).body, bytes)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(min_size=1, max_size=500), st.integers(1, 50))
def test_codings_are_undone_in_reverse_order(body: bytes, size: int) -> None:
    packed = gzip.compress(zlib.compress(body))
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[at : at + size] for at in range(0, len(packed), size))
    )
    headers = (("Content-Encoding", "deflate, gzip"), ("Transfer-Encoding", "chunked"))
    decoded = decode_body(headers, chunks + b"0\r\n\r\n")
    assert (decoded.body, decoded.problem) == (body, None)
