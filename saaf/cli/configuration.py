"""The option --config, by which a command takes its defaults from saaf.toml, and `saaf config`, which shows them."""

from __future__ import annotations

import json
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from saaf.cli.commands import CommandError
from saaf.corpus.card_facts import CARD_KEYS, CardFacts
from saaf.corpus.configuration import CARD, CRAWL, FILE, KEYS, KEYS_OF_A_CRAWL, ConfigurationError, read_configuration
from saaf.corpus.crawl_defaults import WITHOUT_VALUE, CrawlDefaults
from saaf.corpus.exit_codes import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_CARD, _CRAWL = "saaf.card", "saaf.crawl"


def read_defaults(context: typer.Context, path: Path | None) -> Path | None:
    """Make the values of a configuration file the defaults of the options of a command; return the file that was read.

    It is called before the other options are looked at. Raises `CommandError` where the file cannot be used.
    """
    if context.resilient_parsing:
        return path
    try:
        configuration = read_configuration(path)
        context.meta[_CARD], context.meta[_CRAWL] = configuration.card, configuration.crawl
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


def card_facts(context: typer.Context) -> CardFacts:
    """Return what the configuration file of a command says of the card of a corpus."""
    facts: CardFacts = context.meta.get(_CARD, CardFacts())
    return facts


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
    CRAWL = "crawl"


ConfiguredCommand = Annotated[
    Configured,
    typer.Argument(metavar="COMMAND", help="The command: build, dedupe, clean or crawl, then options of it."),
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
    same name and _ for -: `min_words = 50`, `language = ["hi", "ur"]`. Options precede it. Of `crawl` these are the
    settings of the build that follows it, and what the table [crawl] says of the crawl itself; what is not there is
    said by the spider and by settings of Scrapy (`-s`).
    """
    given = [*(["--config", str(path)] if path else []), *context.args]
    group: Any = context.parent.command if context.parent else None
    of_crawl = command is Configured.CRAWL  # whose build takes its settings from saaf.toml too
    name = Configured.BUILD.value if of_crawl else command.value
    chosen = group.get_command(context, name)
    with chosen.make_context(name, ["INPUT", "-o", "OUT.jsonl", *given], parent=context.parent) as own:
        found = {
            key: _effective(own, parameter)
            for key, parameter in option_keys(own)
            if not of_crawl or key in KEYS_OF_A_CRAWL
        }
        if of_crawl and found["dump"]["from"] == "default":
            found["dump"] = {"value": None, "means": "the name of the spider", "from": "default"}
        file = own.params["_config"]
        if of_crawl:
            crawl: CrawlDefaults = own.meta.get(_CRAWL, CrawlDefaults())
            found |= _of_table(CRAWL, WITHOUT_VALUE, crawl.stated, file)
        if command is not Configured.CLEAN:  # which writes no card
            found |= _of_table(CARD, dict.fromkeys(CARD_KEYS, "not recorded"), card_facts(own).stated(), file)
    if as_json:
        shown = {"command": command.value, "file": str(file) if file else None, "settings": found}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    values = {key: _in_words(one) for key, one in found.items()}
    width, value_width = max(map(len, values)), max(map(len, values.values()))
    for key, one in found.items():
        typer.echo(f"{key:<{width}}  {values[key]:<{value_width}}  {one['from']}")


def _of_table(name: str, keys: Mapping[str, str], stated: Mapping[str, Any], file: Path | None) -> dict[str, Any]:
    """Return the values of a table of the file; `keys` say in words what holds where one is not stated."""
    return {
        f"{name}.{key}": {"value": stated[key], "from": str(file)}
        if key in stated
        else {"value": None, "means": keys[key], "from": "default"}
        for key in dict.fromkeys((*keys, *stated))
    }


def _in_words(setting: Mapping[str, Any]) -> str:
    value = setting["value"]
    if value is None:
        return str(setting["means"])
    is_word = setting["from"] == "default" and isinstance(value, str)
    return value if is_word else json.dumps(value, ensure_ascii=False)


def _effective(context: typer.Context, parameter: Any) -> dict[str, Any]:
    """Return the value of an option and where it comes from; what None means is said in words (`means`)."""
    source = context.get_parameter_source(parameter.name)
    value = _plain(context.params[parameter.name])
    name = source.name if source is not None else "DEFAULT"
    if name == "DEFAULT":
        if value is None and parameter.multiple:
            value = []
        if value is None or value == "":
            shown = parameter.show_default if isinstance(parameter.show_default, str) else "none"
            try:
                value = json.loads(shown)
            except ValueError:
                return {"value": None, "means": shown, "from": "default"}
        return {"value": value, "from": "default"}
    return {"value": value, "from": "option" if name == "COMMANDLINE" else str(context.params["_config"])}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path | StrEnum) else value
