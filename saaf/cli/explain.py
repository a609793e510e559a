"""The command line of `saaf explain`: its arguments, options and help."""

# A command imports what it needs when it runs, as in `saaf.cli.app`.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SearchedCorpus = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        "-c",
        metavar="DIR",
        help="Directory of the corpus to search.",
        show_default="this directory and those in out/",
    ),
]


def explain(
    document: Annotated[
        str | None,
        typer.Argument(metavar="DOC", help="An HTML or text file, - for standard input, or an id or URL in a corpus."),
    ] = None,
    corpus: SearchedCorpus = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the text and every removal.")] = False,
    features: Annotated[
        bool,
        typer.Option(
            "--features", help="Show the model's probability and strongest features for each block of a file."
        ),
    ] = False,
) -> None:
    """Show a document with what was removed struck out, and the rule that removed it.

    ```sh
    saaf explain page.html
    saaf explain page.html --features
    saaf explain --features | grep 'prose ~'
    saaf explain https://www.example.org/story --corpus out/seeds
    saaf explain 1b2c3d4e5f607182 --json | jq .removals
    ```

    In a pipe, or where NO_COLOR is set, a removal looks like `[-LEAVE A REPLY-]{en.comment_form}`. With
    `--features`, a line such as `0.97  +1.8 prose ~5  -0.4 links` stands above each block: the probability that the
    block is content, then what each of the strongest features adds to the log-odds. Without DOC, `--features` prints
    what each of the features means.
    """
    from saaf.cli.commands import explain as command

    if document is None:
        command.print_features(asked=features, as_json=as_json)
        return
    command.run_explain(document, corpus, as_json=as_json, features=features)
