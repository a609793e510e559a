"""`saaf dedupe` without metadata: the language of a document is what the input's own column states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stated_languages import stated_language, stated_languages

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ["नदी के किनारे एक नगर", "صبح کی پہلی خبر یہ ہے", "<b>पहाड़</b> पर बर्फ गिरी है", "a town beside the river"]


@pytest.mark.parametrize(
    ("language", "script", "found"),
    [
        ("hi", "Deva", ("hi", "Deva")),
        ("hin_Deva", None, ("hi", "Deva")),
        ("hin", "", ("hi", "Zyyy")),
        ("ur-Arab", None, ("ur", "Arab")),
        ("pt-BR", None, ("pt", "Zyyy")),
        ("Hindi", "Deva", ("und", "Deva")),
        ("", None, ("und", "Zyyy")),
        (None, None, ("und", "Zyyy")),
    ],
)
def test_codes_of_any_data_set_become_ours(language: str | None, script: str | None, found: tuple[str, str]) -> None:
    assert stated_language(language, script) == found


def test_a_column_of_numbers_states_no_language() -> None:
    assert stated_languages(pa.RecordBatch.from_pydict({"text": ["x"], "language": [7]})) is None
    assert stated_languages(pa.RecordBatch.from_pydict({"text": ["x"]})) is None


def test_the_language_of_a_column_reaches_the_corpus(tmp_path: Path) -> None:
    rows = {"text": TEXTS, "language": ["hin_Deva", "ur", "hin_Deva", None]}
    pq.write_table(pa.table(rows), tmp_path / "in.parquet")
    settings = BuildSettings(workers=0, clean=False, min_tokens=0)
    summary = deduplicate([tmp_path / "in.parquet"], tmp_path / "out", settings=settings, options=DedupeOptions())
    assert summary.corpus.languages == {"hi": 2, "und": 1, "ur": 1}
    documents = pa.concat_tables(pq.read_table(path) for path in sorted((tmp_path / "out" / "data").rglob("*.parquet")))
    scripts = dict(zip(documents["text"].to_pylist(), documents["language_script"].to_pylist(), strict=True))
    assert scripts[TEXTS[0]] == "Deva"
    assert scripts[TEXTS[1]] == "Zyyy"
    assert set(documents["title"].to_pylist()) == {None}
