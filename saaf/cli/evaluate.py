"""The command line of `saaf evaluate`: its arguments, options and help."""

# The command imports what it needs when it runs, so that `saaf --help` does not wait for it.
# ruff: noqa: PLC0415

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003  (Typer reads it at run time)
from typing import Annotated

import typer

from saaf.cli.options import Workers  # noqa: TC001  (Typer reads it at run time)


class Track(StrEnum):
    """What is cleaned: the HTML of a page, or its text without the HTML."""

    HTML = "html"
    TEXT = "text"


def evaluate(
    pages: Annotated[
        Path,
        typer.Argument(
            metavar="PAGES", help="Directory of pages with their gold texts, or of directories of such pages."
        ),
    ],
    track: Annotated[
        Track, typer.Option("--track", "-t", help="Clean the HTML of each page, or its text without the HTML.")
    ] = Track.HTML,
    languages: Annotated[
        list[str] | None,
        typer.Option(
            "--language", "-l", metavar="CODE", help="Only pages in this language, an ISO 639 code; repeat for more."
        ),
    ] = None,
    peers: Annotated[
        bool, typer.Option("--peers/--no-peers", help="Also measure trafilatura and jusText on the same pages.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    workers: Workers = None,
) -> None:
    """Measure the cleaning on pages whose clean text is known, for instance on some of your own sites.

    Each page is a file `NAME.html` (or `NAME.html.gz`) with a file `NAME.json` beside it. The JSON has the clean text
    as `gold_text`, and `url` and `lang` where they are known:

    ```sh
    saaf evaluate pages/
    saaf evaluate pages/ --language hi --language ur --no-peers
    saaf evaluate pages/ --track text --json > figures.json
    ```

    **P**, **R** and **F1** are precision, recall and F1 of word 4-grams, without headlines. **residue** is the share of
    the output's words on lines that are not content, **dirty** the share of pages with such a line, **lost** the share
    of the gold text's words on lines that are missing from the output. All are in percent, means over pages.
    **pages/s** is the number of pages per second of one processor.
    """
    from saaf.cli.commands import evaluate as command

    command.run_evaluate(
        pages, track=track.value, languages=languages or (), peers=peers, workers=workers, as_json=as_json
    )
