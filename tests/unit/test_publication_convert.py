"""`saaf convert`: every row of an old corpus is in the new one, under the names that people load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from saaf.atomic_files import checksum
from saaf.corpus import schema
from saaf.corpus.exit_codes import Exit
from saaf.corpus.parquet import write_table
from saaf.corpus.publication.plan import plan_upload
from saaf.corpus.publication.rejected import rejected_schema
from tests.unit.publication_helpers import SETTINGS, TEXTS, document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

KEPT = sorted(
    (document(language, number) for language in TEXTS for number in range(3)),
    key=lambda row: (str(row["url"]), str(row["id"])),
)
REMOVED = "شارك الخبر\n"


def write_old(directory: Path, kept: list[dict[str, object]]) -> Path:
    """Write the files of a corpus as saaf 0.2 did: `kept` documents, a duplicate of the first, and a failed input."""
    directory.mkdir()
    entries = [
        {"key": f"a.jsonl#{n:03}", "state": "kept", "reason": "", "duplicate_of": None, **_common(row)}
        for n, row in enumerate(kept)
    ]
    originals = [
        {**_common(row), "key": entry["key"], "id": row["id"], "title": None, "state": "kept", "text": row["text"]}
        | {"removals": row["removals"]}
        for row, entry in zip(kept, entries, strict=True)
    ]
    twin = {"url": "https://zz.example/1", "site": "zz.example", "language": "ar"}
    ends = {"state": "duplicate", "reason": "near-duplicate", "duplicate_of": "0" * 16, "document_id": "f" * 16}
    entries.append({"key": "b.html#7+2", **twin, **ends})
    removal = {"start": 0, "end": len(REMOVED), "rule": "ar.share", "score": 1.0}
    originals.append(
        {"key": "b.html#7+2", **twin, "id": "f" * 16, "title": "خبر", "state": "duplicate"}
        | {"text": REMOVED + TEXTS["ar", "Arab"], "removals": [removal]}
    )
    entries.append(
        {"key": "c", "url": None, "site": "", "state": "unreadable", "reason": "not UTF-8", "language": None}
    )
    entries[-1] |= {"document_id": None, "duplicate_of": None}
    rows = {"documents": kept, "originals": originals, "clusters": [], "pairs": [], "ledger": entries}
    for name, table in rows.items():
        columns = pa.schema([field for field in getattr(schema, name.upper()) if field.name != "rows"])
        own = ({column: row[column] for column in columns.names} for row in table)
        write_table(directory / f"{name}.parquet", own, columns)
    for name in ("report.html", "report.json"):
        (directory / name).write_text("report", encoding="utf-8")
    names = [*(f"{name}.parquet" for name in rows), "report.html", "report.json"]
    listed = {n: {"bytes": (directory / n).stat().st_size, "sha256": checksum(directory / n)} for n in names}
    versions = {"saaf": "0.2.0", "extractor": "trafilatura 2", "cleaning_rules": "abc"}
    (directory / "manifest.json").write_text(json.dumps({"files": listed, "settings": SETTINGS, "versions": versions}))
    return directory


def _common(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in ("url", "site", "language")} | {"document_id": row["id"]}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_old(tmp_path / "old", KEPT)


def test_every_row_is_in_the_new_corpus_and_it_can_be_published(run: Run, old: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in old.iterdir()}
    new = tmp_path / "new"
    assert run("convert", old, new)[:2] == (Exit.DONE, f"corpus      {new}\n")
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before
    assert {path.name for path in (new / "data").iterdir()} == {
        "amh_Ethi",
        "arb_Arab",
        "hin_Deva",
        "tha_Thai",
        "urd_Arab",
    }
    documents = pads.dataset(new / "data").to_table().sort_by([("url", "ascending"), ("id", "ascending")])
    assert documents.to_pylist() == pq.read_table(old / "documents.parquet").to_pylist()
    assert pq.read_table(new / "originals").to_pylist() == pq.read_table(old / "originals.parquet").to_pylist()
    ledger = [{**row, "rows": 1} for row in pq.read_table(old / "ledger.parquet").to_pylist()]
    assert pq.read_table(new / "ledger").to_pylist() == ledger
    assert (new / "dedup/pairs.parquet").read_bytes() == before["pairs.parquet"]
    assert (new / "report/report.html").read_text() == "report"
    assert plan_upload(new, str(tmp_path / "elsewhere")).files[-1].name == "manifest.json"
    assert not [path for path in new.iterdir() if path.name.startswith(".")]
    shard = next((new / "data/hin_Deva").iterdir())
    written = pq.read_schema(shard)
    assert written.equals(schema.DOCUMENTS)
    assert [field.metadata for field in written] == [field.metadata for field in schema.DOCUMENTS]
    assert pq.read_metadata(shard).row_group(0).sorting_columns


def test_a_document_that_was_not_kept_says_why(run: Run, old: Path, tmp_path: Path) -> None:
    run("convert", old, tmp_path / "new")
    table = pq.read_table(tmp_path / "new/rejected")
    assert table.schema.equals(rejected_schema())
    (row,) = table.to_pylist()
    assert (row["state"], row["reason"], row["duplicate_of"]) == ("duplicate", "near-duplicate", "0" * 16)
    assert (row["text"], row["title"], row["file_path"]) == (TEXTS["ar", "Arab"], "خبر", "b.html")
    assert (row["language"], row["language_script"], row["dump"]) == ("ar", "Arab", "2026-11")
    assert (row["author"], row["flags"], row["extractor"]) == (None, [], "trafilatura 2")


def test_the_same_old_corpus_gives_the_same_bytes(run: Run, old: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("convert", old, tmp_path / name)
    made = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.*")}
    assert made
    assert made == {path.relative_to(tmp_path / "two"): path.read_bytes() for path in (tmp_path / "two").rglob("*.*")}


def test_a_corpus_of_no_documents_is_converted_too(run: Run, tmp_path: Path) -> None:
    old = write_old(tmp_path / "old", [])
    assert run("convert", old, tmp_path / "new")[0] == Exit.DONE
    assert pads.dataset(tmp_path / "new/data").count_rows() == 0


def test_carried_columns_stay(run: Run, tmp_path: Path) -> None:
    old = write_old(tmp_path / "old", KEPT)
    table = pq.read_table(old / "documents.parquet").append_column("perplexity", pa.array([1.5] * len(KEPT)))
    pq.write_table(table, old / "documents.parquet")
    manifest = json.loads((old / "manifest.json").read_bytes())
    path = old / "documents.parquet"
    manifest["files"]["documents.parquet"] = {"bytes": path.stat().st_size, "sha256": checksum(path)}
    (old / "manifest.json").write_text(json.dumps(manifest))
    assert run("convert", old, tmp_path / "new")[0] == Exit.DONE
    assert set(pads.dataset(tmp_path / "new/data").to_table()["perplexity"].to_pylist()) == {1.5}
    assert pq.read_table(tmp_path / "new/rejected")["perplexity"].to_pylist() == [None]


def test_what_is_no_old_corpus_is_refused(run: Run, old: Path, tmp_path: Path) -> None:
    def refused(source: Path, target: Path) -> str:
        code, out, err = run("convert", source, target)
        assert (code, out) == (Exit.INPUT, "")
        return str(err)

    run("convert", old, tmp_path / "new")
    assert "has the new layout already" in refused(tmp_path / "new", tmp_path / "newer")
    assert "has files" in refused(old, tmp_path / "new")
    assert "in one another" in refused(old, old / "new")
    assert "no manifest.json" in refused(tmp_path / "nothing", tmp_path / "newer")
    with (old / "ledger.parquet").open("ab") as stream:
        stream.write(b"\0")
    assert "ledger.parquet has" in refused(old, tmp_path / "newer")
    assert not (tmp_path / "newer").exists()
