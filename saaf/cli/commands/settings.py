"""The settings of a build from the options of a command."""

from __future__ import annotations

from typing import Any

from saaf import dedupe
from saaf.cli.commands import CommandError
from saaf.corpus.exit_codes import Exit
from saaf.corpus.limits import MEGABYTE
from saaf.corpus.quality_filter import parse_quality_filter
from saaf.corpus.settings import BuildSettings

_MIN_THRESHOLD = 0.05  # below, the 128 values of a signature cannot find the pairs


def build_settings(*, threshold: float | None, body_limit: int | None = None, **options: Any) -> BuildSettings:
    """Return the settings of a build; an option that is None keeps its default. `body_limit` is in megabytes.

    Raises `CommandError` for a value that cannot be used.
    """
    if threshold is not None and not _MIN_THRESHOLD <= threshold <= 1.0:
        raise CommandError(
            f"--threshold is {threshold}: give a Jaccard similarity from {_MIN_THRESHOLD} to 1, such as 0.7", Exit.USAGE
        )
    profiles = options.get("profiles")
    if profiles is not None and profiles.exists() and not profiles.is_dir():
        raise CommandError(f"--profiles {profiles} is a file: name a directory of site profiles", Exit.USAGE)
    given = {name: value for name, value in options.items() if value is not None}
    try:
        if body_limit is not None:
            given["body_limit"] = body_limit * MEGABYTE
        if threshold is not None:
            given["dedupe"] = dedupe.Settings(threshold=threshold)
        if "quality_filter" in given:
            given["quality_filter"] = parse_quality_filter(given["quality_filter"])
        given["redact"] = tuple(given.get("redact", ()))
        return BuildSettings(**given)
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
