"""The command line of `saaf rules`: its arguments, options and help."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

_COMMAND = "saaf.cli.commands.rules"  # imported when the command runs, as in `saaf.cli.app`


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
    import_module(_COMMAND).run_rules(rule, language, kind)
