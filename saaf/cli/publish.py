"""The command line of `saaf publish` and `saaf convert`: their arguments, options and help."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

_COMMANDS = "saaf.cli.commands.publish"  # imported when a command runs, as in `saaf.cli.app`


To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="ADDRESS",
        help="hf://datasets/USER/NAME, another address (s3://BUCKET/NAME), or a directory.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Upload; without this, only say what would be uploaded.")]
Published = Annotated[Path, typer.Argument(metavar="OUT", help="Directory of a corpus.")]
Old = Annotated[Path, typer.Argument(metavar="OLD", help="Directory of a corpus that saaf 0.2 wrote.")]
New = Annotated[Path, typer.Argument(metavar="NEW", help="Directory to write to; it has no files yet.")]


def publish(corpus: Published, to: To, yes: Yes = False) -> None:
    """Publish a corpus: check each file against the manifest, list what goes where, and with --yes upload it.

    ```sh
    saaf publish corpus/ --to hf://datasets/USER/NAME
    saaf publish corpus/ --to hf://datasets/USER/NAME --yes
    saaf publish corpus/ --to s3://bucket/corpus --yes
    ```

    Only files of the corpus go, never the raw capture of a crawl. A corpus that is incomplete, or that was changed
    after it was built, is refused. The Hub needs the extra `hub` (without it the
    command says how to install it) and a login (`hf auth login`).
    """
    import_module(_COMMANDS).run_publish(corpus, to, yes=yes)


def convert(old: Old, new: New) -> None:
    """Write a corpus of five tables side by side, as saaf 0.2 made it, in the layout that is published.

    ```sh
    saaf convert corpus/ published/
    ```

    Every row is kept. OLD stays as it is.
    """
    import_module(_COMMANDS).run_convert(old, new)
