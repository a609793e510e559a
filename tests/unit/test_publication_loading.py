"""A published corpus is loaded as it is by the libraries that people load corpora with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as pads
import pytest
from datasets import Features, get_dataset_config_names, load_dataset
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard

from saaf.corpus import schema
from saaf.corpus.publication.card import write_card
from saaf.corpus.publication.front_matter import schema_features
from saaf.corpus.publication.shards import write_shards
from tests.unit.publication_helpers import TEXTS, document, write_corpus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = 4
COLUMNS = schema.DOCUMENTS.names
SUBSETS = ["amh_Ethi", "arb_Arab", "hin_Deva", "tha_Thai", "urd_Arab"]
ALL_TEXTS = sorted(str(document(language, number)["text"]) for language in TEXTS for number in range(ROWS))
HINDI = [str(document(("hi", "Deva"), number)["text"]) for number in range(ROWS)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("corpus")
    write_corpus(directory, rows=ROWS)
    return directory


def check(columns: Sequence[str], texts: Sequence[str]) -> None:
    assert list(columns) == COLUMNS
    assert sorted(texts) == ALL_TEXTS


def test_datasets_loads_all_subsets_and_each_by_its_name(corpus: Path, tmp_path: Path) -> None:
    assert sorted(get_dataset_config_names(str(corpus))) == sorted(["default", *SUBSETS])
    loaded = load_dataset(str(corpus), cache_dir=str(tmp_path))
    assert list(loaded) == ["train"]
    check(loaded["train"].column_names, loaded["train"]["text"][:])
    hindi = load_dataset(str(corpus), "hin_Deva", split="train", cache_dir=str(tmp_path))
    assert hindi["text"][:] == HINDI
    assert hindi[1]["removals"] == [{"start": 0, "end": 7, "rule": "html.caption", "score": 0.9}]
    streamed = load_dataset(str(corpus), "urd_Arab", split="train", streaming=True)
    assert [row["language"] for row in streamed] == ["ur"] * ROWS


def test_a_corpus_of_no_documents_is_read_as_no_rows(tmp_path: Path) -> None:
    """Of `datasets` only streams do: it refuses to prepare any data set without rows."""
    write_shards(tmp_path / "data/und_Zyyy", [], schema.DOCUMENTS)
    write_card(tmp_path, {})
    assert list(load_dataset(str(tmp_path), split="train", streaming=True)) == []
    assert pl.read_parquet(tmp_path / "data").columns == COLUMNS
    assert pads.dataset(tmp_path / "data").count_rows() == 0


def test_the_card_describes_the_columns_as_datasets_reads_them(corpus: Path) -> None:
    described = schema_features(schema.DOCUMENTS)
    assert described == Features.from_arrow_schema(schema.DOCUMENTS)._to_yaml_list()
    data = DatasetCard.load(corpus / "README.md").data
    assert (data.license, data.language) == ("other", ["am", "ar", "hi", "th", "ur"])
    assert (data.size_categories, data.pretty_name) == (["n<1K"], "2026-11")
    assert list(MetadataConfigs.from_dataset_card_data(data)) == ["default", *SUBSETS]


def test_polars_scans_it(corpus: Path) -> None:
    frame = pl.scan_parquet(corpus / "data/**/*.parquet").collect()
    check(frame.columns, frame["text"].to_list())
    assert pl.read_parquet(corpus / "data").height == len(ALL_TEXTS)
    assert pl.read_parquet(corpus / "data/hin_Deva")["text"].to_list() == HINDI


def test_duckdb_queries_it(corpus: Path) -> None:
    found = duckdb.read_parquet(f"{corpus}/data/*/*.parquet")
    check(found.columns, [row[0] for row in found.fetchall()])
    one = duckdb.read_parquet(f"{corpus}/data/**/*.parquet").filter("url = 'https://www.hi.example/001'")
    assert one.aggregate("count(*)").fetchall() == [(1,)]


def test_pandas_reads_it(corpus: Path) -> None:
    frame = pd.read_parquet(corpus / "data")
    check(list(frame.columns), frame["text"].tolist())
    assert pd.read_parquet(corpus / "data/hin_Deva")["text"].tolist() == HINDI


def test_pyarrow_reads_it_as_a_data_set(corpus: Path) -> None:
    dataset = pads.dataset(corpus / "data")
    check(dataset.schema.names, dataset.to_table()["text"].to_pylist())
    assert dataset.count_rows(filter=pads.field("language") == "th") == ROWS


@pytest.mark.filterwarnings("ignore")  # of datatrove's own imports
def test_datatrove_reads_it(corpus: Path) -> None:
    readers = pytest.importorskip("datatrove.pipeline.readers")
    found = list(readers.ParquetReader(str(corpus / "data"))())
    assert sorted(each.text for each in found) == ALL_TEXTS
    assert {each.metadata["language"] for each in found} == {"hi", "ur", "ar", "am", "th"}
    assert {"text", "id", *found[0].metadata} >= set(COLUMNS)


@pytest.mark.filterwarnings("ignore")  # of pyspark's own imports
def test_spark_reads_it(corpus: Path) -> None:
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = (
        builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    try:
        frame = spark.read.option("recursiveFileLookup", True).parquet(str(corpus / "data"))
        check(frame.columns, [row["text"] for row in frame.collect()])
    finally:
        spark.stop()
