"""The commands of `saaf index`."""

# A command imports what it needs when it runs, as in `saaf.cli.app`.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saaf.cli.options import Inputs, TextColumn, Threshold  # noqa: TC001  (Typer reads them at run time)

app = typer.Typer(name="index", no_args_is_help=True, rich_markup_mode="markdown")

Directory = Annotated[Path, typer.Argument(metavar="INDEX", help="The directory of the index.")]
Crawl = Annotated[str, typer.Option("--dump", help="Name of the crawl the documents come with.")]


@app.callback()
def index() -> None:
    """Keep an index of documents, so that a new crawl is compared with all older ones.

    ```sh
    saaf index add seen/ out/documents.parquet --dump 2026-11
    saaf index query seen/ new.parquet
    saaf dedupe new.parquet --index seen/ --dump 2026-12 -o out/
    ```

    Killed at any moment, an index is what it was before the command or what it is after it.
    """


@app.command()
def add(
    directory: Directory,
    inputs: Inputs,
    crawl: Crawl = "saaf",
    threshold: Threshold = None,
    text_column: TextColumn = "text",
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="Keep no texts: a tenth of the space, and estimates for exact figures.")
    ] = False,
) -> None:
    """Add documents to an index, which is made where there is none.

    A document that is there already, of the same crawl with the same text, is not added again; one with another text
    takes the place of the older.
    """
    from saaf.cli.commands import index as command

    command.add(
        directory, inputs, keep_texts=not no_texts, dump=crawl, threshold=threshold, text_column=text_column, workers=1
    )


@app.command()
def query(
    directory: Directory,
    inputs: Inputs,
    crawl: Crawl = "saaf",
    text_column: TextColumn = "text",
    as_lines: Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")] = False,
) -> None:
    """Print which documents of the index the inputs are like, and change nothing.

    ```sh
    $ saaf index query seen/ new.parquet
    https://b.example/1 matches https://a.example/7 of crawl 2026-11, J = 0.83
    ```
    """
    from saaf.cli.commands import index as command

    command.query(directory, inputs, as_json=as_lines, dump=crawl, text_column=text_column, workers=1)


@app.command()
def remove(
    directory: Directory,
    names: Annotated[list[str], typer.Argument(metavar="DOC", help="Ids or URLs of documents.")],
    crawl: Annotated[str | None, typer.Option("--dump", help="Only those of this crawl.", show_default="all")] = None,
) -> None:
    """Remove documents: they match nothing from now on. `saaf index merge` takes them off the disk."""
    from saaf.cli.commands import index as command

    command.remove(directory, names, crawl=crawl)


@app.command()
def merge(directory: Directory) -> None:
    """Write the batches that were added as one, without the removed documents: look-ups get faster."""
    from saaf.cli.commands import index as command

    command.merge(directory)


@app.command()
def clusters(
    directory: Directory,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The Parquet file to write.")],
) -> None:
    """Write the clusters of all documents, the same in whatever order and batches these were added."""
    from saaf.cli.commands import index as command

    command.clusters(directory, output)
