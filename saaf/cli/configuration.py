"""The option --config, by which a command takes its defaults from saaf.toml, and `saaf config`, which shows them."""

from __future__ import annotations

import json
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from saaf.cli.commands import CommandError
from saaf.corpus.configuration import FILE, KEYS, ConfigurationError, read_configuration
from saaf.corpus.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_defaults(context: typer.Context, path: Path | None) -> Path | None:
    """Make the values of a configuration file the defaults of the options of a command; return the file that was read.

    It is called before the other options are looked at. Raises `CommandError` where the file cannot be used.
    """
    if context.resilient_parsing:
        return path
    try:
        configuration = read_configuration(path)
        if configuration.values:  # what checks them is not needed otherwise, and takes half a second to load
            import_module("saaf.corpus.configured_values").check_values(configuration)
    except ConfigurationError as error:
        raise CommandError(str(error), Exit.CONFIGURATION) from error
    context.default_map = {
        parameter.name: configuration.values[key]
        for key, parameter in option_keys(context)
        if key in configuration.values
    }
    return configuration.path


def option_keys(context: typer.Context) -> Iterator[tuple[str, Any]]:
    """Yield the keys of saaf.toml that a command has an option for, each with its parameter."""
    for parameter in context.command.params:
        for option in parameter.opts:
            key = option.removeprefix("--").replace("-", "_")
            if option.startswith("--") and key in KEYS:
                yield key, parameter


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="File with defaults of the options of this command, by their names.",
        show_default=f"{FILE} in this directory, where there is one",
        is_eager=True,
        callback=read_defaults,
    ),
]


class Configured(StrEnum):
    """The commands that saaf.toml has defaults for."""

    BUILD = "build"
    DEDUPE = "dedupe"
    CLEAN = "clean"


ConfiguredCommand = Annotated[
    Configured, typer.Argument(metavar="[COMMAND]", help="The command: build, dedupe or clean, then options of it.")
]


OtherFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Read this file, not saaf.toml.")]


def config(
    context: typer.Context,
    command: ConfiguredCommand = Configured.BUILD,
    path: OtherFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the settings that a command would have here, and where each comes from: an option, saaf.toml or the default.

    ```sh
    saaf config
    saaf config dedupe --threshold 0.8
    saaf config build --json | jq .settings.language
    ```

    The file `saaf.toml` in the working directory, or the one that --config names, has a key for each option, with the
    same name and _ for -: `min_words = 50`, `language = ["hi", "ur"]`. Options precede it.
    """
    given = [*(["--config", str(path)] if path else []), *context.args]
    group: Any = context.parent.command if context.parent else None
    chosen = group.get_command(context, command.value)
    with chosen.make_context(command.value, ["INPUT", "-o", "OUT.jsonl", *given], parent=context.parent) as own:
        found = {key: _effective(own, parameter) for key, parameter in option_keys(own)}
        file = own.params["_config"]
    if as_json:
        shown = {"command": command.value, "file": str(file) if file else None, "settings": found}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    for key, one in found.items():
        value = one["value"] if one["from"] == "default" else json.dumps(one["value"], ensure_ascii=False)
        typer.echo(f"{key:<15} {value if value is not None else 'none':<32} {one['from']}")


def _effective(context: typer.Context, parameter: Any) -> dict[str, Any]:
    """Return the value of an option and where it comes from; in words where the default is worked out later."""
    source = context.get_parameter_source(parameter.name)
    value = _plain(context.params[parameter.name])
    name = source.name if source is not None else "DEFAULT"
    if name == "DEFAULT":
        if value in (None, []) and isinstance(parameter.show_default, str):
            value = parameter.show_default
        return {"value": json.dumps(value) if isinstance(value, bool | list) else value, "from": "default"}
    return {"value": value, "from": "option" if name == "COMMANDLINE" else str(context.params["_config"])}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path | StrEnum) else value
