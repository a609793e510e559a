"""The settings of a build from the options of a command."""

from __future__ import annotations

from typing import Any

from saaf import dedupe
from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit
from saaf.corpus.limits import MEGABYTE
from saaf.corpus.settings import BuildSettings


def build_settings(*, threshold: float | None, body_limit: int | None = None, **options: Any) -> BuildSettings:
    """Return the settings of a build; an option that is None keeps its default. `body_limit` is in megabytes.

    Raises `CommandError` for a value that cannot be used.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        if body_limit is not None:
            given["body_limit"] = body_limit * MEGABYTE
        if threshold is not None:
            given["dedupe"] = dedupe.Settings(threshold=threshold)
        return BuildSettings(**given)
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
