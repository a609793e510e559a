"""`saaf crawl`: a crawl from anywhere, and the build of its corpus."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.panel import live_panel
from saaf.corpus.exit_codes import Exit
from saaf.crawler.run.launch import Launch, launch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def run_crawl(
    urls: Sequence[str],
    spider: str | None,
    *,
    feeds: Sequence[str],
    settings: Mapping[str, object],
    build_options: Mapping[str, object],
    more_settings: Sequence[str],
    arguments: Mapping[str, str | None],
    more_arguments: Sequence[str],
) -> None:
    """Run a crawl, and end the process with its exit code.

    `settings` and `arguments` are those that have options of their own, None where they are not given; the others are
    as given, NAME=VALUE, and precede them. `build_options` are settings of the build, by the keys of saaf.toml.
    """
    given = {name: _plain(value) for name, value in settings.items() if value is not None}
    if build_options:
        given["SAAF_BUILD_OPTIONS"] = dict(build_options)
    named = {name: value for name, value in arguments.items() if value is not None}
    crawl = Launch(
        spider=spider,
        urls=urls,
        arguments=named | _pairs("-a", more_arguments),
        settings=given | _pairs("-s", more_settings),
        feeds=feeds,
    )
    panel = live_panel if _shows_panel(crawl) else nullcontext
    try:
        code = launch(crawl, panel=panel)
    except KeyboardInterrupt:  # before the crawl has its own answer to it
        raise CommandError("interrupted before the crawl began", Exit.INTERRUPTED) from None
    sys.exit(code)


def _plain(value: object) -> object:
    """Return a value of an option as a setting: paths as strings."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return os.fspath(value) if isinstance(value, Path) else value


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    """Return names and values; raise `CommandError` for what is not NAME=VALUE."""
    pairs = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise CommandError(f"{option} {one}: give it as NAME=VALUE", Exit.USAGE)
        pairs[name] = value
    return pairs


def _shows_panel(crawl: Launch) -> bool:
    """Return whether there is a terminal for a panel, and nothing else is written to it."""
    on_terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    to_stdout = sys.stdout.isatty() and any(feed.startswith(("-:", "stdout:")) for feed in crawl.feeds)
    return on_terminal and not to_stdout and str(crawl.settings.get("SAAF_PROGRESS", "")) != "0"
