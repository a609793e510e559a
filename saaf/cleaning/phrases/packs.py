"""Language packs: the phrases that sites print around articles, as data, one TOML file per language.

A pack is `language = "hi"` followed by `[[rule]]` tables. Each has an `id` ("hi.related"), a `kind` from `KINDS`, a
`why`, `phrases` (whole lines as a site prints them, clauses for a `statement`, never patterns), `removes` (example
texts from which the rule removes something) and `keeps` (texts from which it must remove nothing). Where a phrase may
also be a subheading of an article (`weak = true`), its line is removed only if no prose follows it directly. Those of
the phrases of a label that sentences and headlines begin with too ("By", "كتب") are listed again in `ordinary`: without
a colon they are labels only where bylines stand, with a name and nothing else after them.
"""

import json
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import regex

from saaf.cleaning.disk_cache import cached_file
from saaf.cleaning.text.normalise import phrase_key


class Role(StrEnum):
    """The effect of a phrase on its line and the lines around it."""

    LINE = "line"
    """The line itself is boilerplate."""
    HEADING = "heading"
    """It heads a run of teasers; the structure of the lines after it decides where the run ends."""
    LABEL = "label"
    """It labels a value in the same line, or in the lines after it."""
    CUE = "cue"
    """It announces another article: a teaser set into the text, or a whole second article after it."""
    STATEMENT = "statement"
    """A clause of publishers about the text or to readers: its sentence and the rest of its line are removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseKind:
    """The properties of a kind of phrase.

    `metadata` is the field of `Metadata` that a label's value is stored in, None where the value is dropped. `bare`:
    the value may follow without a colon ("Correspondent Jane Roe").
    """

    role: Role
    metadata: str | None = None
    bare: bool = False


KINDS: Final[Mapping[str, PhraseKind]] = {
    "related": PhraseKind(role=Role.HEADING),
    "popular": PhraseKind(role=Role.HEADING),
    "recommended": PhraseKind(role=Role.HEADING),
    "latest": PhraseKind(role=Role.HEADING),
    "read_also": PhraseKind(role=Role.CUE),
    "read_more": PhraseKind(role=Role.LINE),
    "comment_form": PhraseKind(role=Role.LINE),
    "share": PhraseKind(role=Role.LINE),
    "follow": PhraseKind(role=Role.LINE),
    "newsletter": PhraseKind(role=Role.LINE),
    "advertisement": PhraseKind(role=Role.LINE),
    "cookies": PhraseKind(role=Role.LINE),
    "copyright": PhraseKind(role=Role.LINE),
    "navigation": PhraseKind(role=Role.LINE),
    "paywall": PhraseKind(role=Role.LINE),
    "disclaimer": PhraseKind(role=Role.LINE),
    "tags": PhraseKind(role=Role.LABEL, metadata="tags"),
    "section": PhraseKind(role=Role.LABEL, metadata="section"),
    "source": PhraseKind(role=Role.LABEL, metadata="source"),
    "author": PhraseKind(role=Role.LABEL, metadata="author", bare=True),
    "author_box": PhraseKind(role=Role.LABEL, bare=True),
    "published": PhraseKind(role=Role.LABEL, metadata="published"),
    "updated": PhraseKind(role=Role.LABEL, metadata="modified"),
    "photo_credit": PhraseKind(role=Role.LABEL),
    "agency": PhraseKind(role=Role.LINE),
    "statement": PhraseKind(role=Role.STATEMENT),
    "comment_rules": PhraseKind(role=Role.STATEMENT),
    "paywall_prompt": PhraseKind(role=Role.STATEMENT),
}
"""The closed table of kinds: a new one is a decision about structure, not a matter of language."""


class PackError(ValueError):
    """A language pack that cannot be used; the message names the rule and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """A `[[rule]]` of a pack; `phrases` and `ordinary`, some of them that are ordinary words too, are
    `saaf.cleaning.text.normalise.phrase_key`s; `kind` is a key of `KINDS`.
    """

    id: str
    language: str
    kind: str
    why: str
    phrases: frozenset[str]
    weak: bool
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    ordinary: frozenset[str] = frozenset()

    @property
    def role(self) -> Role:
        """The effect of its phrases."""
        return KINDS[self.kind].role


_REQUIRED_KEYS: Final = ("id", "kind", "why", "phrases", "removes", "keeps")
_KIND_OF_VALUE: Final = dict.fromkeys(("phrases", "removes", "keeps", "ordinary"), "a list of texts") | {
    "weak": "true or false"
}


