"""Columns of other people's tables: they reach the corpus under their names, with one type in all of its files."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning.text.stated_language import stated_language
from saaf.corpus.build import build
from saaf.corpus.column_types import (
    convert,
    merge_types,
    plain_type,
    published_type,
    to_array,
    value_type,
)
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.ledger import State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.parquet_rows import batches
from saaf.corpus.settings import BuildSettings
from tests.corpora import corpus_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HINDI = "नदी के किनारे बसे गाँव के लोग हर दिन खेतों में काम करते हैं और शाम को कहानियाँ सुनते हैं"
URDU = "دریا کے کنارے آباد گاؤں کے لوگ ہر روز کھیتوں میں کام کرتے ہیں اور شام کو کہانیاں سنتے ہیں"
ARABIC = "يعمل الناس في القرية التي تقع على ضفة النهر كل يوم في الحقول ثم يسمعون الحكايات في المساء"
AMHARIC = "በወንዙ ዳር ባለው መንደር የሚኖሩ ሰዎች በየቀኑ በእርሻ ይሠራሉ ማታም ተረት ያዳምጣሉ ልጆቻቸውንም ያስተምራሉ"
TEXTS = {"hi": HINDI, "ur": URDU, "ar": ARABIC, "am": AMHARIC}


def distinct(text: str, number: int) -> str:
    """Return a text that is no near-duplicate of the others made of the same one."""
    words = text.split()
    return " ".join(words[number % 3 :: 3] + [f"{word}{number}" for word in words] + [str(number)] * 2)


def settings(**more: Any) -> BuildSettings:
    return BuildSettings(**{"workers": 0, "clean": False, "min_tokens": 0} | more)


def dedupe(inputs: Path, output: Path, *, metadata: bool = True, **more: Any) -> Any:
    return deduplicate([inputs], output, settings=settings(**more), options=DedupeOptions(metadata=metadata)).corpus


def rows_of(output: Path, table: str = "documents") -> dict[str, dict[str, Any]]:
    return {str(row["url"]): row for row in corpus_table(output, table).to_pylist()}


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Small inputs in the forms of data sets that people have."""
    made = tmp_path / "in"
    made.mkdir()
    pq.write_table(
        pa.table(
            {
                "text": [distinct(HINDI, 1), distinct(HINDI, 2)],
                "id": ["<urn:uuid:1>", "<urn:uuid:2>"],
                "dump": ["CC-MAIN-2023-14", "CC-MAIN-2024-10"],
                "url": ["https://fineweb2.example/1", "https://fineweb2.example/2"],
                "date": ["2023-03-20T10:00:00Z", None],
                "file_path": ["s3://commoncrawl/a.warc.gz"] * 2,
                "language": ["hin", "bho"],
                "language_score": [0.99, 0.98],
                "language_script": ["Deva"] * 2,
                "minhash_cluster_size": [3, 1],
                "top_langs": ["{}", '{"hin_Deva_score": 0.9}'],
            }
        ),
        made / "fineweb2.parquet",
    )
    lines: dict[str, list[dict[str, Any]]] = {
        "culturax": [
            {"text": URDU, "timestamp": "2020/03/29 10:11:12", "url": "https://culturax.example", "source": "mC4"},
        ],
        "hplt": [
            {"id": "h1", "u": "https://hplt.example", "text": AMHARIC, "lang": ["amh_Ethi", "tir_Ethi"],
             "prob": [0.9, 0.1], "ts": "2021-01-02T03:04:05Z", "o": 12, "doc_scores": [9.1, 0.5]},
        ],
        "dolma": [
            {"id": "d1", "text": ARABIC, "source": "cc", "added": "2023-01-01",
             "metadata": {"url": "https://dolma.example", "n": 1}, "attributes": {"q": [[0, 10, 0.5]]}},
        ],
        "oscar": [
            {"content": distinct(ARABIC, 1), "metadata": {"annotation": None, "identification": {"label": "ar"}},
             "warc_headers": {"warc-target-uri": "https://oscar.example", "warc-date": "2022-05-06T07:08:09Z"}},
        ],
        "mc4": [{"text": distinct(URDU, 1), "timestamp": "2019-01-02T03:04:05Z", "url": "https://mc4.example"}],
        "redpajama": [
            {"raw_content": distinct(HINDI, 3), "url": "https://redpajama.example", "doc_id": "2023-06/0/hi/1",
             "quality_signals": "{}", "nlines": 4},
        ],
    }  # fmt: skip
    for name, rows in lines.items():
        (made / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([["url", "text", "score"], ["https://csv.example", distinct(AMHARIC, 1), "0.5"]])
    (made / "table.csv").write_text(text.getvalue())
    return made


@pytest.mark.parametrize("clean", [False, True])
def test_data_sets_that_people_have(tmp_path: Path, many: Path, *, clean: bool) -> None:
    output = tmp_path / "out"
    notes: list[str] = []
    if clean:
        build([many], output, settings=settings(clean=True), notify=notes.append)
    else:
        options = DedupeOptions(metadata=False)
        deduplicate([many], output, settings=settings(), options=options, notify=notes.append)
    rows = {
        str(url).removeprefix("https://").partition(".")[0] + str(url)[-2:]: row for url, row in rows_of(output).items()
    }
    fineweb, bhojpuri = rows["fineweb2/1"], rows["fineweb2/2"]
    assert (fineweb["id"], fineweb["dump"]) == ("<urn:uuid:1>", "CC-MAIN-2023-14")
    assert (fineweb["language"], fineweb["language_script"], fineweb["input_language"]) == ("hi", "Deva", "hin")
    assert (fineweb["input_language_score"], fineweb["input_minhash_cluster_size"]) == (0.99, 3)
    assert (fineweb["input_file_path"], fineweb["top_langs"]) == ("s3://commoncrawl/a.warc.gz", "{}")
    assert (bhojpuri["language"], bhojpuri["language_score"], bhojpuri["input_date"]) == ("bho", 0.98, None)
    assert rows["oscarle"]["language_score"] is not None
    hplt = rows["hpltle"]
    assert (hplt["id"], hplt["language"], hplt["lang"]) == ("h1", "am", ["amh_Ethi", "tir_Ethi"])
    assert (hplt["o"], hplt["doc_scores"], hplt["ts"]) == (12, [9.1, 0.5], "2021-01-02T03:04:05Z")
    assert rows["culturaxle"]["date"] == "2020-03-29T10:11:12Z"
    assert rows["culturaxle"]["input_source"] == "mC4"
    dolma = rows["dolmale"]
    assert (dolma["id"], dolma["attributes"]) == ("d1", {"q": [[0.0, 10.0, 0.5]]})
    assert dolma["metadata"]["url"] == "https://dolma.example"
    assert dolma["metadata"]["identification"] is None
    assert rows["oscarle"]["metadata"]["identification"] == {"label": "ar"}
    assert rows["redpajamale"]["id"] == "2023-06/0/hi/1"
    assert rows["csvle"]["score"] == "0.5"
    assert rows["csvle"]["o"] is None
    directories = {path.name for path in (output / "data").iterdir()}
    assert {"hin_Deva", "bho_Deva", "amh_Ethi"} <= directories
    schemas = [pq.read_schema(path) for path in (output / "data").rglob("*.parquet")]
    assert all(schema.equals(schemas[0]) for schema in schemas)
    rejected = [pq.read_schema(path) for path in (output / "rejected").glob("*.parquet")]
    assert all(schema.names == [*schemas[0].names, "key", "state", "reason", "duplicate_of"] for schema in rejected)
    assert any(
        line.startswith("in/fineweb2.parquet: text from `text`, URL from `url`, id from `id`") and "top_langs" in line
        for line in notes
    )
    manifest = json.loads((output / "manifest.json").read_bytes())
    assert sum(manifest["input_columns"].values()) == 8
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(output / "data/**/*.parquet").height == len(rows)


def test_a_clean_corpus_is_loaded_with_its_carried_columns(tmp_path: Path, many: Path, monkeypatch: Any) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    dedupe(many, tmp_path / "out")
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert "top_langs" in loaded.features
    assert loaded.num_rows == corpus_table(tmp_path / "out", "documents").num_rows
    hindi = datasets.load_dataset(str(tmp_path / "out"), "hin_Deva", split="train", cache_dir=str(tmp_path / "cache"))
    assert hindi.features == loaded.features


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_types_of_all_partitions_are_merged(tmp_path: Path) -> None:
    padding = os.urandom(1 << 20).hex()  # files that are larger than 1 MB are partitions of their own
    made = tmp_path / "in"
    made.mkdir()
    table = {"text": [HINDI], "url": ["https://a.example/1"], "same": ["s"], "whole": [1], "day": [date(2024, 1, 2)],
             "nested": [{"a": 1}], "odd": [[1]], "none": pa.nulls(1), "small": pa.array([7], pa.int8()),
             "padding": [padding]}  # fmt: skip
    pq.write_table(pa.table(table), made / "a.parquet")
    table |= {"text": [URDU], "url": ["https://a.example/2"], "whole": [2.5], "odd": ["text"],
              "day": [datetime(2024, 1, 2, 3, tzinfo=UTC)], "nested": [{"b": "x"}]}  # fmt: skip
    pq.write_table(pa.table(table), made / "b.parquet")
    write_rows(
        made / "c.jsonl", [{"text": AMHARIC, "url": "https://a.example/3", "whole": 3, "none": None, "small": 9}]
    )
    dedupe(made, tmp_path / "out")
    found = corpus_table(tmp_path / "out", "documents")
    kinds = {name: str(found.schema.field(name).type) for name in table if name not in ("text", "url", "padding")}
    assert kinds == {
        "same": "string", "whole": "double", "day": "timestamp[us, tz=UTC]", "odd": "string", "none": "string",
        "nested": "struct<a: int64, b: string>", "small": "int64",
    }  # fmt: skip
    first, second, third = (rows_of(tmp_path / "out")[f"https://a.example/{number}"] for number in (1, 2, 3))
    assert (first["odd"], second["odd"], third["odd"]) == ("[1]", "text", None)
    assert first["day"] == datetime(2024, 1, 2, tzinfo=UTC)
    assert (first["whole"], second["whole"], third["whole"], third["small"]) == (1.0, 2.5, 3.0, 9)
    assert (first["nested"], second["nested"], third["same"]) == ({"a": 1, "b": None}, {"a": None, "b": "x"}, None)


def test_rows_that_are_left_out_have_their_columns_too(tmp_path: Path) -> None:
    rows = [{"text": HINDI, "url": f"https://a.example/{n}", "n": n} for n in range(3)]
    rows.append({"text": " ", "url": "https://a.example/3", "n": 3})
    write_rows(tmp_path / "a.jsonl", rows)
    dedupe(tmp_path / "a.jsonl", tmp_path / "out")
    together = rows_of(tmp_path / "out") | rows_of(tmp_path / "out", "rejected")
    assert {url: row["n"] for url, row in together.items()} == {
        f"https://a.example/{n}": n for n in range(4 if "https://a.example/3" in together else 3)
    }


def test_the_same_bytes_with_any_number_of_workers(tmp_path: Path, many: Path) -> None:
    for workers in (0, 2):
        dedupe(many, tmp_path / str(workers), workers=workers)
    one, other = (
        {p.relative_to(tmp_path / name).as_posix(): p.read_bytes() for p in (tmp_path / name).rglob("*.parquet")}
        for name in ("0", "2")
    )
    assert one == other


def test_ids_that_do_not_tell_documents_apart_are_carried_through(tmp_path: Path) -> None:
    rows = [
        {"text": HINDI, "url": "https://a.example/1", "id": 0, "dump": "d"},
        {"text": URDU, "url": "https://a.example/2", "id": 0, "dump": "d"},
    ]
    write_rows(tmp_path / "a.jsonl", rows)
    summary = dedupe(tmp_path / "a.jsonl", tmp_path / "out")
    assert any("2 documents share theirs" in line for line in summary.lines())
    found = corpus_table(tmp_path / "out", "documents").to_pylist()
    assert [row["input_id"] for row in found] == ["0", "0"]
    assert all(len(row["id"]) == 16 for row in found)
    rows[1]["id"] = 1  # on the other side, they are kept
    write_rows(tmp_path / "a.jsonl", rows)
    summary = dedupe(tmp_path / "a.jsonl", tmp_path / "kept")
    assert not summary.notes
    table = corpus_table(tmp_path / "kept", "documents")
    assert sorted(table["id"].to_pylist()) == ["0", "1"]
    assert "input_id" not in table.column_names


def test_captures_of_one_url_with_ids_of_their_own_are_one_document(tmp_path: Path) -> None:
    rows = [
        {"text": HINDI, "url": "https://a.example/1", "id": "old", "date": "2023-01-01"},
        {"text": distinct(HINDI, 1), "url": "https://a.example/1", "id": "new", "date": "2024-01-01"},
        {"text": HINDI, "url": "https://b.example/1", "id": "copy", "date": "2024-01-01"},
        {"text": URDU, "url": "https://c.example/1"},
    ]
    write_rows(tmp_path / "a.jsonl", rows)
    summary = dedupe(tmp_path / "a.jsonl", tmp_path / "out")
    assert summary.states == {"kept": 3, "repeated": 1}
    assert {"new", "copy"} <= set(corpus_table(tmp_path / "out", "documents")["id"].to_pylist())
    ledger = {row["document_id"]: row for row in corpus_table(tmp_path / "out", "ledger").to_pylist()}
    assert (ledger["old"]["state"], ledger["old"]["duplicate_of"]) == (State.REPEATED, "new")


@pytest.mark.parametrize("clean", [False, True])
def test_what_is_replaced_is_carried_through(tmp_path: Path, *, clean: bool) -> None:
    row = {"text": HINDI, "url": "https://a.example/1", "id": "mine", "dump": "theirs", "language": "bho"}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    more = settings(clean=clean, dump="ours", replace_columns=("id", "language"))
    build([tmp_path / "a.parquet"], tmp_path / "out", settings=more)
    (found,) = corpus_table(tmp_path / "out", "documents").to_pylist()
    assert (found["dump"], found["input_dump"], found["input_id"]) == ("ours", "theirs", "mine")
    assert (found["language"], found["input_language"]) == ("hi", "bho")


def test_keys_without_end_are_one_column(tmp_path: Path) -> None:
    rows = [{"text": text, "a": 1, **{f"k{n}-{m}": m for m in range(300)}} for n, text in enumerate(TEXTS.values())]
    write_rows(tmp_path / "a.jsonl", rows)
    dedupe(tmp_path / "a.jsonl", tmp_path / "out")
    found = corpus_table(tmp_path / "out", "documents")
    assert len([name for name in found.column_names if name == "a" or name.startswith("k")]) == 1_000
    (last,) = (json.loads(value) for value in found["input_columns"].to_pylist() if value)
    assert last == {f"k3-{m}": m for m in range(99, 300)}


def test_whole_numbers_of_json_keep_all_their_digits(tmp_path: Path) -> None:
    numbers = {
        "post": 1234567890123456789,
        "least": -(1 << 63),
        "most": (1 << 63) - 1,
        "wide": 1 << 63,
        "long": -(10**40),
    }
    write_rows(tmp_path / "a.jsonl", [{"text": HINDI, **numbers}, {"text": URDU, "post": 1, "wide": 7, "long": 0}])
    dedupe(tmp_path / "a.jsonl", tmp_path / "out")
    rows = {row["text"]: row for row in corpus_table(tmp_path / "out", "documents").to_pylist()}
    found = {name: rows[HINDI][name] for name in numbers}
    assert found == {**numbers, "wide": str(1 << 63), "long": str(-(10**40))}
    assert (rows[URDU]["post"], rows[URDU]["wide"], rows[URDU]["long"]) == (1, "7", "0")


def test_hostile_columns(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(50):
        deep = {"d": [deep]}
    rows = [
        {"text": HINDI, "": 1, "a\ud800": "b\ud800", "big": 1 << 70, "deep": deep, "Text": "clash", "state": "mine"},
        {"text": URDU, "wide": {str(n): n for n in range(500)}, "nan": float("nan"), "deep": None, "empty": {}},
    ]
    write_rows(tmp_path / "a.jsonl", rows)
    summary = dedupe(tmp_path / "a.jsonl", tmp_path / "out")
    assert summary.documents == 2
    found = corpus_table(tmp_path / "out", "documents")
    by_text = {row["text"]: row for row in found.to_pylist()}
    first, second = by_text[HINDI], by_text[URDU]
    assert (first["input_"], first["a\ufffd"], first["big"]) == (1, "b\ufffd", str(1 << 70))
    assert (first["input_Text"], first["input_state"]) == ("clash", "mine")
    assert json.loads(second["wide"])["499"] == 499
    assert len({name.lower() for name in found.column_names}) == len(found.column_names)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())), [[{"key": "k", "value": 1}], None, []]),
        (pa.array([b"\xff", b"a", None]), [b"\xff", b"a", None]),
        (pa.array(["x", None, "y"], pa.large_string()), ["x", None, "y"]),
        (pa.array([1, None, 2**63], pa.uint64()), [1, None, 2**63]),
    ],
)
def test_columns_of_arrow_types(tmp_path: Path, column: pa.Array, expected: list[Any]) -> None:
    urls = [f"https://a.example/{n}" for n in range(3)]
    pq.write_table(pa.table({"text": [HINDI, URDU, ARABIC], "url": urls, "x": column}), tmp_path / "a.parquet")
    for name, clean in (("dedupe", False), ("build", True)):
        build([tmp_path / "a.parquet"], tmp_path / name, settings=settings(clean=clean))
        assert [rows_of(tmp_path / name)[url]["x"] for url in urls] == expected, name


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, None, 1_704_164_645_678_901_234], pa.timestamp("ns")), 678_901),
        (pa.array([[1], None, [1_704_164_645_678_901_234]], pa.list_(pa.timestamp("ns"))), 678_901),
        (pa.array([1, None, 678_901], pa.timestamp("us", "Mars/Olympus")), 678_901),
        (pa.array([1, None, 678_901_000], pa.timestamp("ns", "Mars/Olympus")), 678_901),
        (pa.array([[1], None, [678_901]], pa.list_(pa.timestamp("us", "Mars/Olympus"))), 678_901),
        (pa.array([0.5, None, 1.5], pa.float32()).cast(pa.float16()), 1.5),
        (pa.array([None, None, Decimal("1" * 40)], pa.decimal256(50, 0)), "1" * 40),
        (pa.array([None, None, Decimal("1" * 38)], pa.decimal128(38, 0)), Decimal("1" * 38)),
        (pa.array([None, None, time(1, 2, 3)]), "01:02:03"),
    ],
)
def test_types_that_spark_or_polars_do_not_read(tmp_path: Path, column: pa.Array, expected: Any) -> None:
    pq.write_table(pa.table({"text": [HINDI, URDU, ARABIC], "x": column}), tmp_path / "a.parquet")
    for name, clean in (("dedupe", False), ("build", True)):
        build([tmp_path / "a.parquet"], tmp_path / name, settings=settings(clean=clean))
        found = next(
            row["x"] for row in corpus_table(tmp_path / name, "documents").to_pylist() if row["text"] == ARABIC
        )
        found = found[0] if isinstance(found, list) else found
        assert (found.microsecond if isinstance(found, datetime) else found) == expected, name


