"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[Path],
    typer.Argument(metavar="INPUT", help="WARC, HTML, text, Parquet or JSONL files, and directories of them."),
]
TextColumn = Annotated[
    str, typer.Option("--text-column", metavar="NAME", help="The column of the text in Parquet and JSONL.")
]
Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold", min=0.05, max=1.0, help="Similarity from which texts are near-duplicates.", show_default="0.7"
    ),
]
Dump = Annotated[str, typer.Option("--dump", help="Name of the collection, for the column `dump`.")]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="RULE",
        help="Leave in the text what this rule takes out; repeat for more (html.caption, '*.photo_credit').",
    ),
]
SplitAppended = Annotated[
    bool, typer.Option("--split-appended", help="Make a document of each article that a page prints after its own.")
]
