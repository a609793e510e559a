"""The part of a data set card that says how to load the corpus, in each library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saaf.corpus.publication.statistics import CorpusStatistics


def how_to_load(counted: CorpusStatistics) -> list[str]:
    """Return the lines on loading, with the largest subset as the example. OUT is the directory of the corpus."""
    subset = max(counted.subsets, key=lambda name: (counted.subsets[name].documents, name), default="hin_Deva")
    return [
        "## How to load it",
        "",
        "`OUT` is this directory, or `USER/NAME` on the Hub for `datasets`.",
        "",
        "```python",
        "from datasets import load_dataset",
        "",
        'everything = load_dataset("OUT", split="train")',
        f'one = load_dataset("OUT", "{subset}", split="train")',
        "```",
        "",
        "```python",
        "import duckdb, pandas, polars, pyarrow.dataset",
        "from datatrove.pipeline.readers import ParquetReader",
        "",
        'polars.scan_parquet("OUT/data/**/*.parquet").collect()',
        "duckdb.sql(\"SELECT * FROM 'OUT/data/*/*.parquet'\")",
        f'pandas.read_parquet("OUT/data/{subset}")',
        'pyarrow.dataset.dataset("OUT/data").to_table()',
        'ParquetReader("OUT/data")  # the first step of a pipeline',
        'spark.read.option("recursiveFileLookup", True).parquet("OUT/data")',
        "```",
        "",
    ]