def test_documents_of_a_corpus_keep_their_columns(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    page = "<html><head><title>{0}</title><meta name=keywords content='a, b'></head><body><p>{0}</p></body></html>"
    rows = [{"html": page.format(text), "url": f"https://a.example/{n}", "n": n} for n, text in TEXTS.items()]
    write_rows(tmp_path / "a.jsonl", rows)
    build([tmp_path / "a.jsonl"], tmp_path / "first", settings=settings(clean=True))
    assert run("clean", tmp_path / "a.jsonl", "-o", tmp_path / "clean.jsonl", "-j", "1")[0] == Exit.DONE
    first = corpus_table(tmp_path / "first", "documents")
    older = {row["id"]: row for row in first.to_pylist()}
    assert all(row["title"] and row["tags"] == ["a", "b"] for row in older.values())
    for number, inputs in enumerate((tmp_path / "first/data", tmp_path / "clean.jsonl")):
        code, _, errors = run("dedupe", inputs, "-o", tmp_path / f"out-{number}", "-j", "1")
        assert code == Exit.DONE, errors
        assert "carried through: the columns of a corpus, n\n" in errors
        again = corpus_table(tmp_path / f"out-{number}", "documents")
        assert again.column_names == first.column_names
        for row in again.to_pylist():
            kept = older[row["id"]]
            names = ["text", "url", "language", "title", "tags", "flags", "canonical_url", "n"]
            names += ["quality_word_count"] if number == 0 else []  # `saaf clean` measures no text
            assert {name: row[name] for name in names} == {name: kept[name] for name in names}
            assert row["removals"] == []
    assert run("clean", tmp_path / "clean.jsonl", "-o", tmp_path / "again.parquet", "-j", "1")[0] == Exit.DONE
    table = pq.read_table(tmp_path / "again.parquet")
    assert table.column_names == first.column_names
    assert {row["title"] for row in table.to_pylist()} == {row["title"] for row in older.values()}


def test_columns_of_one_name_in_a_csv_are_all_carried(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"text,x,x,x_2,text\n{HINDI},1,2,3,{URDU}\n")
    dedupe(tmp_path / "a.csv", tmp_path / "out")
    [row] = corpus_table(tmp_path / "out", "documents").to_pylist()
    assert (row["text"], row["x"], row["x_2"], row["x_3"], row["text_2"]) == (HINDI, "1", "3", "2", URDU)


@given(st.lists(VALUES, max_size=6))
def test_values_of_json_have_one_type(values: list[Any]) -> None:
    kind = pa.null()
    for value in values:
        kind = merge_types(kind, value_type(value))
    made = to_array(values, published_type(kind))
    assert len(made) == len(values)
    if pa.types.is_string(published_type(kind)):
        empty = [value for value in values if value in (None, {})]
        assert made.null_count <= len(empty)
    pq.write_table(pa.table({"x": made}), pa.BufferOutputStream())


@given(VALUES, VALUES)
def test_the_merged_type_holds_both(left: Any, right: Any) -> None:
    kinds = [value_type(left), value_type(right)]
    merged = merge_types(*kinds)
    assert merge_types(merged, kinds[0]).equals(merged)
    for value, kind in zip((left, right), kinds, strict=True):
        convert(to_array([value], kind), published_type(merged))
    assert plain_type(merged).equals(merged)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (("hin_Deva", None), ("hi", "Deva")),
        (("zh-Hans", None), ("zh", "Hans")),
        (("pt-BR", None), ("pt", "Latn")),
        (("urd", "Arab"), ("ur", "Arab")),
        (("und", None), ("en", "Latn")),
        (("../../etc", None), ("en", "Latn")),
        (("7", None), ("en", "Latn")),
        (("amh", "x/y"), ("am", "Latn")),  # the script of the text
        ((None, "Deva"), ("en", "Latn")),
    ],
)
def test_stated_languages(stated: tuple[str | None, str | None], expected: tuple[str, str]) -> None:
    assert stated_language(*stated, "en", "Latn", 0.9)[:2] == expected


