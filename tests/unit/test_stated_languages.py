"""`saaf dedupe` without metadata: the language of a document is what the input's own column states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.settings import BuildSettings

if TYPE_CHECKING:
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