def parse_pack(source: str, name: str) -> tuple[PhraseRule, ...]:
    """Return the rules of a pack; `source` is its TOML, `name` its language and file name without suffix.

    Raises PackError where it is not valid.
    """
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{name}.toml is not valid TOML: {error}. Correct the line it names.") from error
    if data.get("language") != name:
        raise PackError(f'{name}.toml must begin with language = "{name}".')
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise PackError(f"{name}.toml: its rules must be tables, each headed by [[rule]].")
    rules = tuple(_parse_rule(table, name) for table in tables)
    ids = [rule.id for rule in rules]
    if double := sorted({identifier for identifier in ids if ids.count(identifier) > 1}):
        raise PackError(f"{name}.toml gives {', '.join(double)} twice: an id names one rule. Merge or rename them.")
    return rules


def _parse_rule(table: Mapping[str, Any], language: str) -> PhraseRule:
    name = f"{language}.toml, rule {table.get('id', 'without id')}"
    if missing := [key for key in _REQUIRED_KEYS if not table.get(key)]:
        raise PackError(f"{name}: {', '.join(missing)} missing or empty. Every rule needs {', '.join(_REQUIRED_KEYS)}.")
    if unknown := sorted(set(table) - {*_REQUIRED_KEYS, "weak", "ordinary"}):
        raise PackError(
            f"{name}: unknown key {', '.join(unknown)}. Known: {', '.join(_REQUIRED_KEYS)}, weak, ordinary."
        )
    if wrong := [key for key, value in table.items() if not _is_of_kind(key, value)]:
        raise PackError(f"{name}: {wrong[0]} is {_KIND_OF_VALUE.get(wrong[0], 'a text')}.")
    if table["kind"] not in KINDS:
        raise PackError(f"{name}: kind {table['kind']!r} is unknown. Choose one of {', '.join(KINDS)}.")
    if not str(table["id"]).startswith(f"{language}."):
        raise PackError(f'{name}: the id must begin with "{language}.".')
    if empty := [phrase for phrase in table["phrases"] if not phrase_key(phrase)]:
        raise PackError(f"{name}: phrase {empty[0]!r} has no letters, so that it can match nothing. Remove it.")
    phrases = frozenset(phrase_key(phrase) for phrase in table["phrases"])
    ordinary = {phrase_key(phrase): phrase for phrase in table.get("ordinary", ())}
    if other := sorted(set(ordinary) - phrases):
        raise PackError(f"{name}: {ordinary[other[0]]!r} is in ordinary, not in phrases. Add it there too.")
    return PhraseRule(
        id=table["id"],
        language=language,
        kind=table["kind"],
        why=table["why"],
        phrases=phrases,
        weak=bool(table.get("weak", False)),
        removes=tuple(table["removes"]),
        keeps=tuple(table["keeps"]),
        ordinary=frozenset(ordinary),
    )


def _is_of_kind(key: str, value: object) -> bool:
    if key == "weak":
        return isinstance(value, bool)
    if key in _KIND_OF_VALUE:
        return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
    return isinstance(value, str)


def load_packs() -> tuple[PhraseRule, ...]:
    """Return the rules of all packs, by language and in each file's order. Raises PackError."""
    packs = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in (files("saaf.cleaning.phrases") / "languages").iterdir()
        if entry.name.endswith(".toml")
    }
    sources = [f"{name}\n{packs[name]}".encode() for name in sorted(packs)]
    sources += [(files("saaf.cleaning") / code).read_bytes() for code in ("text/normalise.py", "phrases/packs.py")]
    sources += [unicodedata.unidata_version.encode(), regex.__version__.encode()]
    path = cached_file("packs.json", sources, partial(_write_packs, packs))
    if path is not None:
        try:
            return tuple(_from_json(table) for table in json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            pass  # a damaged cache is no reason to fail
    return _parsed(packs)


def _parsed(packs: Mapping[str, str]) -> tuple[PhraseRule, ...]:
    return tuple(rule for name in sorted(packs) for rule in parse_pack(packs[name], name))


def _write_packs(packs: Mapping[str, str], path: Path) -> None:
    tables = [
        asdict(rule) | {"phrases": sorted(rule.phrases), "ordinary": sorted(rule.ordinary)} for rule in _parsed(packs)
    ]
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")


def _from_json(table: dict[str, Any]) -> PhraseRule:
    lists = {name: tuple(table[name]) for name in ("removes", "keeps")}
    return PhraseRule(**table | lists | {key: frozenset(table[key]) for key in ("phrases", "ordinary")})


PACKS: Final = load_packs()
"""The phrase rules of all packs.

All of them apply to every text: a line that consists of a label and nothing else is that label in a text of any
language (Hindi sites print LEAVE A REPLY), and a wrong language identification does no harm.
"""


def phrase_index(rules: tuple[PhraseRule, ...]) -> dict[str, tuple[PhraseRule, ...]]:
    """Return the rules of each phrase, of all languages that share it; those of labels come first."""
    index: dict[str, tuple[PhraseRule, ...]] = {}
    for rule in sorted(rules, key=lambda rule: rule.role is not Role.LABEL):
        for phrase in sorted(rule.phrases):
            index[phrase] = (*index.get(phrase, ()), rule)
    return index
