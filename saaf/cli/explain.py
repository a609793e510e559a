"""The command line of `saaf explain` and `saaf rules`: their arguments, options and help."""

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
        typer.Argument(
            metavar="[DOC]", help="An HTML or text file, - for standard input, or an id or URL in a corpus."
        ),
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


def rules(
    rule: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this rule with its examples.")] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="CODE", help="List only phrase rules of this language, such as hi."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind", "-k", metavar="KIND", help="List only rules of this kind, such as related, tags or echo."
        ),
    ] = None,
) -> None:
    """List the cleaning rules, or show one with examples of what it removes and what it must keep.

    ```sh
    saaf rules
    saaf rules --language ur
    saaf rules echo.title
    ```
    """
    from saaf.cli.commands import rules as command

    command.run_rules(rule, language, kind)
