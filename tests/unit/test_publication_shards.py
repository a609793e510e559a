"""Shards: the same rows give the same bytes however they arrive, in files of bounded size that say they are sorted."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus import schema
from saaf.corpus.file_names import shard_name
from saaf.corpus.publication.shards import GROUP_BYTES, write_shard, write_shards

SCHEMA = pa.schema([schema.DOCUMENTS.field(name) for name in ("text", "id", "url", "tags")])


def table(rows: int, text: str = "हिन्दी पाठ ") -> pa.Table:
    return pa.table(
        {
            "id": [f"{row:016x}" for row in range(rows)],
            "url": [None if row < 3 else f"https://example.org/{row:06}" for row in range(rows)],
            "text": [f"{text * (row % 7)}{row}" for row in range(rows)],
            "tags": [["a", "ب"][: row % 3] for row in range(rows)],
            "other": list(range(rows)),
        }
    )


def test_the_same_rows_give_the_same_bytes_in_whatever_batches_they_come(tmp_path: Path) -> None:
    rows = table(2_500)
    ways = {
        "whole": [rows],
        "batches": rows.to_batches(max_chunksize=333),
        "chunks": [pa.concat_tables([rows.slice(0, 1), rows.slice(1, 1500)]), rows.slice(1501, 0), rows.slice(1501)],
        "large": [
            rows.cast(pa.schema([f if f.name != "text" else pa.field("text", pa.large_string()) for f in rows.schema]))
        ],
    }
    written = {
        name: [
            path.read_bytes()
            for path in write_shards(tmp_path / name, way, SCHEMA, shard_bytes=100_000, group_bytes=20_000)
        ]
        for name, way in ways.items()
    }
    assert len(written["whole"]) > 1
    assert all(files == written["whole"] for files in written.values())


def test_shards_have_all_rows_once_in_order_and_say_how_they_are_sorted(tmp_path: Path) -> None:
    rows = table(1_000)
    paths = write_shards(tmp_path, [rows], SCHEMA, shard_bytes=30_000, group_bytes=10_000)
    count = len(paths)
    assert [path.name for path in paths] == [shard_name("train", number, count) for number in range(count)]
    assert sorted(tmp_path.iterdir()) == paths
    assert pa.concat_tables([pq.read_table(path) for path in paths]).equals(rows.select(SCHEMA.names).cast(SCHEMA))
    metadata = pq.read_metadata(paths[0])
    order = metadata.row_group(0).sorting_columns
    names = [metadata.schema.column(one.column_index).path for one in order]
    assert (names, [one.nulls_first for one in order]) == (["url", "id"], [True, True])
    chunk = metadata.row_group(0).column(0)
    assert (chunk.compression, chunk.has_column_index, chunk.has_offset_index) == ("ZSTD", True, True)
    for path in paths[:-1]:
        texts = (text for name in ("text", "id", "url") for text in pq.read_table(path)[name].to_pylist() if text)
        assert 26_000 <= sum(len(text.encode()) for text in texts) < 41_000


def test_row_groups_hold_about_16_mb_of_text(tmp_path: Path) -> None:
    rows = pa.table({name: [str(row) for row in range(12)] for name in ("url", "id")})
    rows = rows.append_column("text", pa.array(["अ" * (1 << 20)] * 12)).append_column(
        "tags", pa.array([[]] * 12, pa.list_(pa.string()))
    )
    rows = rows.sort_by([("url", "ascending"), ("id", "ascending")])
    path = tmp_path / "one.parquet"
    assert write_shard(path, rows.to_batches(max_chunksize=1), SCHEMA) == 12
    metadata = pq.read_metadata(path)
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [6, 6]
    assert GROUP_BYTES <= 6 * 3 << 20


def test_no_rows_are_one_file_with_the_columns(tmp_path: Path) -> None:
    (path,) = write_shards(tmp_path, [], SCHEMA)
    assert path.name == "train-00000-of-00001.parquet"
    assert pq.read_schema(path).equals(SCHEMA)
    assert pq.read_metadata(path).num_rows == 0


@pytest.mark.parametrize("split", [1, 5, 10])
def test_rows_out_of_order_are_refused_and_leave_no_shard(tmp_path: Path, split: int) -> None:
    rows = table(10)
    wrong = pa.concat_tables([rows.slice(split), rows.slice(0, split)]) if split < 10 else rows.take([*range(8), 9, 8])
    with pytest.raises(ValueError, match="not sorted by url, id"):
        write_shards(tmp_path, wrong.to_batches(max_chunksize=2), SCHEMA, group_bytes=10)
    assert not list(tmp_path.glob("*.parquet"))


def test_ids_decide_where_urls_are_equal_or_missing(tmp_path: Path) -> None:
    rows = table(3)
    write_shards(tmp_path / "right", [rows], SCHEMA)
    with pytest.raises(ValueError, match="0000000000000000"):
        write_shards(tmp_path / "wrong", [rows.take([1, 0, 2])], SCHEMA)
