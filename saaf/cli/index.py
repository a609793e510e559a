"""The command line of `saaf index`: arguments, options and help of its commands."""

# A command imports what it needs when it runs, as in `saaf.cli.app`.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saaf.cli.options import (  # noqa: TC001  (Typer reads them at run time)
    BodyLimit,
    HtmlColumn,
    Inputs,
    TextColumn,
    Threshold,
    UrlColumn,
)

app = typer.Typer(name="index", no_args_is_help=True, rich_markup_mode="markdown")

Directory = Annotated[Path, typer.Argument(metavar="INDEX", help="Directory of the index.")]
Crawl = Annotated[str, typer.Option("--dump", help="Name of the crawl that the documents come from.")]


@app.callback()
def index() -> None:
    """Keep an index of documents, so that a new crawl can be compared with all older ones.

    ```sh
    saaf index add seen/ out/data --dump 2026-11
    saaf index query seen/ new.parquet
    saaf dedupe new.parquet --index seen/ --dump 2026-12 -o out/
    ```

    A command that is killed leaves the index either as it was before or as it is after the command.
    """


@app.command()
def add(
    directory: Directory,
    inputs: Inputs,
    crawl: Crawl = "saaf",
    threshold: Threshold = None,
    text_column: TextColumn = None,
    html_column: HtmlColumn = None,
    url_column: UrlColumn = None,
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="Store no texts: a tenth of the space, but similarities are estimates.")
    ] = False,
    body_limit: BodyLimit = None,
) -> None:
    """Add documents to an index; a new index is made where there is none.

    A document of the same crawl that is in the index already is not added again; if its text has changed, it replaces
    the older one.
    """
    from saaf.cli.commands import index as command

    columns = {"text_column": text_column, "html_column": html_column, "url_column": url_column}
    more = {"dump": crawl, "threshold": threshold, "body_limit": body_limit, **columns}
    command.run_add(directory, inputs, keep_texts=not no_texts, workers=1, **more)


@app.command()
def query(
    directory: Directory,
    inputs: Inputs,
    crawl: Crawl = "saaf",
    text_column: TextColumn = None,
    html_column: HtmlColumn = None,
    url_column: UrlColumn = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    body_limit: BodyLimit = None,
) -> None:
    """Print which documents of the index are near-duplicates of the inputs; the index is not changed.

    ```sh
    $ saaf index query seen/ new.parquet
    https://b.example/1 matches https://a.example/7 of crawl 2026-11, J = 0.83
    ```
    """
    from saaf.cli.commands import index as command

    columns = {"text_column": text_column, "html_column": html_column, "url_column": url_column}
    more = {"dump": crawl, "body_limit": body_limit, **columns}
    command.run_query(directory, inputs, as_json=as_json, workers=1, **more)


@app.command()
def remove(
    directory: Directory,
    names: Annotated[list[str], typer.Argument(metavar="DOC", help="Ids or URLs of the documents to remove.")],
    crawl: Annotated[
        str | None, typer.Option("--dump", help="Remove only documents of this crawl.", show_default="all")
    ] = None,
) -> None:
    """Remove documents from the index. Their space on disk is freed by `saaf index merge`."""
    from saaf.cli.commands import index as command

    command.run_remove(directory, names, crawl=crawl)


@app.command()
def merge(directory: Directory) -> None:
    """Merge all added batches into one, without the removed documents: saves space and makes queries faster."""
    from saaf.cli.commands import index as command

    command.run_merge(directory)


@app.command()
def clusters(
    directory: Directory,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The Parquet file to write.")],
) -> None:
    """Write the clusters of near-duplicates among all documents of the index to a Parquet file.

    The result does not depend on the order or the batches in which documents were added.
    """
    from saaf.cli.commands import index as command

    command.run_clusters(directory, output)
