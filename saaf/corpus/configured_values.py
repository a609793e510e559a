"""The values of saaf.toml, each checked by itself before a command does anything, as a build would check it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.postprocess import match_rule_ids
from saaf.cleaning.text.fasttext_file import language_of_label, read_language_model
from saaf.cleaning.text.language_codes import parse_languages
from saaf.corpus.configuration import ConfigurationError
from saaf.corpus.engine_names import EngineName
from saaf.corpus.limits import MAX_WORKERS
from saaf.corpus.no_content import parse_skip_types
from saaf.corpus.paragraphs import ParagraphOptions
from saaf.corpus.quality_filter import parse_quality_filter
from saaf.corpus.rights import RightsPolicy
from saaf.corpus.settings import MIN_THRESHOLD, REPLACEABLE, parse_kinds
from saaf.corpus.user_packs import read_packs
from saaf.dedupe import Linkage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from saaf.corpus.configuration import Configuration

_RANGES = {
    "min_words": (0, None),
    "threshold": (MIN_THRESHOLD, 1),
    "max_lost": (0, 1),
    "max_unreadable": (0, 1),
    "body_limit": (1, None),
    "workers": (1, MAX_WORKERS),
    "containment": (0.05, 1),
}
"""The least and the most that a number may be, None for no limit."""
_CHOICES = {
    "rights": tuple(RightsPolicy),
    "engine": tuple(EngineName),
    "clusters": tuple(Linkage),
    "contained": ("report", "remove"),
}


def check_values(configuration: Configuration) -> None:
    """Raise `ConfigurationError` for the first value of a file that no command can use.

    The sentence names the file and the key. What depends on other values too is left to the command.
    """
    values = configuration.values
    for key, value in values.items():
        if (problem := _problem(key, value, values)) is not None:
            raise ConfigurationError(f"{configuration.path}: {key} {problem}")


def _problem(key: str, value: Any, values: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a value, as what follows its key; None where nothing is."""
    if key in _RANGES:
        least, most = _RANGES[key]
        wanted = f"a number from {least}" + (" on" if most is None else f" to {most}")
        inside = value >= least and (most is None or value <= most)
        return None if inside else f"is {wanted}, not {value!r}"
    if key in _CHOICES:
        return None if value in _CHOICES[key] else f"is one of {', '.join(_CHOICES[key])}, not {value!r}"
    check = _CHECKS.get(key)
    try:
        if check is not None:
            check(value, values)
    except ValueError as error:
        return f"cannot be used: {error}"
    return None


def _check_languages(value: Any, values: Mapping[str, Any]) -> None:
    labels = read_language_model(Path(values["lid"])).labels if "lid" in values else ()
    parse_languages(tuple(value), frozenset(code for code, _ in filter(None, map(language_of_label, labels))))


def _check_rules(value: Any, _: Mapping[str, Any]) -> None:
    read_packs([Path(each) for each in value], installed=())


def _check_kept(value: Any, values: Mapping[str, Any]) -> None:
    packs = read_packs([Path(each) for each in values.get("rules", ())])
    match_rule_ids(tuple(value), parse_user_packs(packs) if packs else None)


def _check_replaced(value: Any, _: Mapping[str, Any]) -> None:
    if unknown := [name for name in value if name not in REPLACEABLE]:
        raise ValueError(f"the columns that can be replaced are {', '.join(REPLACEABLE)}, not {unknown[0]!r}")


def _check_dump(value: Any, _: Mapping[str, Any]) -> None:
    if not value.strip() or not value.isprintable():
        raise ValueError(f"it is text on one line, not {value!r}")


_CHECKS: Mapping[str, Callable[[Any, Mapping[str, Any]], object]] = {
    "language": _check_languages,
    "rules": _check_rules,
    "keep": _check_kept,
    "replace_column": _check_replaced,
    "dump": _check_dump,
    "skip_types": lambda value, _: parse_skip_types(value),
    "redact": lambda value, _: parse_kinds(value),
    "quality_filter": lambda value, _: parse_quality_filter(value),
    "paragraphs": lambda value, _: ParagraphOptions.parse(value),
    "lid": lambda value, _: read_language_model(Path(value)),
}
