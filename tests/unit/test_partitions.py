"""Partitions: what the parts of an input hold together is what the input holds, whatever it is cut into."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus.crawl_listing import listing_failures, url_hash
from saaf.corpus.partitions import InputPart, ReadOptions, plan_inputs, plan_partitions, read_part, read_partition
from saaf.corpus.readers import read_inputs
from saaf.corpus.records import Record, RowBatch
from saaf.corpus.warc_splits import warc_splits
from tests.archives import gzipped, http, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

OPTIONS = ReadOptions()
Row = tuple[str, str | None, bytes | str]


def noise(number: int, size: int = 3_000) -> bytes:
    return b"%d " % number + random.Random(number).randbytes(size).hex().encode()


def described(key: str, item: Record) -> Row:
    if item.page is not None:
        return key, item.page.url, item.page.body
    assert item.failure is not None
    return key, item.failure.url, item.failure.reason


def whole(path: Path) -> list[Row]:
    return [described(each.key, each) for each in read_inputs([path])]


def in_parts(parts: Iterable[InputPart], options: ReadOptions = OPTIONS) -> list[Row]:
    """Return the records of the parts of one file, numbered as a build numbers them."""
    rows: list[Row] = []
    before = 0
    for part in parts:
        last = 0
        for item in read_part(part, options):
            assert isinstance(item, Record)
            number = before + item.number if item.number else 0
            rows.append(described(f"{item.file_path}#{number}" if number else item.file_path, item))
            last = item.last_number
        before += last
    return rows


def cut(path: Path, cuts: Sequence[int]) -> list[InputPart]:
    ends = [*cuts, None]
    return [
        InputPart(name=path.name, path=path, start=start, end=end) for start, end in zip([0, *cuts], ends, strict=True)
    ]


def responses(count: int) -> list[bytes]:
    return [record("response", f"https://a.example/{number}", http(noise(number))) for number in range(count)]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_the_parts_of_a_warc_have_all_its_records_once(tmp_path: Path, name: str) -> None:
    path, records = tmp_path / name, responses(200)
    records[70] = records[70][:2_000]  # broken: shorter than it states
    path.write_bytes(gzipped(*records) if name.endswith(".gz") else b"".join(records))
    for target in (50_000, 200_000):
        cuts = warc_splits(path, target)
        assert len(cuts) > 1
        assert in_parts(cut(path, cuts)) == whole(path)


def test_a_warc_is_not_cut_inside_an_archive_that_it_holds(tmp_path: Path) -> None:
    inner = gzipped(*responses(200))
    outer = [record("response", "https://a.example/copy.warc.gz", http(inner)), *responses(100)]
    path = tmp_path / "a.warc.gz"
    members = [gzip.compress(one, 9, mtime=0) for one in outer]
    path.write_bytes(b"".join(members))
    assert inner[1_000:20_000] in path.read_bytes()  # deflate has stored it as it was
    cuts = warc_splits(path, 50_000)
    assert cuts
    assert min(cuts) >= len(members[0])
    assert in_parts(cut(path, cuts)) == whole(path)
    (tmp_path / "b.warc").write_bytes(b"".join([record("resource", "https://a.example/b", b"".join(outer)), *outer]))
    assert in_parts(cut(tmp_path / "b.warc", warc_splits(tmp_path / "b.warc", 50_000))) == whole(tmp_path / "b.warc")


def test_a_warc_that_was_compressed_as_a_whole_is_one_part(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"".join(responses(100))))
    assert warc_splits(path, 10_000) == []
    path.write_bytes(b"".join(gzip.compress(b"".join(responses(200)[at : at + 2])) for at in range(0, 200, 2)))
    assert warc_splits(path, 10_000) == []


def test_the_parts_of_json_lines_have_all_lines_once_wherever_they_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [b"", b'{"text": "a"}', b"", b"no JSON", b'{"text": "\xe0\xa4\x95"}', b"", b" \r", b"", b'{"text": "b"}']
    for end in (b"", b"\n", b"\n\n\n"):
        path.write_bytes(b"\n".join(lines) + end)
        expected = whole(path)
        for first in range(1, path.stat().st_size):
            assert in_parts(cut(path, [first])) == expected
            for second in range(first, path.stat().st_size, 3):
                assert in_parts(cut(path, [first, second])) == expected


def test_the_parts_of_a_parquet_file_are_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = [noise(number, 2_000).decode() for number in range(1_000)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=50)
    (partition,) = {len(each.parts) for each in plan_partitions([path], OPTIONS)}
    parts = [part for each in plan_partitions([path], OPTIONS) for part in each.parts]
    assert partition == 1
    assert len(parts) > 1
    assert in_parts(parts) == whole(path)
    batches = [
        item
        for part in parts
        for item in read_part(part, ReadOptions(rows_per_batch=100))
        if isinstance(item, RowBatch)
    ]
    assert [text for batch in batches for text in batch.rows["text"].to_pylist()] == texts
    assert [batch.first for batch in batches].count(1) == len(parts)


def test_small_files_are_read_together_and_large_ones_in_parts_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    for number in range(400):
        (tmp_path / "pages" / f"{number:03}.txt").write_bytes(noise(number, 5_000))
    lines = tmp_path / "lines.jsonl"
    lines.write_text("".join(json.dumps({"text": noise(number).decode()}) + "\n" for number in range(600)))
    plan = plan_partitions([tmp_path / "pages", lines], OPTIONS)
    assert plan == plan_partitions([lines, tmp_path / "pages"], OPTIONS)
    assert [len({part.path for part in partition.parts}) for partition in plan[:3]] == [1, 1, 1]
    assert [len(partition.parts) for partition in plan[3:]][:-1] == [74] * (len(plan) - 4)
    read = [item for partition in plan for item in read_partition(partition, OPTIONS)]
    assert len(read) == 1_000


def test_what_cannot_be_read_is_in_the_plan_and_is_never_opened(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "gone.warc").symlink_to(tmp_path / "nowhere")
    (tmp_path / "good.txt").write_bytes(b"good")
    (partition,) = plan_partitions([tmp_path], OPTIONS)
    records = [item for item in read_partition(partition, OPTIONS) if isinstance(item, Record)]
    assert [each.failure and each.failure.reason.split(":")[0] for each in records] == [
        "a link to a file that does not exist",
        None,
        "neither a file nor a directory, but a pipe, a socket or a device",
    ]


def test_a_crawl_in_parts_is_joined_with_its_listing(tmp_path: Path) -> None:
    crawl = tmp_path / "capture"
    crawl.mkdir()
    revisit = record("revisit", "https://a.example/7", b"", WARC_Profile="http://netpreserve.org/warc/1.1/revisit/x")
    (crawl / "a.warc.gz").write_bytes(gzipped(revisit, *responses(800)))
    lines = [{"url": f"https://a.example/{number}", "role": "document"} for number in range(801)]
    lines[5] |= {"role": "failure", "state": "offsite", "reason": "elsewhere"}
    (crawl / "urls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    options = ReadOptions(work=tmp_path / "work")
    plan = plan_inputs([crawl], options)
    assert len(plan.partitions) > 1
    records = [item for each in plan.partitions for item in read_partition(each, options) if isinstance(item, Record)]
    captured = {each.captured for each in records if each.captured}
    assert len(captured) == 800
    assert [each.failure.state.value for each in records if each.failure] == ["repeated", "offsite"]
    (again,) = [each for each in records if each.is_revisit]
    assert url_hash(again.failure.url if again.failure and again.failure.url else "") in captured
    (listed,) = plan.crawls
    assert listed.name == "capture/urls.jsonl"
    ((line, missing),) = listing_failures(listed.path, captured, tmp_path / "work")
    assert (line, missing.url) == (801, "https://a.example/800")
    assert len(list((tmp_path / "work").iterdir())) == 1  # the listing was read once
