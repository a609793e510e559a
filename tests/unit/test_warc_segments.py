"""Segments of a growing WARC: appended to, rotated, recovered at any cut, and a write that fails leaves no trace."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fastwarc.warc import ArchiveIterator

from saaf.cleaning.types import Page
from saaf.corpus.ledger import Failure, State
from saaf.corpus.warc_reader import read_warc
from saaf.corpus.warc_records import IDENTICAL_PAYLOAD, Exchange, Revisit, sha1_digest
from saaf.corpus.warc_segments import (
    Location,
    Position,
    SegmentWriter,
    read_response,
    recover,
    segment_numbers,
    segment_path,
)

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = datetime(2025, 3, 16, 10, 0, 0, 123456, tzinfo=UTC)


def exchange(number: int, **more: object) -> Exchange:
    values: dict[str, object] = {
        "url": f"https://example.org/{number}",
        "fetched_at": MOMENT + timedelta(seconds=number),
        "status": 200,
        "headers": ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip")),
        "body": b"<p>page %d</p>" % number * 20,
        "request": b"GET /%d HTTP/1.1\r\nHost: example.org\r\n\r\n" % number,
        "metadata": (("depth", "1"),),
    }
    return Exchange(**{**values, **more})  # type: ignore[arg-type]  # the values are Exchange's


def written(directory: Path, *exchanges: Exchange, limit: int = 1 << 30) -> tuple[list[Location], Position]:
    writer = SegmentWriter(directory, limit=limit)
    locations = [writer.append(one) for one in exchanges]
    writer.close()
    return locations, writer.position


def urls(directory: Path) -> list[str | None]:
    items = [item for number in segment_numbers(directory) for item in read_warc(segment_path(directory, number))]
    assert not [item for item in items if isinstance(item, Failure)]
    return [item.url for item in items]


def test_records_of_an_exchange_have_digests_that_hold_and_refer_to_the_response(tmp_path: Path) -> None:
    written(tmp_path, exchange(1))
    with segment_path(tmp_path, 0).open("rb") as stream:
        found = [
            (
                record.headers["WARC-Type"],
                record.record_id,
                record.headers.get("WARC-Concurrent-To"),
                record.verify_block_digest(),
            )
            for record in ArchiveIterator(stream, parse_http=False)
        ]
    assert [(kind, verified) for kind, _, _, verified in found] == [
        ("warcinfo", True), ("request", True), ("metadata", True), ("response", True),
    ]  # fmt: skip
    assert found[1][2] == found[2][2] == found[3][1]


def test_a_stored_response_is_read_back_as_it_came(tmp_path: Path) -> None:
    (location, _), _ = written(tmp_path, exchange(1), exchange(2))
    stored = read_response(tmp_path, location)
    assert stored is not None
    assert (stored.url, stored.status, stored.body) == ("https://example.org/1", 200, exchange(1).body)
    assert stored.headers == exchange(1).headers, "also the one that does not describe the body"
    assert stored.fetched_at == exchange(1).fetched_at
    assert read_response(tmp_path, Location(segment=0, offset=location.offset + 1, length=location.length)) is None
    assert read_response(tmp_path, Location(segment=9, offset=0, length=10)) is None


@pytest.mark.parametrize("limit", [1, 1 << 30])
def test_another_writer_appends_and_a_full_segment_is_followed_by_another(tmp_path: Path, limit: int) -> None:
    written(tmp_path, exchange(1), exchange(2), limit=limit)
    written(tmp_path, exchange(3), limit=limit)
    assert urls(tmp_path) == [f"https://example.org/{number}" for number in (1, 2, 3)]
    assert segment_numbers(tmp_path) == ([0, 1, 2] if limit == 1 else [0])


def test_a_kill_at_any_byte_leaves_the_whole_exchanges(tmp_path: Path) -> None:
    _, start = written(tmp_path, exchange(1))
    written(tmp_path, exchange(2), exchange(3))
    path = segment_path(tmp_path, 0)
    whole = path.read_bytes()
    ends = [found.location.offset + found.location.length for found in recover(tmp_path, start)]
    assert ends[-1] == len(whole)
    for cut in range(start.offset, len(whole) + 1):
        path.write_bytes(whole[:cut])
        found = list(recover(tmp_path, start))
        assert len(found) == sum(end <= cut for end in ends)
        assert path.stat().st_size == max([start.offset, *(end for end in ends if end <= cut)])
    assert [one.metadata for one in found] == [(("depth", "1"),)] * 2


def test_a_kill_while_a_segment_begins_leaves_one_that_is_written_anew(tmp_path: Path) -> None:
    _, start = written(tmp_path, exchange(1))
    for content in (b"", b"\x1f\x8b\x08torn", bytes(100)):
        segment_path(tmp_path, 1).write_bytes(content)
        assert list(recover(tmp_path, start)) == []
        assert segment_path(tmp_path, 1).stat().st_size == 0
    written(tmp_path, exchange(2))
    assert urls(tmp_path) == ["https://example.org/1", "https://example.org/2"]


def test_a_revisit_names_what_it_confirms_and_is_no_page(tmp_path: Path) -> None:
    revisit = Revisit(profile=IDENTICAL_PAYLOAD, url="https://example.org/1", date=MOMENT, digest=sha1_digest(b"x"))
    written(tmp_path, exchange(1, body=b"x", revisit=revisit))
    with segment_path(tmp_path, 0).open("rb") as stream:
        *_, record = ArchiveIterator(stream, parse_http=False)
        assert record.headers["WARC-Refers-To-Date"] == "2025-03-16T10:00:00.123456Z"
        assert record.headers["WARC-Refers-To-Target-URI"] == "https://example.org/1"
        assert record.headers["WARC-Profile"] == IDENTICAL_PAYLOAD
    (failure,) = read_warc(segment_path(tmp_path, 0))
    assert isinstance(failure, Failure)
    assert failure.state is State.REPEATED


def test_a_body_that_was_cut_off_says_so(tmp_path: Path) -> None:
    headers = ((b"Content-Length", b"1000"),)
    written(tmp_path, exchange(1, body=b"<p>beginning", headers=headers, truncated="length"))
    (page,) = read_warc(segment_path(tmp_path, 0))
    assert isinstance(page, Page)
    assert page.flags == ("truncated",)
    assert page.headers == (("Content-Length", "1000"),), "as the server stated it"


def test_what_a_thread_could_not_put_on_the_disk_is_raised_by_the_next_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(tmp_path)
    writer.append(exchange(1))
    wait = writer.write_back()

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "the disk failed")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", fail)
        wait()
    with pytest.raises(OSError, match="the disk failed"):
        writer.sync()


def test_what_was_written_is_put_on_the_disk_though_its_segment_is_closed_meanwhile(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path)
    writer.append(exchange(1))
    wait = writer.write_back()
    writer.close()
    wait()
    assert SegmentWriter(tmp_path).position == writer.position


def test_a_segment_holds_the_records_of_one_crawler_name(tmp_path: Path) -> None:
    for agent in ("one", "one", "two \udce9", "two \udce9"):
        writer = SegmentWriter(tmp_path, info=(("isPartOf", "web"), ("http-header-user-agent", agent)))
        writer.append(exchange(len(urls(tmp_path))))
        writer.close()
    assert segment_numbers(tmp_path) == [0, 1]
    assert [len(list(read_warc(segment_path(tmp_path, number)))) for number in (0, 1)] == [2, 2]
    assert not list(recover(tmp_path, writer.position))
