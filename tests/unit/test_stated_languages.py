"""`saaf dedupe` without metadata: the language of a document is what the input's own column states."""

from __future__ import annotations

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
