"""Every format that people have, by name and by content: what is whole is read, what is not has a row and a reason."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from saaf.corpus.file_readers import file_columns
from saaf.corpus.ledger import State
from saaf.corpus.partitions import InputPart, ReadOptions, read_part
from saaf.corpus.readers import read_inputs
from saaf.corpus.records import Record, RowBatch
from tests.archives import gzipped, http, record

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://a.example/1"
RESPONSE = record("response", URL, http(b"<p>one</p>"))
ROWS = [{"text": "one", "url": URL}, {"text": 'two, "2"', "url": None}]


def texts(path: Path) -> list[str | State]:
    return [
        item.page.body.decode() if item.page else item.failure.state if item.failure else ""
        for item in read_inputs([path])
    ]


def arc(*records: tuple[str, bytes]) -> bytes:
    first = b"1 0 Example\nURL IP-address Archive-date Content-type Archive-length\n"
    blocks = [(b"filedesc://a.arc 0.0.0.0 20060102030405 text/plain", first)]
    blocks += [(f"{url} 192.0.2.1 20060102030405 text/html".encode(), block) for url, block in records]
    return b"".join(b"%s %d\n%s\n" % (header, len(block), block) for header, block in blocks)


def wacz(path: Path, **entries: bytes) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("datapackage.json", "{}")
        for name, content in entries.items():
            packed.writestr(f"archive/{name}.warc.gz", content)


def test_web_archives(tmp_path: Path) -> None:
    (tmp_path / "a.arc").write_bytes(arc((URL, http(b"<p>one</p>")), ("https://a.example/2", http(b"two"))))
    (tmp_path / "b.arc.gz").write_bytes(gzip.compress((tmp_path / "a.arc").read_bytes()))
    (tmp_path / "c.warc.lz4").write_bytes(b"".join(pa.compress(RESPONSE, codec="lz4", asbytes=True) for _ in range(2)))
    wacz(tmp_path / "d.wacz", one=gzipped(RESPONSE), two=gzipped(RESPONSE))
    (tmp_path / "e.warc.zst").write_bytes(pa.compress(RESPONSE, codec="zstd", asbytes=True))
    for path in sorted(tmp_path.iterdir()):
        records = list(read_inputs([path]))
        assert next(each.page and each.page.url for each in records) == URL, path
        assert all(each.page for each in records), path
        assert len(records) == (1 if path.name.startswith("e") else 2), path
        path.rename(tmp_path / path.name[0])
        assert [each.page for each in read_inputs([tmp_path / path.name[0]])] == [each.page for each in records]


def test_a_damaged_arc_gives_its_whole_records(tmp_path: Path) -> None:
    good = arc((URL, http(b"one")))
    (tmp_path / "a.arc").write_bytes(
        good + b"garbage\nmore\n" + arc((URL, http(b"two"))) + b"https://a.example/3 - 2006"
    )
    assert texts(tmp_path / "a.arc") == ["one", State.UNREADABLE, "two", State.UNREADABLE]
    (tmp_path / "a.arc").write_bytes(arc((URL, http(b"one")), (URL, http(b"two")))[:-5])
    assert texts(tmp_path / "a.arc") == ["one", State.UNREADABLE]


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.json.zst", "a.jsonl.lz4", "a"])
@pytest.mark.parametrize("form", ["lines", "array", "pretty", "follow"])
def test_json_in_all_its_forms(tmp_path: Path, name: str, form: str) -> None:
    content = {
        "lines": "".join(json.dumps(row) + "\n" for row in ROWS),
        "array": json.dumps(ROWS),
        "pretty": json.dumps(ROWS, indent=2),
        "follow": "\n".join(json.dumps(row, indent=1) for row in ROWS),
    }[form].encode()
    if "jsonl" in name and form != "lines":
        return
    codec = {"gz": "gzip", "zst": "zstd", "lz4": "lz4"}.get(name.rpartition(".")[2])
    path = tmp_path / name
    path.write_bytes(pa.compress(content, codec=codec, asbytes=True) if codec else content)
    assert texts(path) == ["one", 'two, "2"']


def test_a_json_array_that_is_cut_off_or_broken(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "one"}, {"text": "}{"}, 7, {"text": "cut o')
    assert texts(tmp_path / "a.json") == ["one", "}{", State.UNREADABLE, State.UNREADABLE]
    (tmp_path / "a.json").write_text("[" + '{"a":' * 100_000 + "1" + "}" * 100_000 + ',{"text": "two"}]')
    assert texts(tmp_path / "a.json") == [State.UNREADABLE, "two"]


@pytest.mark.parametrize("rows", [2, 20_000])
def test_lines_of_csv_that_end_in_cr_alone(tmp_path: Path, rows: int) -> None:
    lines = [
        "text,id",
        *(f'"A row, with ""quotes"" and number {number} that stands in it",{number}' for number in range(rows)),
    ]
    path = tmp_path / "a.csv"
    path.write_text("\r".join(lines) + "\r", encoding="utf-8", newline="")
    assert len(path.read_bytes()) > 1 << 20 or rows == 2, "more than is read for the header"
    records = list(read_inputs([path], text_column="text"))
    assert len(records) == rows
    assert records[-1].page is not None
    assert records[-1].page.body == f'A row, with "quotes" and number {rows - 1} that stands in it'.encode()
    path.write_bytes(b'"te\rxt",text\na,"b\rc"\n')
    (record,) = read_inputs([path])
    assert record.page is not None
    assert record.page.body == b"b\rc", "a CR in quotes ends no line"


def test_csv_and_tsv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(
        b'\xef\xbb\xbfurl,text,score\r\nhttps://a.example/1,"one, ""1""\nline",3\r\n'
        b"\r\n,two\r\n,\xe9t\xe9,\r\n,a,b,c\r\n"
    )
    records = list(read_inputs([tmp_path / "a.csv"]))
    assert [each.page and each.page.body for each in records] == [b'one, "1"\nline', b"two", b"\xe9t\xe9", None]
    assert records[0].columns == {"score": "3"}
    (tmp_path / "a.tsv").write_bytes(b'text\turl\n"Yes" he said, "so\t\nnext\t\n"never closed\t\nlast\t\n')
    assert texts(tmp_path / "a.tsv") == ['"Yes" he said, "so', "next", State.UNREADABLE, "last"]
    (tmp_path / "a.csv").write_bytes(b"a;b\n1;2\n")
    assert texts(tmp_path / "a.csv") == [State.UNREADABLE]


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
@pytest.mark.parametrize("is_file", [True, False])
def test_arrow_files_and_streams(tmp_path: Path, compression: str | None, is_file: bool) -> None:
    table = pa.table({"content": [f"text {number}" for number in range(1_000)], "n": range(1_000)})
    options = pa.ipc.IpcWriteOptions(compression=compression)
    path = tmp_path / "a.arrow"
    new = pa.ipc.new_file if is_file else pa.ipc.new_stream
    with new(str(path), table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=300)
    records = list(read_inputs([path]))
    assert [each.page and each.page.body.decode() for each in records] == table["content"].to_pylist()
    assert records[7].columns == {"n": 7}
    part = InputPart(name="a.arrow", path=path)
    batches = [item for item in read_part(part, ReadOptions(rows_per_batch=100)) if isinstance(item, RowBatch)]
    assert sum(each.rows.num_rows for each in batches) == 1_000
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    *good, last = read_inputs([path])
    assert last.failure is not None
    assert is_file or len(good) >= 300


def test_an_arrow_bomb_is_not_unpacked(tmp_path: Path) -> None:
    table = pa.table({"text": ["x" * 4_000_000] * 100})
    for new, name in ((pa.ipc.new_file, "a.arrow"), (pa.ipc.new_stream, "b.arrow")):
        with new(str(tmp_path / name), table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            writer.write_table(table)
        (failed,) = read_inputs([tmp_path / name])
        assert failed.failure is not None
        assert (failed.failure.state, failed.failure.rows) == (State.OVER_BUDGET, 100)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (  # FineWeb2
            {"text": "T", "id": "<urn:uuid:1>", "dump": "CC-MAIN-2024-10", "url": URL, "date": "2024-03-01T00:00:00Z",
             "file_path": "s3://x", "language": "hin", "language_script": "Deva", "language_score": 0.9},
            ("<urn:uuid:1>", "CC-MAIN-2024-10", "hin", "Deva",
             {"input_date": "2024-03-01T00:00:00Z", "input_file_path": "s3://x", "input_language": "hin",
              "language_script": "Deva", "language_score": 0.9}),
        ),
        ({"text": "T", "timestamp": "2020-02-21T04:22:57Z", "url": URL, "source": "mC4"},  # mC4, CulturaX
         (None, None, None, None, {"timestamp": "2020-02-21T04:22:57Z", "source": "mC4"})),
        ({"f": "a.warc", "u": URL, "ts": "2021-05-05T06:42:23Z", "lang": ["hin_Deva"], "text": "T"},  # HPLT
         (None, None, "hin_Deva", None, {"f": "a.warc", "ts": "2021-05-05T06:42:23Z", "lang": ["hin_Deva"]})),
        ({"id": "d1", "text": "T", "source": "cc", "metadata": {"url": URL, "n": 1}},  # dolma, datatrove
         ("d1", None, None, None, {"source": "cc", "metadata": {"url": URL, "n": 1}})),
        ({"content": "T", "warc_headers": {"warc-target-uri": URL, "warc-date": "2023-01-01T00:00:00Z"}},  # OSCAR
         (None, None, None, None, {"warc_headers": {"warc-target-uri": URL, "warc-date": "2023-01-01T00:00:00Z"}})),
        ({"raw_content": "T", "url": URL, "doc_id": 12}, ("12", None, None, None, {})),  # RedPajama
        ({"HTML": "T", "URL": URL}, (None, None, None, None, {})),
    ],
)  # fmt: skip
def test_columns_of_known_data_sets(tmp_path: Path, row: dict[str, object], expected: tuple[object, ...]) -> None:
    options = ReadOptions(corpus_columns=frozenset(("text", "id", "url", "date", "dump", "file_path", "language")))
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n")
    pa.parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        part = InputPart(name=name, path=tmp_path / name)
        (found,) = read_part(part, options)
        assert isinstance(found, Record)
        assert found.page is not None
        assert (found.page.body, found.page.url) == (b"T", URL)
        assert found.row is not None
        stated = (found.row.id, found.row.dump, found.row.language, found.row.script, found.columns)
        assert stated == expected
        assert "URL from `" in str(file_columns(part, options))
    assert isinstance(found, Record)
    (batch,) = read_part(part, ReadOptions(rows_per_batch=10))
    if isinstance(batch, RowBatch):
        assert batch.rows[batch.text_column].to_pylist() == ["T"]
        assert batch.rows["url"].to_pylist() == [URL]
        assert set(batch.carried.schema.names if batch.carried else ()) == {
            each.removeprefix("input_") for each in found.columns
        }


def test_columns_that_are_named_count_before_those_that_are_known(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text": "T", "html": "<p>H", "url": "x", "link": "https://a.example/2"}\n{"text": "U"}\n'
    )
    part = InputPart(name="a", path=tmp_path / "a.jsonl")
    options = ReadOptions(text_column="text", html_column="html", url_column="link")
    one, two = read_part(part, options)
    assert isinstance(one, Record)
    assert one.page is not None
    assert (one.page.body, one.page.url, one.columns) == (b"<p>H", "https://a.example/2", {"url": "x"})
    assert isinstance(two, Record)
    assert two.failure is not None
    assert "no column 'html'" in two.failure.reason


def test_a_broken_row_group_costs_its_own_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [f"text number {number} of many" for number in range(2_500)]})
    pa.parquet.write_table(table, path, row_group_size=500, compression="snappy", use_dictionary=False)
    content = bytearray(path.read_bytes())
    chunk = pa.parquet.read_metadata(path).row_group(2).column(0)
    start = chunk.data_page_offset + 40
    content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)
    records = list(read_inputs([path]))
    (failed,) = [each for each in records if each.failure]
    assert failed.failure is not None
    assert (failed.failure.rows, failed.key) == (500, "a.parquet#1001")
    assert "rows 1001 to 1500 cannot be read: row group 3" in failed.failure.reason
    assert len(records) == 2_001
    assert records[-1].key == "a.parquet#2500"


def test_a_text_that_is_cut_off_gives_every_line_that_can_be_unpacked(tmp_path: Path) -> None:
    import zlib

    content = b"".join(b"line %d of a text %d\n" % (number, number**5) for number in range(5_000))
    packed = gzip.compress(content)
    for end in (len(packed) // 3, len(packed) - 9):
        (tmp_path / "a.txt.gz").write_bytes(packed[:end])
        (found,) = read_inputs([tmp_path / "a.txt.gz"])
        inflater = zlib.decompressobj(31)
        expected = inflater.decompress(packed[:end]) + inflater.flush()
        assert found.page is not None
        assert found.page.body == expected
        assert found.page.flags == ("truncated",)


def test_what_is_not_read_says_so(tmp_path: Path) -> None:
    contents = {
        "a.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\0",
        "b.png": b"\x89PNG\r\n\x1a\n\0\0",
        "c.css": b"p { color: red }",
        "d.bin": bytes(range(256)),
        "e.rss": b'<?xml version="1.0"?><rss version="2.0"></rss>',
        "f.xml": b'<?xml version="1.0"?><data/>',
        "g.log": b"plain words",
        "h": b"",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    states = [each.failure.state if each.failure else None for each in read_inputs([tmp_path])]
    other, unreadable = State.NOT_CONTENT, State.UNREADABLE
    assert states == [unreadable, other, other, unreadable, other, unreadable, unreadable, State.EMPTY]


BOMBS = {
    "a.jsonl.gz": (b'{"text": "', b"x" * 1_000, b'"}\n{"text": "last"}\n'),
    "b.json.gz": (b'[{"text": "', b"x" * 1_000, b'"}, {"text": "last"}]'),
    "c.json.gz": (b"[", b"[" * 1_000, b'{"text": "last"}'),
    "d.csv.gz": (b'text,url\n"', b"x" * 1_000, b'",\nlast,\n'),
    "e.csv.gz": (b'text,url\n"', b"xx\n" * 3, b"\nlast,\n"),
    "f.arc.gz": (
        b"http://a/ 1.2.3.4 20200101000000 text/html 80000000\n",
        b"x" * 1_000,
        b"\nhttp://a/ 1 20200101 a/b 4\nlast\n",
    ),
    "g.html.gz": (b"<p>", b"x" * 1_000, b""),
    "h": (b"<!doctype html><p>", b"x" * 1_000, b""),
}


def test_what_unpacks_to_more_than_a_limit_takes_no_memory(tmp_path: Path) -> None:
    """80 MB each, where 1 MB is the limit of a body: in a process of its own, whose memory is measured."""
    for name, (head, unit, tail) in BOMBS.items():
        with gzip.open(tmp_path / name, "wb", 1) as stream:
            stream.write(head)
            for _ in range(80_000_000 // 1_000 if len(unit) == 1_000 else 20_000):
                stream.write(unit)
            stream.write(tail)
    wacz(tmp_path / "i.wacz", one=gzip.compress(record("resource", URL, bytes(80_000_000))))
    script = """if True:
        import json, re, sys
        from pathlib import Path
        from saaf.corpus.readers import read_inputs
        found = {}
        for each in read_inputs([Path(sys.argv[1])], body_limit=1 << 20):
            last = each.page.body.decode() if each.page else each.failure.state
            found[each.file_path.rpartition("/")[2]] = last
        peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())
        print(json.dumps([found, int(peak[1]) >> 10]))
    """
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=True, timeout=300)
    found, megabytes = json.loads(done.stdout)
    assert {name: found[name] for name in list(BOMBS)[:6]} == dict.fromkeys(list(BOMBS)[:6], "last")
    assert {found[name] for name in ("g.html.gz", "h", "i.wacz")} == {"over_budget"}
    assert megabytes < 150


@pytest.mark.parametrize(
    ("name", "content", "state"),
    [
        (
            "notes.toml",
            "# paragraphs as text with <br>, a box of headlines\n[site]\nhost = 'a.example'\n",
            State.UNREADABLE,
        ),
        ("page.toml", "<html><body><p>one</p></body></html>", None),
        ("index.php?id=3", "one<br>two<br>three", None),
    ],
)
def test_a_tag_in_a_text_makes_no_page_of_it(tmp_path: Path, name: str, content: str, state: State | None) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    (only,) = read_inputs([tmp_path / name])
    assert (only.failure and only.failure.state) == state
