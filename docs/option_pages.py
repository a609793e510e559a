"""The pages of docs/generate.py on what a user sets: commands with their options, and settings."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from page_parts import NOTE, attribute_docstrings, prose, table
from typer.models import ArgumentInfo, OptionInfo

import saaf.crawler.settings
from saaf import dedupe
from saaf.cli import app as cli
from saaf.cli import dedupe as cli_dedupe
from saaf.corpus import configuration, exit_codes, settings
from saaf.crawler.run import checks

if TYPE_CHECKING:
    from typer import Typer


def cli_page() -> str:
    """Return the page of the commands: what each does, its arguments and options, the exit codes."""
    parts = ["# Commands\n", inspect.cleandoc(cli.saaf.__doc__ or ""), _parameters(cli.saaf)]
    parts += _commands(cli.app, "saaf")
    rows = [(str(code.value), meaning) for code, meaning in exit_codes.MEANINGS.items()]
    parts += ["\n## Exit codes\n", table(("code", "meaning"), rows)]
    parts += [
        "\nErrors are one sentence on standard error that names the file and the fix. Progress goes to standard error",
        "too, and only to a terminal. Where `NO_COLOR` is set, nothing is coloured.",
    ]
    return NOTE + "\n".join(parts) + "\n"


def _commands(app: Typer, before: str) -> list[str]:
    """Return the lines on each command of `app` and of the groups in it; `before` stands before a command's name."""
    parts = []
    for command in app.registered_commands:
        assert command.callback is not None  # noqa: S101  (Typer registers functions)
        parts += _command(f"{before} {command.name or command.callback.__name__}", command.callback)
    for group in app.registered_groups:
        assert group.typer_instance is not None  # noqa: S101  (that is what `add_typer` registers)
        callback = group.typer_instance.registered_callback
        assert callback is not None  # noqa: S101  (each group of ours says what it is for)
        assert callback.callback is not None  # noqa: S101
        name = f"{before} {callback.callback.__name__}"
        parts += [*_command(name, callback.callback), *_commands(group.typer_instance, name)]
    return parts


def _command(name: str, callback: Any) -> list[str]:
    return [f"\n## {name}\n", inspect.cleandoc(callback.__doc__ or ""), _parameters(callback)]


def _parameters(callback: Any) -> str:
    rows = []
    parameters = inspect.signature(callback).parameters
    for name, hint in get_type_hints(callback, include_extras=True).items():
        info = next(
            (one for one in getattr(hint, "__metadata__", ()) if isinstance(one, ArgumentInfo | OptionInfo)), None
        )
        if info is None:
            continue
        # Inside Annotated, Typer takes the first name where elsewhere the default stands.
        declared = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
        names = ", ".join(f"`{one}`" for one in declared) or f"`{info.metavar or name}`"
        default = parameters[name].default
        shown = info.show_default if isinstance(info.show_default, str) else default
        required = default is inspect.Parameter.empty
        rows.append((names, info.help or "", "required" if required else "" if shown in {None, False} else f"{shown}"))
    return "\n" + table(("argument or option", "what", "default"), rows) if rows else ""


def settings_page() -> str:
    """Return the page of the settings: of a crawl, of a build, of the search for near-duplicates."""
    ours = saaf.crawler.settings
    described = attribute_docstrings(Path(inspect.getfile(ours)))
    crawl = [
        (f"`{name}`", f"`{value!r}`", " ".join(described[name].split()))
        for name, value in vars(ours).items()
        if name.isupper()
    ]
    commands = [(f"`{name}`", "set by the command", what) for name, what in checks.SET_BY_COMMANDS.items()]
    parts = [
        "# Settings\n",
        "## Of a crawl\n",
        "In `saaf/crawler/settings.py`, or `-s NAME=VALUE` for one run. What is not here is as Scrapy has it.\n",
        table(("setting", "default", "what"), sorted([*crawl, *commands], key=lambda row: "SAAF_" not in row[0])),
        "\n## Of saaf.toml\n",
        "See [Configure a project](../how-to/configure-a-project.md).\n",
        table(("key", "value", "of", "what"), _keys()),
        "\n## Of a build\n",
        "`saaf.corpus.settings.BuildSettings`; `saaf build` has options for most.\n",
        prose(settings.BuildSettings),
        "",
        _defaults(settings.BuildSettings),
        "\n## Of near-duplicates\n",
        "`saaf.dedupe.Settings`, the field `dedupe` of a build's settings.\n",
        prose(dedupe.Settings),
        "",
        _defaults(dedupe.Settings),
    ]
    return NOTE + "\n".join(parts) + "\n"


def _keys() -> list[tuple[str, ...]]:
    """Return the keys of saaf.toml: what each is, the commands that have an option for it, and what that does."""
    rows: dict[str, tuple[str, list[str]]] = {}
    for callback in (cli.build, cli_dedupe.dedupe, cli.clean):
        for hint in get_type_hints(callback, include_extras=True).values():
            for option in (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, OptionInfo)):
                names = (str(one) for one in (option.default, *(option.param_decls or ())))
                key = next(one for one in names if one.startswith("--")).removeprefix("--").replace("-", "_")
                rows.setdefault(key, (str(option.help), []))[1].append(callback.__name__)
    keys = ((key, kind, *rows[key]) for key, kind in configuration.KEYS.items())
    return [(f"`{key}`", str(kind), ", ".join(commands), what) for key, kind, what, commands in keys]


def _defaults(kind: Any) -> str:
    return table(("field", "default"), [(f"`{field.name}`", _default(field)) for field in fields(kind)])


def _default(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"`{field.default!r}`"
    return "one for each processor" if field.name == "workers" else "as below"
