"""The command line of `saaf thresholds`: its arguments, options and help."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

_COMMAND = "saaf.cli.commands.thresholds"  # imported when the command runs, as in `saaf.cli.app`


class Method(StrEnum):
    """The methods of `saaf.cleaning.quality.derive`, so that `saaf --help` need not import it."""

    TAIL = "tail"
    QUANTILE = "quantile"
    MEDIAN_RATIO = "median_ratio"
    MEAN_STD = "mean_std"


Corpus = Annotated[Path, typer.Argument(metavar="OUT", help="Directory of a corpus that `saaf build` made.")]
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="File to write to (FILE.toml), instead of standard output."),
]
MethodChoice = Annotated[
    Method,
    typer.Option(
        "--method",
        metavar="METHOD",
        help="tail (what --tail of the documents of a language fail), or English limits carried over: quantile, "
        "median_ratio, mean_std.",
    ),
]
Tail = Annotated[
    float, typer.Option("--tail", metavar="SHARE", help="Share of the documents that each limit fails, 0 to 0.5.")
]
MinDocuments = Annotated[
    int, typer.Option("--min-documents", metavar="N", min=1, help="A language with fewer documents gets no thresholds.")
]


def thresholds(
    corpus: Corpus,
    output: OutputFile = None,
    method: MethodChoice = Method.TAIL,
    tail: Tail = 0.1,
    min_documents: MinDocuments = 100,
) -> None:
    """Derive thresholds of quality for each language from a corpus, as a file to edit and to filter by.

    ```sh
    saaf thresholds corpus/ -o thresholds.toml
    saaf build crawl.warc.gz -o filtered/ --quality-filter thresholds.toml
    ```

    They are of all documents that are long enough and in a wanted language, kept or not: `--quality-filter derived`
    uses the same.
    """
    import_module(_COMMAND).run_thresholds(corpus, output, method=method.value, tail=tail, min_documents=min_documents)
