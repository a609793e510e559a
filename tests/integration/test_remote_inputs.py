"""Inputs at URLs, read from a local S3 server: the same records as from files of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus.input_paths import InputError, RemotePath, parse_input
from saaf.corpus.partitions import ReadOptions, plan_partitions, read_partition
from saaf.corpus.readers import read_inputs
from tests.archives import gzipped, http, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.corpus.records import Record

BUCKET = "corpus-in"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[pa.fs.S3FileSystem]:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    values = {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}
    for name, value in {**values, "ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    system = pa.fs.S3FileSystem(endpoint_override=f"{host}:{port}", scheme="http", allow_bucket_creation=True)
    system.create_dir(BUCKET)
    yield system
    server.stop()


def described(records: Iterator[Record]) -> list[tuple[str, object]]:
    return [(each.key, each.page.body if each.page else each.failure and each.failure.state) for each in records]


def test_a_remote_directory_is_read_like_a_local_one(bucket: pa.fs.S3FileSystem, tmp_path: Path) -> None:
    local = tmp_path / "in"
    (local / "a b").mkdir(parents=True)
    pages = [record("response", f"https://a.example/{number}", http(b"%d" % number * 3_000)) for number in range(300)]
    (local / "a b" / "a.warc.gz").write_bytes(gzipped(*pages))
    lines = "".join(json.dumps({"text": f"{number} " * 900, "url": None}) + "\n" for number in range(900))
    (local / "b.jsonl").write_text(lines)
    pq.write_table(pa.table({"text": [f"{number}" for number in range(500)]}), local / "c.parquet", row_group_size=100)
    with pa.ipc.new_file(str(local / "d.arrow"), pa.schema({"text": pa.string()})) as writer:
        writer.write_table(pa.table({"text": ["arrow"]}))
    (local / "e.php?id=1").write_text("<!DOCTYPE html><p>page")
    (local / "f.bin").write_bytes(bytes(range(256)))
    pa.fs.copy_files(str(local), f"{BUCKET}/in", destination_filesystem=bucket)
    remote = described(read_inputs([f"s3://{BUCKET}/in"]))
    assert remote == described(read_inputs([local]))
    assert remote == described(read_inputs([Path(f"s3://{BUCKET}/in")]))  # what a command line makes of it
    options = ReadOptions()
    plan = plan_partitions([f"s3://{BUCKET}/in"], options)
    assert len(plan) > 3
    items = [item for partition in plan for item in read_partition(partition, options)]
    assert len(items) == len(remote)
    assert described(read_inputs([f"s3://{BUCKET}/in/b.jsonl"])) == described(read_inputs([local / "b.jsonl"]))
    with pytest.raises(InputError, match=r"nowhere.* cannot be reached: there is no such file"):
        next(read_inputs([f"s3://{BUCKET}/nowhere"]))


def test_schemes_that_are_read_and_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s3://b/k", "gs://b/k", "hdfs://h:9/k", "hf://datasets/a/b", "https://h/k.parquet?download=true"):
        path = parse_input(name)
        assert isinstance(path, RemotePath)
        assert str(path) == name
    assert RemotePath("https://h/k.parquet?download=true").name == "k.parquet"
    with pytest.raises(InputError, match=r"ftp://h/k: inputs at ftp:// are not read; these are: s3, gs"):
        next(read_inputs(["ftp://h/k"]))
    assert parse_input("file:///a/b%20c") == Path("/a/b c")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:").mkdir()
    assert parse_input(Path("s3:/a")) == Path("s3:/a")
