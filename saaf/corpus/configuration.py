"""The configuration file saaf.toml: settings of builds by the names of the options that set them on a command line.

A key is the long name of an option, with "_" for "-". A key that a command has no option for says nothing to it, so
that one file does for all commands of a project.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf.corpus.card_facts import CARD_KEYS, CardFacts
from saaf.corpus.crawl_defaults import CRAWL_KEYS, CrawlDefaults, parse_crawl_defaults
from saaf.corpus.limits import MEGABYTE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FILE = "saaf.toml"
CARD = "card"
"""The table of saaf.toml with what a corpus's card says beyond what is counted (`saaf.corpus.card_facts`)."""
CRAWL = "crawl"
"""The table of saaf.toml with defaults of the crawl itself (`saaf.corpus.crawl_defaults`)."""


class Kind(StrEnum):
    """What the value of a key is, in words for a message."""

    TEXT = "a text in quotation marks"
    TEXTS = "a list of texts, as in [\"hi\", \"ur\"]"  # fmt: skip
    NUMBER = "a number"
    WHOLE_NUMBER = "a whole number"
    FLAG = "true or false"


KEYS = {
    "language": Kind.TEXTS,
    "min_words": Kind.WHOLE_NUMBER,
    "threshold": Kind.NUMBER,
    "text_column": Kind.TEXT,
    "html_column": Kind.TEXT,
    "url_column": Kind.TEXT,
    "id_column": Kind.TEXT,
    "replace_column": Kind.TEXTS,
    "dump": Kind.TEXT,
    "profiles": Kind.TEXT,
    "fast": Kind.FLAG,
    "keep": Kind.TEXTS,
    "split_appended": Kind.FLAG,
    "rules": Kind.TEXTS,
    "lid": Kind.TEXT,
    "rights": Kind.TEXT,
    "agent": Kind.TEXT,
    "quality_filter": Kind.TEXTS,
    "skip_types": Kind.TEXTS,
    "redact": Kind.TEXTS,
    "paragraph_languages": Kind.FLAG,
    "markdown": Kind.FLAG,
    "max_lost": Kind.NUMBER,
    "max_unreadable": Kind.NUMBER,
    "body_limit": Kind.WHOLE_NUMBER,
    "workers": Kind.WHOLE_NUMBER,
    "engine": Kind.TEXT,
    "work": Kind.TEXT,
    "index": Kind.TEXTS,
    "add_to": Kind.TEXT,
    "no_add": Kind.FLAG,
    "paragraphs": Kind.TEXT,
    "clusters": Kind.TEXT,
    "containment": Kind.NUMBER,
    "contained": Kind.TEXT,
    "metadata": Kind.FLAG,
}
"""The keys of saaf.toml, each with what its value is."""

_FIELDS = {"language": "languages", "min_words": "min_tokens", "replace_column": "replace_columns"}
_OF_A_CRAWL = (
    "language", "min_words", "text_column", "html_column", "url_column", "id_column", "replace_column", "dump",
    "profiles", "fast", "keep", "split_appended", "rights", "agent", "quality_filter", "skip_types", "redact",
    "paragraph_languages",
    "markdown", "max_lost", "max_unreadable", "body_limit", "workers",
)  # fmt: skip

KEYS_OF_A_CRAWL = frozenset((*_OF_A_CRAWL, "rules", "lid", "threshold"))
"""The keys that the build after a crawl uses."""


class ConfigurationError(ValueError):
    """A configuration that cannot be used; the message names the file, says what is wrong and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The values of a configuration file by key; `path` is None, and there are no values, where there is no file.

    `card` has what its table [card] says, `crawl` what [crawl] does.
    """

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    card: CardFacts = field(default_factory=CardFacts)
    crawl: CrawlDefaults = field(default_factory=CrawlDefaults)

    def build_fields(self) -> dict[str, Any]:
        """Return what the file says of a build, by the fields of `saaf.corpus.settings.BuildSettings`.

        The threshold of near-duplicates is not among them: it is a field of another value.
        """
        fields = {_FIELDS.get(key, key): self.values[key] for key in _OF_A_CRAWL if key in self.values}
        for name in ("languages", "keep", "skip_types", "redact"):
            if name in fields:
                fields[name] = tuple(fields[name])
        if "profiles" in fields:
            fields["profiles"] = Path(fields["profiles"])
        if "body_limit" in fields:
            fields["body_limit"] *= MEGABYTE
        return fields | ({"card": self.card} if self.card.stated() else {})


def read_configuration(path: Path | None = None) -> Configuration:
    """Return the configuration in a file, None for saaf.toml in the working directory, where there is one.

    Raises `ConfigurationError` where the file cannot be read, has a key that is none, or a value of another kind.
    """
    if path is None:
        path = Path(FILE)
        if not path.is_file():
            return Configuration()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8: save it as that") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    card, crawl = values.pop(CARD, {}), values.pop(CRAWL, {})
    for name, table, keys, example in (
        (CARD, card, CARD_KEYS, 'publisher = "…"'),
        (CRAWL, crawl, CRAWL_KEYS, 'user_agent = "…"'),
    ):
        _check_table(path, name, table, keys, example)
    for key, value in values.items():
        _check(path, key, value)
    try:
        return Configuration(path=path, values=values, card=CardFacts(**card), crawl=parse_crawl_defaults(crawl))
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def with_options(configuration: Configuration, options: Mapping[str, Any], source: str) -> Configuration:
    """Return a configuration in which `options`, values by key, precede those of the file.

    `source` names them in messages. Raises `ConfigurationError` for a key that is none, or a value of another kind.
    """
    for key, value in options.items():
        _check(source, key, value)
    return replace(configuration, values={**configuration.values, **options})


def _check_table(path: Path, name: str, table: object, keys: Collection[str], example: str) -> None:
    """Raise `ConfigurationError` where a table of a file is none, or has a key that is none."""
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: {name} is a table: write [{name}], and below it such as {example}")
    for key in table:
        _check_name(f"{path}: [{name}]", key, keys)


def _check_name(source: Path | str, key: str, keys: Collection[str]) -> None:
    if key not in keys:
        near = difflib.get_close_matches(key.replace("-", "_").lower(), keys, 3, 0.6)
        meant = f"did you mean {' or '.join(near)}" if near else f"the keys are {', '.join(keys)}"
        raise ConfigurationError(f"{source} has the key {key!r}, which is none: {meant}")


def _check(source: Path | str, key: str, value: object) -> None:
    _check_name(source, key, KEYS)
    if not _is_of_kind(value, KEYS[key]):
        raise ConfigurationError(f"{source}: {key} is {KEYS[key]}, not {value!r}")


def _is_of_kind(value: object, kind: Kind) -> bool:
    if kind is Kind.FLAG:
        return isinstance(value, bool)
    if kind is Kind.TEXTS:
        return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
    if kind is Kind.TEXT:
        return isinstance(value, str) and bool(value)
    return not isinstance(value, bool) and isinstance(value, int if kind is Kind.WHOLE_NUMBER else int | float)
