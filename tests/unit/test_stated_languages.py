"""`saaf dedupe` without metadata: the language of a document is what the input's own column states."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus.build import build
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.settings import BuildSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXTS = ["नदी के किनारे एक नगर", "صبح کی پہلی خبر یہ ہے", "<b>पहाड़</b> पर बर्फ गिरी है", "a town beside the river"]


def test_the_language_of_a_column_reaches_the_corpus(tmp_path: Path) -> None:
    rows = {"text": TEXTS, "language": ["hin_Deva", "ur", "hin_Deva", None]}
    pq.write_table(pa.table(rows), tmp_path / "in.parquet")
    settings = BuildSettings(workers=0, clean=False, min_tokens=0)
    summary = deduplicate([tmp_path / "in.parquet"], tmp_path / "out", settings=settings, options=DedupeOptions())
    assert summary.corpus.languages == {"hi": 2, "und": 1, "ur": 1}
    documents = pa.concat_tables(pq.read_table(path) for path in sorted((tmp_path / "out" / "data").rglob("*.parquet")))
    scripts = dict(zip(documents["text"].to_pylist(), documents["language_script"].to_pylist(), strict=True))
    assert scripts[TEXTS[0]] == "Deva"
    assert scripts[TEXTS[1]] == "Arab"
    assert set(documents["title"].to_pylist()) == {None}


def test_the_score_of_a_stated_language_is_that_of_the_table_and_never_a_made_up_zero(tmp_path: Path) -> None:
    tables = {
        "scored.parquet": pa.table(
            {"text": TEXTS[:2], "language": ["hin", "urd"], "language_score": pa.array([0.99, 99.0])}
        ),
        "unscored.parquet": pa.table({"text": TEXTS[2:], "language": ["hin", None]}),
    }
    for name, table in tables.items():
        pq.write_table(table, tmp_path / name)
    row = {"text": "यह एक और पाठ है", "lang": "hin", "language_score": 0.7}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "rows.csv").write_text("text,language,language_score\nपाँचवाँ पाठ यहाँ है,hin,0.8\n")
    settings = BuildSettings(workers=0, clean=False, min_tokens=0)
    inputs = [tmp_path / name for name in (*tables, "rows.jsonl", "rows.csv")]
    options = DedupeOptions(metadata=False)
    deduplicate(inputs, tmp_path / "out", settings=settings, options=options)
    files = sorted((tmp_path / "out" / "data").rglob("*.parquet"))
    documents = pa.concat_tables([pq.read_table(path, partitioning=None) for path in files]).to_pylist()
    scores = {each["text"]: each["language_score"] for each in documents}
    assert scores[TEXTS[0]] == 0.99
    assert scores[TEXTS[1]] is None  # 99 is no score
    assert scores[TEXTS[2]] is None
    assert scores[row["text"]] == 0.7
    assert scores["पाँचवाँ पाठ यहाँ है"] == 0.8
    # and once more, from the corpus itself
    deduplicate([tmp_path / "out" / "data"], tmp_path / "again", settings=settings, options=options)
    files = sorted((tmp_path / "again" / "data").rglob("*.parquet"))
    again = pa.concat_tables([pq.read_table(path, partitioning=None) for path in files]).to_pylist()
    assert {each["text"]: each["language_score"] for each in again} == scores


PROSE = """\
The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour.
Der Hafen fror in der Nacht zu, und die Boote, die vor dem Sturm hinausgefahren waren, konnten nicht zurückkommen.
The library of the village has bought a second shelf, which the carpenter made out of the oak on the road.
""".splitlines()
LABELS = ["sco_Latn ", "German", ""]


def write_labelled(path: Path) -> None:
    """Write a table of texts with labels of languages: a code with a space, a word, and none."""
    rows: list[dict[str, Any]] = [{"text": text, "language": label} for text, label in zip(PROSE, LABELS, strict=True)]
    if path.suffix == ".jsonl":
        odd = {"text": "A label may be an object, which names no language.", "language": {"code": "de"}}
        path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, odd]), encoding="utf-8")
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, ["text", "language"])
            writer.writeheader()
            writer.writerows(rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)


def columns_by_text(rows: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    by_text = {row["text"]: (row["language"], row["input_language"]) for row in rows}
    return [by_text[text] for text in PROSE]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_a_label_that_is_a_code_is_the_language_and_any_label_is_carried_through(
    run: Callable[..., tuple[int, str, str]], suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"rows.{suffix}"
    write_labelled(path)
    settings = BuildSettings(workers=0, min_tokens=0)
    build([path], tmp_path / "built", settings=settings)
    deduplicate(
        [path], tmp_path / "unique", settings=BuildSettings(workers=0, clean=False, min_tokens=0),
        options=DedupeOptions(),
    )  # fmt: skip
    code, out, err = run("clean", path, "--format", "jsonl", "-j", "1")
    assert code == 0, err
    read = {
        name: [
            row
            for file in sorted((tmp_path / name / "data").rglob("*.parquet"))
            for row in pq.read_table(file, columns=["text", "language", "input_language"]).to_pylist()
        ]
        for name in ("built", "unique")
    }
    identified = [("sco", LABELS[0]), ("de", "German"), ("en", "")]
    assert columns_by_text(read["built"]) == identified
    assert columns_by_text([json.loads(line) for line in out.splitlines()]) == identified
    assert columns_by_text(read["unique"]) == [("sco", LABELS[0]), ("und", "German"), ("und", "")]