def test_lost_rows_are_counted_as_rows(tmp_path: Path) -> None:
    table = pa.table({"text": [f"{distinct(HINDI, n)}" for n in range(300)]})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=100, compression="none", use_dictionary=False)
    content = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    content[start : start + 40] = b"\xff" * 40
    path.write_bytes(content)
    summary = dedupe(path, tmp_path / "out")
    assert summary.states[State.UNREADABLE] == 100
    assert summary.inputs == 300
    ledger = corpus_table(tmp_path / "out", "ledger")
    assert sum(ledger["rows"].to_pylist()) == 300
    report = json.loads((tmp_path / "out/report/report.json").read_bytes())
    assert report["inputs"] == 300
    assert "100" in (tmp_path / "out/README.md").read_text()


def test_standard_input(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    rows = [{"content": text, "href": f"https://a.example/{n}"} for n, text in enumerate(TEXTS.values())]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    for command, more in (("build", ["--min-words", "3"]), ("dedupe", [])):
        out = tmp_path / command
        code, printed, errors = run(command, "-", "-o", str(out), "--url-column", "href", *more, stdin=content)
        assert code == Exit.DONE, errors
        assert "inputs      4 (4 kept)" in printed
        assert "-: text from `content`, URL from `href`; carried through: nothing" in errors
        assert {row["key"] for row in corpus_table(out, "ledger").to_pylist()} == {f"-#{n}" for n in range(1, 5)}
        assert not (out / ".work").exists()


def test_clean_carries_columns_through(tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    rows = [
        {"text": HINDI, "url": "https://a.example/1", "id": "one", "title": "theirs", "score": 1},
        {"text": URDU, "url": "https://a.example/2", "score": 2.5},
    ]
    write_rows(tmp_path / "a.jsonl", rows)
    for name in ("out.parquet", "out.jsonl"):
        code, _, errors = run("clean", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / name), "-j", "1")
        assert code == Exit.DONE, errors
    table = pq.read_table(tmp_path / "out.parquet")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert table["score"].to_pylist() == [1.0, 2.5] == [line["score"] for line in lines]
    assert table["input_title"].to_pylist() == ["theirs", None]
    assert table["id"].to_pylist()[0] == "one" == lines[0]["id"]


def read_batches(path: Path, columns: list[str]) -> list[pa.RecordBatch]:
    found = batches(path, columns, BODY_LIMIT, most=1_000)
    return [each for each in found if isinstance(each, pa.RecordBatch)]


def test_many_columns_with_dictionaries_are_read_many_rows_at_a_time(tmp_path: Path) -> None:
    labels = [f"{number:0100}" for number in range(2_000)]  # a dictionary of 200 KB in each column
    columns = {f"c{number}": labels for number in range(40)} | {"text": [f"{HINDI} {n}" for n in range(2_000)]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    found = read_batches(tmp_path / "a.parquet", list(columns))
    assert len(found) < 10
    assert {name: [value for batch in found for value in batch[name].to_pylist()] for name in columns} == columns


def test_long_strings_of_a_small_dictionary_are_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0, None, 1] * 100, pa.int32()), ["x" * 1_000_000, "y"])
    pq.write_table(pa.table({"text": ["t"] * 300, "x": long}), tmp_path / "a.parquet")
    found = read_batches(tmp_path / "a.parquet", ["text", "x"])
    assert max(batch.nbytes for batch in found) < 6_000_000
    assert [value for batch in found for value in batch["x"].to_pylist()] == long.to_pylist()


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "brotli", "lz4", "none"])
def test_texts_whose_writer_gave_a_dictionary_up_are_read_many_rows_at_a_time(tmp_path: Path, compression: str) -> None:
    texts = [f"{number} {HINDI}"[:100] + "x" * 400 for number in range(6_000)]  # 1 MB of 3 in a dictionary
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet", compression=compression)
    found = read_batches(tmp_path / "a.parquet", ["text"])
    assert len(found) < 10
    assert [value for batch in found for value in batch["text"].to_pylist()] == texts
