"""Inputs that unpack to far more than they are: each costs itself alone, in memory and in the corpus."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus.build import build
from saaf.corpus.ledger import Failure, State
from saaf.corpus.readers import read_inputs
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from saaf.corpus.records import Record

BOMB = 100 << 20
LIMIT = 10_000
TEXTS = {
    "hi": "नगर के पुराने पुल की मरम्मत का काम तीन सप्ताह में पूरा हो गया और यातायात फिर से शुरू कर दिया गया है। ",
    "ur": "شہر کے پرانے پل کی مرمت کا کام تین ہفتوں میں مکمل ہو گیا اور ٹریفک دوبارہ شروع کر دی گئی ہے۔ ",
    "am": "የከተማው የድሮ ድልድይ ጥገና በሦስት ሳምንት ውስጥ ተጠናቆ የተሽከርካሪዎች እንቅስቃሴ እንደገና ተጀምሯል። ",
    "zh": "老桥的修缮工程历时三周终于完工，市民今天早上重新走上桥面，许多人带着孩子前来参观并合影留念。",
}
FIRST, LAST = TEXTS["ur"] * 3, TEXTS["zh"] * 3


def read(path: Path, limit: int = LIMIT) -> list[Record]:
    return list(read_inputs([path], body_limit=limit))


def bodies(records: list[Record]) -> list[str]:
    return [record.page.body.decode() for record in records if record.page]


def failures(records: list[Record]) -> list[Failure]:
    return [record.failure for record in records if record.failure]


def line(text: str, **more: object) -> bytes:
    return json.dumps({"text": text, **more}, ensure_ascii=False).encode()


def warc_record(body: bytes, length: object = None, *, http: bytes = b"", warc: bytes = b"") -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n" + http + b"\r\n" + body
    length = len(block) if length is None else length
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-12-14T00:00:00Z\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n" + warc + b"WARC-Target-URI: "
        b"http://example.org/1\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: "
        + str(length).encode()
        + b"\r\n\r\n"
        + block
        + b"\r\n\r\n"
    )


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def gzip_bomb(head: bytes, fill: bytes, size: int, tail: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=31)
    block = fill * ((1 << 20) // len(fill))
    parts = [compressor.compress(head), *(compressor.compress(block) for _ in range(size >> 20))]
    return b"".join([*parts, compressor.compress(tail), compressor.flush()])


def write_bombs(directory: Path) -> None:
    """Write an input of each format: a good document, one that unpacks to about 100 MB, and a good document."""
    good = [warc_record(text.encode()) for text in (FIRST, LAST)]
    empty = warc_record(b"", 0).removesuffix(b"\r\n\r\n").partition(b"HTTP/1.1")[0]
    head = empty.replace(b"Length: 0", b"Length: %d" % BOMB)
    packed = gzip_bomb(head, b"\0", BOMB, b"\r\n\r\n")
    (directory / "a.warc.gz").write_bytes(gzip.compress(good[0]) + packed + gzip.compress(good[1]))
    (directory / "b.warc.gz").write_bytes(gzip_bomb(good[0] + head, b"x", BOMB, b"\r\n\r\n" + good[1]))
    (directory / "c.warc.zst").write_bytes(zstd(good[0]) + zstd(head + bytes(BOMB) + b"\r\n\r\n") + zstd(good[1]))
    body = gzip_bomb(b"", b" ", BOMB, b"")
    coded = warc_record(body, http=b"Content-Encoding: gzip\r\n")
    (directory / "d.warc").write_bytes(good[0] + coded + good[1])
    lines = [line(FIRST), line(LAST)]
    (directory / "e.jsonl.gz").write_bytes(gzip_bomb(lines[0] + b'\n{"text": "', b"a", BOMB, b'"}\n' + lines[1]))
    (directory / "f.jsonl.zst").write_bytes(zstd(b"\n".join([lines[0], b"[" * BOMB, lines[1]])))
    (directory / "g.txt.gz").write_bytes(gzip.compress(FIRST.encode()))
    (directory / "h.txt.gz").write_bytes(gzip_bomb(b"", b"a ", BOMB, b""))
    (directory / "i.html.zst").write_bytes(zstd(bytes(BOMB)))
    (directory / "j.txt").write_bytes(LAST.encode())
    with pq.ParquetWriter(directory / "k.parquet", pa.schema({"text": pa.string()}), compression="zstd") as writer:
        for text in (FIRST, "z" * (40 << 20), LAST):
            writer.write_table(pa.table({"text": [text]}))
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * 20, pa.int32()), pa.array(["y" * (20 << 20)]))
    pq.write_table(pa.table({"text": shared}), directory / "l.parquet", compression="zstd")


def test_bombs_of_every_format_are_read_in_little_memory_and_cost_no_other_record(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    write_bombs(inputs)
    assert max(path.stat().st_size for path in inputs.iterdir()) < 500_000
    # VmHWM and not getrusage, which counts what the process that forked this one had in memory.
    program = (
        "import json, sys; from pathlib import Path; from saaf.corpus.readers import read_inputs\n"
        "for record in read_inputs([Path(sys.argv[1])]):\n"
        "    print(json.dumps([record.key, record.page and record.page.body.decode(), record.failure and"
        " [record.failure.state, record.failure.reason]]))\n"
        "print(next(one.split()[1] for one in open('/proc/self/status') if one.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", program, inputs], capture_output=True, text=True, check=True)
    *lines, kilobytes = done.stdout.splitlines()
    records = [json.loads(one) for one in lines]
    assert int(kilobytes) < 330_000
    texts = [text for _, text, _ in records if text is not None]
    assert texts == [FIRST, LAST] * 8
    broken = [(key.rpartition("/")[2], *failure) for key, _, failure in records if failure]
    assert len([key for key, *_ in broken if not key.startswith("l.parquet")]) == 9
    assert {state for _, state, _ in broken} == {"over_budget"}
    assert all("the limit " in reason for *_, reason in broken), broken
    assert len(broken) == 29


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz", ".jsonl.zst"])
def test_a_line_over_the_limit_costs_itself(tmp_path: Path, ending: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {".jsonl": bytes, ".jsonl.gz": gzip.compress, ".jsonl.zst": zstd}
    path = tmp_path / f"a{ending}"
    long = line("x" * 3 * LIMIT)
    body = line("é" * 8_000, url="https://example.org/long")
    path.write_bytes(pack[ending](b"\n".join([line(FIRST), long, body, line(LAST)])))
    records = read(path)
    assert bodies(records) == [FIRST, LAST]
    one, two = failures(records)
    assert [one.state, two.state] == [State.OVER_BUDGET] * 2
    assert one.reason.startswith(f"the line has {len(long)} bytes, and the limit is {2 * LIMIT} ")
    assert two.reason.startswith(f"column 'text' has 16000 bytes, and the limit is {LIMIT} ")
    assert two.url == "https://example.org/long"
    assert [record.key for record in records] == [f"a{ending}#{number}" for number in (1, 2, 3, 4)]


HOSTILE_LINES = {
    "nested lists": b"[" * 15_000,
    "nested objects": b'{"a":' * 3_000,
    "nested in a row": b'{"text": "a", "x": ' + b"[" * 10_000 + b"]" * 8_000 + b"}",
    "two texts": b'{"text": "one", "text": "two"}',
    "zeros and letters": b"\0\0\0x",
    "half a string": b'{"text": "' + b"a" * 100,
}


@pytest.mark.parametrize("name", HOSTILE_LINES)
def test_a_hostile_line_costs_itself_and_its_reason_is_in_plain_words(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([line(FIRST), HOSTILE_LINES[name], line(LAST)]))
    records = read(path)
    assert bodies(records) == [FIRST, LAST]
    (failure,) = failures(records)
    assert failure.state is State.UNREADABLE
    assert failure.reason.startswith(("the line is", "column 'text' stands twice"))
    assert "Error" not in failure.reason


ODD_LINES = {
    "a number of a million digits": b'{"text": "%s", "n": ' + b"7" * 15_000 + b"}",
    "control characters": b'{"text": "%s", "x": "\x01\t\0"}',
    "a byte order mark": b'\xef\xbb\xbf{"text": "%s"}',
    "the same text twice": b'{"text": "%s", "text": "%s"}',
    "infinity": b'{"text": "%s", "n": Infinity, "m": -1e999}',
}


@pytest.mark.parametrize("name", ODD_LINES)
def test_an_odd_line_keeps_its_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(ODD_LINES[name].replace(b"%s", FIRST.encode()) + b"\r\n" + line(LAST))
    assert bodies(read(path)) == [FIRST, LAST]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_lines_in_a_wide_encoding_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl.gz"
    lines = [line(text).decode() for text in TEXTS.values()] * 200
    path.write_bytes(gzip.compress("\r\n".join(lines).encode(encoding)))
    assert bodies(read(path)) == [*TEXTS.values()] * 200


def test_structure_that_would_take_memory_is_refused_and_a_table_in_a_text_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    table = "1,2,[3],{4}\n" * 200_000
    path.write_bytes(b"\n".join([line(table), b'{"text": "a", "x": [' + b"{}," * 400_000 + b"0]}", line(LAST)]))
    records = read(path, 1 << 22)
    assert bodies(records) == [table, LAST]
    assert failures(records)[0].reason.startswith("the line has more than 1048576 bytes outside its texts")


def test_a_file_that_is_no_json_lines_does_not_fill_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"x\n" * 12_000 + line(FIRST) + b"\nx\n" + line(LAST)))
    records = read(path)
    assert bodies(records) == [FIRST, LAST]
    assert len(failures(records)) == 10_002
    assert failures(records)[10_000].reason.startswith("records 10001 to 12000 cannot be read either")
    assert len({record.key for record in records}) == len(records)


@pytest.mark.parametrize(
    "length", ["999999999999999", "9" * 40, "-5", "none", "0x1f", "", "4, 4", "1", "٤"], ids=lambda length: length[:8]
)
@pytest.mark.parametrize("ending", [".warc", ".warc.gz", ".warc.zst"])
def test_a_record_that_lies_about_its_length_costs_itself(tmp_path: Path, ending: str, length: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {".warc": bytes, ".warc.gz": gzip.compress, ".warc.zst": zstd}
    path = tmp_path / f"a{ending}"
    records = [warc_record(FIRST.encode()), warc_record(b"<p>lies", length), warc_record(LAST.encode())]
    path.write_bytes(b"".join(map(pack[ending], records)))
    found = read(path)
    assert [text for text in bodies(found) if text] == [FIRST, LAST]
    assert failures(found)
    assert {failure.state for failure in failures(found)} == {State.UNREADABLE}


@pytest.mark.parametrize("ending", [".warc", ".warc.gz"])
def test_many_records_that_lie_are_read_in_linear_time(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    pack = gzip.compress if ending.endswith(".gz") else bytes
    path.write_bytes(b"".join(pack(warc_record(b"<p>lies", 10**14)) for _ in range(500)) + pack(warc_record(b"end")))
    found = read(path)
    assert bodies(found) == ["end"]
    assert len(failures(found)) == 500


@pytest.mark.parametrize("http", [b"A: b\r\n" * 300_000, b"A: " + b"b" * 2_000_000 + b"\r\n"], ids=["many", "long"])
def test_http_headers_without_end_cost_their_record(tmp_path: Path, http: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    records = [warc_record(FIRST.encode()), warc_record(b"body", http=http), warc_record(LAST.encode())]
    path.write_bytes(b"".join(map(gzip.compress, records)))
    found = read(path, 1 << 24)
    assert bodies(found) == [FIRST, LAST]
    (failure,) = failures(found)
    assert "its HTTP headers cannot be read" in failure.reason
    assert failure.url == "http://example.org/1"


@pytest.mark.parametrize("warc", [b"A: b\r\n" * 300_000, b"A: " + b"b" * 2_000_000 + b"\r\n"], ids=["many", "long"])
def test_warc_headers_without_end_cost_their_record(tmp_path: Path, warc: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    records = [warc_record(FIRST.encode()), warc_record(b"body", warc=warc), warc_record(LAST.encode())]
    path.write_bytes(b"".join(map(gzip.compress, records)))
    found = read(path)
    assert bodies(found) == [FIRST, LAST]
    assert [failure.state for failure in failures(found)] == [State.UNREADABLE]


@pytest.mark.parametrize(
    ("http", "warc", "body", "flags"),
    [
        (b"", b"WARC-Truncated: length\r\n", FIRST.encode(), ("truncated",)),
        (b"Content-Length: 99999\r\n", b"", FIRST.encode(), ("truncated",)),
        (b"Content-Length: 3\r\n", b"", FIRST.encode(), ()),
        (b"Content-Length: -1\r\n", b"", FIRST.encode(), ()),
        (b"Content-Length: many\r\n", b"", FIRST.encode(), ()),
        (b"Content-Encoding: gzip\r\n", b"", gzip.compress(FIRST.encode()), ()),
        (b"Content-Encoding: gzip\r\n", b"", gzip.compress(FIRST.encode())[:-4], ("truncated",)),
        (b"Content-Encoding: gzip\r\n", b"", gzip.compress(FIRST.encode()) + b"<!-- -->", ("trailing_data",)),
        (b"Transfer-Encoding: chunked\r\n", b"", b"%x\r\n%s\r\n" % (999, FIRST.encode()), ("truncated",)),
    ],
)
def test_what_was_cut_off_is_kept_and_never_counted_as_whole(
    tmp_path: Path, http: bytes, warc: bytes, body: bytes, flags: tuple[str, ...]
) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(warc_record(body, http=http, warc=warc))
    (record,) = read(path)
    assert record.page is not None
    assert record.page.body.decode().strip() == FIRST.strip()
    assert record.page.flags == flags


def test_a_file_cut_off_inside_its_gzip_data_is_kept_and_marked_in_the_corpus(tmp_path: Path) -> None:
    text = "\n".join(f"{number}. {text}" for number in range(60) for text in TEXTS.values())
    packed = gzip.compress(text.encode())
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cut.txt.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "in" / "empty.txt.gz").write_bytes(packed[:5])
    build([tmp_path / "in"], tmp_path / "out", settings=BuildSettings(workers=0))
    (row,) = corpus_rows(tmp_path / "out", "documents", ["text", "flags"])
    assert text.startswith(str(row["text"])[:300])
    assert "truncated" in row["flags"]
    ledger = {row["key"]: row["state"] for row in corpus_rows(tmp_path / "out", "ledger", ["key", "state"])}
    assert ledger == {"in/cut.txt.gz": "kept", "in/empty.txt.gz": "empty"}


def test_a_build_keeps_every_good_record_beside_bombs_and_its_limit_is_a_setting(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    texts = list(TEXTS.values())
    long = "".join(f"{number}: {texts[0]}" for number in range(1_000))
    (tmp_path / "in" / "a.jsonl.gz").write_bytes(
        gzip.compress(b"\n".join([line(texts[1] * 5), line(long), line(texts[2] * 9), line(texts[3] * 5)]))
    )
    settings = BuildSettings(workers=0, body_limit=LIMIT, min_tokens=5)
    build([tmp_path / "in"], tmp_path / "small", settings=settings)
    states = [row["state"] for row in corpus_rows(tmp_path / "small", "ledger", ["key", "state"])]
    assert sorted(map(str, states)) == ["kept", "kept", "kept", "over_budget"]
    build([tmp_path / "in"], tmp_path / "large", settings=BuildSettings(workers=0, min_tokens=5))
    assert len(corpus_rows(tmp_path / "large", "documents")) == 4


def test_gzip_within_gzip_is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt.gz").write_bytes(gzip.compress(gzip.compress(FIRST.encode())))
    (tmp_path / "in" / "b.txt.gz").write_bytes(gzip.compress(b"PK\x03\x04" + bytes(99)))
    (tmp_path / "in" / "c.txt").write_bytes((FIRST * 3).encode())
    build([tmp_path / "in"], tmp_path / "out", settings=BuildSettings(workers=0))
    reasons = {
        str(row["key"]): str(row["reason"]) for row in corpus_rows(tmp_path / "out", "ledger", ["key", "reason"])
    }
    assert "gzip data" in reasons["in/a.txt.gz"]
    assert "ZIP archive" in reasons["in/b.txt.gz"]
    assert reasons["in/c.txt"] == ""


def test_parquet_rows_over_the_limit_cost_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = [FIRST, "x" * (LIMIT + 1), None, LAST]
    urls = [f"https://example.org/{number}" for number in range(4)]
    pq.write_table(pa.table({"text": texts, "url": urls}), path, row_group_size=2)
    records = read(path)
    assert bodies(records) == [FIRST, LAST]
    assert [record.key for record in records] == [f"a.parquet#{number}" for number in (1, 2, 3, 4)]
    assert failures(records)[0].reason.startswith(
        f"column 'text' has {LIMIT + 1} bytes, and the limit is {LIMIT} (--body-limit"
    )


def test_a_parquet_page_over_the_limit_costs_its_row_group(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, pa.schema({"text": pa.string()}), use_dictionary=False) as writer:
        for texts in ([FIRST], ["x" * 999, "y" * 20 * LIMIT, "z"], [LAST]):
            writer.write_table(pa.table({"text": texts}))
    records = read(path)
    assert bodies(records) == [FIRST, LAST]
    assert [record.key for record in records] == ["a.parquet#1", "a.parquet#2", "a.parquet#5"]
    assert failures(records)[0].reason.startswith("rows 2 to 4: a page of row group 2 has 20")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data_page_version": "2.0"},
        {"use_dictionary": False, "data_page_size": 100},
        {"compression": "zstd", "write_page_index": True, "write_page_checksum": True},
        {"use_content_defined_chunking": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())])
def test_parquet_of_every_writer_is_read_whole(tmp_path: Path, options: dict[str, object], kind: pa.DataType) -> None:
    texts = [f"{number}: {text}" for number in range(500) for text in TEXTS.values()] + [None]
    column = pa.array([text and text.encode() for text in texts], kind) if kind == pa.binary() else pa.array(texts)
    pq.write_table(pa.table({"text": column.cast(kind)}), tmp_path / "a.parquet", row_group_size=700, **options)
    records = read(tmp_path / "a.parquet", 1 << 20)
    assert bodies(records) == texts[:-1]
    assert [failure.state for failure in failures(records)] == [State.EMPTY]


def test_a_parquet_column_of_lists_is_one_failure_and_is_not_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [[0] * 1_000_000, [1]]}), tmp_path / "a.parquet", compression="zstd")
    (record,) = read(tmp_path / "a.parquet")
    assert record.failure is not None
    assert record.failure.reason.startswith("column 'text' holds lists or objects, not text")


def test_a_damaged_page_header_ends_the_file_and_not_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [FIRST] * 9}), path)
    content = bytearray(path.read_bytes())
    content[4:30] = b"\xff" * 26
    path.write_bytes(content)
    (tmp_path / "b.txt").write_bytes(LAST.encode())
    records = list(read_inputs([tmp_path]))
    assert bodies(records) == [LAST]
    assert [failure.state for failure in failures(records)] == [State.UNREADABLE]
