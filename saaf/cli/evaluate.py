"""The command line of `saaf evaluate`."""

# The command imports what it needs when it runs, so that `saaf --help` does not wait for it.
# ruff: noqa: PLC0415

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003  (Typer reads it at run time)
from typing import Annotated

import typer


class Track(StrEnum):
    """What is cleaned."""

    HTML = "html"
    TEXT = "text"


def evaluate(
    pages: Annotated[
        Path,
        typer.Argument(metavar="PAGES", help="A directory of pages beside their gold texts, or of sets of such pages."),
    ],
    track: Annotated[
        Track, typer.Option("--track", "-t", help="Clean the HTML, or the text that is left without it.")
    ] = Track.HTML,
    languages: Annotated[
        list[str] | None,
        typer.Option("--language", "-l", metavar="CODE", help="Pages in this language only; repeat for more."),
    ] = None,
    peers: Annotated[
        bool, typer.Option("--peers/--no-peers", help="Measure trafilatura and jusText on the same pages.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-j", min=1, help="Worker processes.", show_default="one for each processor"),
    ] = None,
) -> None:
    """Measure cleaning on pages whose clean text is known, such as some of your own sites.

    Beside each `NAME.html` (or `.html.gz`) lies `NAME.json` with `gold_text`, and with `url` and `lang` where known:

    ```sh
    saaf evaluate pages/
    saaf evaluate pages/ --language hi --language ur --no-peers
    saaf evaluate pages/ --track text --json > figures.json
    ```

    **P**, **R** and **F1** count word 4-grams, headlines left out. **residue** is the share of the output's words on
    lines that are not content, **dirty** the share of pages with such a line, **lost** the share of the gold text's
    words on lines that are missing: all in percent, means over pages. **pages/s** are per second of one processor.
    """
    from saaf.cli.commands import evaluate as command

    command.run(pages, track=track.value, languages=languages or (), peers=peers, workers=workers, as_json=as_json)
