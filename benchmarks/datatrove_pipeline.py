"""datatrove's local pipeline from WARC files to deduplicated Parquet files, for `benchmarks.build_speed`.

    python datatrove_pipeline.py WARCS OUT [--workers 2] [--language]

Run by an interpreter that has datatrove with its extras "io" and "processing". WARC reader, trafilatura, MinHash
(signatures, buckets, clusters, filter), Parquet. Its language filters need a model from the network, so that step is
left out, which favours datatrove; with --language py3langid takes its place. The extractor's time limit of one second
is raised, so that a loaded machine loses no page.
"""

from __future__ import annotations

import argparse
from typing import Any

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter


def identify_language(document: Any) -> bool:
    """Note the language of a document, and keep it."""
    import py3langid  # noqa: PLC0415  # with --language only

    document.metadata["language"] = py3langid.classify(document.text)[0]
    return True


def main() -> None:
    """Run the stages one after the other, as datatrove's examples do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warcs")
    parser.add_argument("output")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--language", action="store_true")
    options = parser.parse_args()
    out, tasks = options.output, options.workers
    language = [LambdaFilter(identify_language)] if options.language else []
    stages: list[tuple[int, list[Any]]] = [
        (tasks, [WarcReader(options.warcs), Trafilatura(timeout=30), *language, JsonlWriter(f"{out}/texts")]),
        (tasks, [JsonlReader(f"{out}/texts"), MinhashDedupSignature(f"{out}/signatures")]),
        (14, [MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets")]),
        (1, [MinhashDedupCluster(f"{out}/buckets", f"{out}/removed")]),
        (
            tasks,
            [JsonlReader(f"{out}/texts"), MinhashDedupFilter(f"{out}/removed"), ParquetWriter(f"{out}/data")],
        ),
    ]
    for number, (count, steps) in enumerate(stages):
        LocalPipelineExecutor(
            pipeline=steps, tasks=count, workers=options.workers, logging_dir=f"{out}/logs/{number}"
        ).run()


if __name__ == "__main__":
    main()
