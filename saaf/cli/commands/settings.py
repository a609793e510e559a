"""The options of a command as the settings of a build, those that were not given left at their defaults."""

from __future__ import annotations

from typing import Any

from saaf import dedupe
from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit
from saaf.corpus.settings import BuildSettings


def settings(*, threshold: float | None, **options: Any) -> BuildSettings:
    """Return the settings; options that are None were not given. Raises `CommandError` for a value nobody can use."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        if threshold is not None:
            given["dedupe"] = dedupe.Settings(threshold=threshold)
        return BuildSettings(**given)
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
