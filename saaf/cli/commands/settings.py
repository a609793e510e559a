"""The settings of a build from the options of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.text.fasttext_file import read_language_model
from saaf.cli.commands import CommandError
from saaf.cli.terminal import note
from saaf.corpus.exit_codes import Exit
from saaf.corpus.limits import MEGABYTE
from saaf.corpus.quality_filter import parse_quality_filter
from saaf.corpus.settings import BuildSettings, threshold_settings
from saaf.corpus.user_packs import read_packs
from saaf.extras import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from saaf.cleaning.phrases.pack_source import PackSource


def noted_packs(directories: Iterable[Path]) -> tuple[PackSource, ...]:
    """Return the user's packs in `directories` and in installed packages, each fault told in a sentence.

    Raises ValueError where a directory is none.
    """
    packs = read_packs(directories)
    for fault in parse_user_packs(packs).faults:
        note(fault)
    return packs


def column_options(
    text: str | None, html: str | None, url: str | None, identity: str | None, replaced: Sequence[str] | None
) -> dict[str, Any]:
    """Return the options on the columns of tables under the names that they have in `BuildSettings`."""
    named = {"text_column": text, "html_column": html, "url_column": url, "id_column": identity}
    return {**named, "replace_columns": tuple(replaced or ())}


def build_settings(*, threshold: float | None, body_limit: int | None = None, **options: Any) -> BuildSettings:
    """Return the settings of a build; an option that is None keeps its default. `body_limit` is in megabytes.

    Raises `CommandError` for a value that cannot be used.
    """
    profiles = options.get("profiles")
    if profiles is not None and profiles.exists() and not profiles.is_dir():
        raise CommandError(f"--profiles {profiles} is a file: name a directory of site profiles", Exit.USAGE)
    given = {name: value for name, value in options.items() if value is not None}
    try:
        if body_limit is not None:
            given["body_limit"] = body_limit * MEGABYTE
        if threshold is not None:
            given["dedupe"] = threshold_settings(threshold)
        if "quality_filter" in given:
            given["quality_filter"] = parse_quality_filter(given["quality_filter"])
        given["redact"] = tuple(given.get("redact", ()))
        if options.get("rules") is not None:
            given["rules"] = noted_packs(options["rules"])
        if "lid" in given:
            given["lid"] = read_language_model(given["lid"])
        return BuildSettings(**given)
    except NotInstalledError as error:
        raise CommandError(str(error), Exit.CONFIGURATION) from error
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error
