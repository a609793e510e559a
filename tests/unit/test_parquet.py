from __future__ import annotations

import io
import resource
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus.parquet import RowWriter, read_rows, write_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = pa.schema([pa.field("id", pa.int32(), nullable=False), pa.field("text", pa.string(), nullable=False)])


def rows(count: int) -> Iterator[dict[str, object]]:
    return ({"id": number, "text": f"سطر {number} " * 20} for number in range(count))


def test_rows_come_back_in_order_in_groups_of_a_fixed_size(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    assert write_table(path, rows(12_500), SCHEMA) == 12_500
    assert list(read_rows(path)) == list(rows(12_500))
    metadata = pq.read_metadata(path)
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [5_000, 5_000, 2_500]


def test_a_group_of_long_texts_is_cut_before_it_is_too_large(tmp_path: Path) -> None:
    with RowWriter(tmp_path / "a.parquet", SCHEMA, group_characters=1_000) as writer:
        for row in rows(250):
            writer.write(row)
    assert pq.read_metadata(tmp_path / "a.parquet").num_row_groups > 20


def test_same_rows_same_bytes_compressed_with_page_index(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_table(tmp_path / name, rows(500), SCHEMA)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    column = pq.read_metadata(tmp_path / "a").row_group(0).column(1)
    assert (column.compression, column.has_column_index, column.has_offset_index) == ("ZSTD", True, True)


def test_pages_are_cut_by_content_so_that_a_row_put_in_front_leaves_most_bytes_as_they_were(tmp_path: Path) -> None:
    text = [{"id": 0, "text": f"{number**9:x}" * 50} for number in range(10_000)]
    write_table(tmp_path / "a", text, SCHEMA)
    write_table(tmp_path / "b", [{"id": 0, "text": "new"}, *text], SCHEMA)
    before, after = (tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()
    blocks = {before[start : start + 64] for start in range(len(before) - 64)}
    kept = sum(after[start : start + 64] in blocks for start in range(0, len(after) - 64, 64))
    assert kept > 0.8 * len(after) / 64


def test_a_table_that_fails_midway_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_table(path, rows(3), SCHEMA)
    before = path.read_bytes()
    with pytest.raises(pa.ArrowInvalid):
        write_table(path, [*rows(10), {"id": "not a number", "text": ""}], SCHEMA)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kilobytes", [1, 20, 60])
def test_a_full_disk_is_an_error_of_the_system_and_leaves_the_old_table(tmp_path: Path, kilobytes: int) -> None:
    path = tmp_path / "a.parquet"
    write_table(path, rows(3), SCHEMA)
    before = path.read_bytes()
    noise = ({"id": number, "text": sha256(b"%d" % number).hexdigest()} for number in range(3_250))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_table(path, noise, SCHEMA, group_characters=500 * 64)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_surrogate_pair_is_written_as_a_replacement_character(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", [{"id": 1, "text": "خبر \ud800"}, {"id": 2, "text": "ዜና"}], SCHEMA)
    assert [row["text"] for row in read_rows(tmp_path / "a.parquet")] == ["خبر \ufffd", "ዜና"]


def test_a_row_with_other_columns_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same columns: extra, text"):
        write_table(tmp_path / "a.parquet", [{"id": 1, "extra": 2}], SCHEMA)


def test_an_empty_table_has_the_columns(tmp_path: Path) -> None:
    write_table(tmp_path / "a.parquet", [], SCHEMA)
    assert pq.read_schema(tmp_path / "a.parquet").names == ["id", "text"]


def test_rows_can_go_to_an_open_file() -> None:
    stream = io.BytesIO()
    with RowWriter(stream, SCHEMA) as writer:
        writer.write({"id": 1, "text": "a"})
    assert pq.read_table(io.BytesIO(stream.getvalue())).to_pylist() == [{"id": 1, "text": "a"}]
