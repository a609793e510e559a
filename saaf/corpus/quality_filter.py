"""The quality filter of a build: thresholds per language, published ones, those of a file, or derived from the corpus.

The file is TOML: a table for each language in its script, in it a table for each signal, with limits:

    [hi_Deva.word_count]
    min = 50
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.quality.language_keys import language_key
from saaf.cleaning.quality.thresholds import PRESETS, parse_thresholds, preset, to_limits, unfiltered_note
from saaf.cleaning.text.language_codes import parse_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from saaf.cleaning.quality.derive import Derivation
    from saaf.cleaning.quality.thresholds import Thresholds

DERIVED: Final = "derived"
"""The name of thresholds that are derived from the documents of the build itself."""
_SUFFIX: Final = ".toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFilter:
    """A filter by quality: `names` are presets, `DERIVED` and names of files, as they were given.

    `thresholds` are pairs of a language's key ("hi_Deva") and its thresholds, of all but `DERIVED`.
    """

    names: tuple[str, ...]
    thresholds: tuple[tuple[str, Thresholds], ...]

    @property
    def derives(self) -> bool:
        """Whether thresholds are derived from the documents of the build."""
        return DERIVED in self.names

    def table(self, derived: Mapping[str, Thresholds] | None = None) -> dict[str, Thresholds]:
        """Return all thresholds by language key; those that were `derived` come last."""
        return _united([self.thresholds, (derived or {}).items()])


def parse_quality_filter(names: Sequence[str]) -> QualityFilter | None:
    """Return the filter by presets, "derived" and files of thresholds (FILE.toml), None for no names.

    All thresholds apply, in the order of the names. Raises ValueError for an unknown name, and for a file that cannot
    be read or holds no thresholds.
    """
    tables: list[Mapping[str, Thresholds]] = []
    shown: list[str] = []
    for name in dict.fromkeys(names):
        if name in PRESETS:
            tables.append(preset([name]))
        elif name.endswith(_SUFFIX):
            tables.append(read_thresholds(Path(name)))
        elif name != DERIVED:
            raise ValueError(
                f"{name!r} is no quality filter: give {', '.join(PRESETS)}, {DERIVED}, or a file of thresholds "
                "(its name ends with .toml)"
            )
        shown.append(Path(name).name if name.endswith(_SUFFIX) else name)
    if not shown:
        return None
    thresholds = tuple(_united(table.items() for table in tables).items())
    return QualityFilter(names=tuple(shown), thresholds=thresholds)


def _united(tables: Iterable[Iterable[tuple[str, Thresholds]]]) -> dict[str, Thresholds]:
    """Return several tables of thresholds as one, sorted by language; those of one language follow each other."""
    united: dict[str, Thresholds] = {}
    for table in tables:
        for key, thresholds in table:
            united[key] = (*united.get(key, ()), *thresholds)
    return dict(sorted(united.items()))


def read_thresholds(path: Path) -> dict[str, Thresholds]:
    """Return the thresholds of a file, by language key. Raises ValueError where it cannot be read or holds none."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: the file of thresholds cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, nested too deep
        raise ValueError(f"{path}: the file of thresholds is no TOML: {error}") from error
    try:
        found = {_key(name): parse_thresholds(_tables(name, limits), path.name) for name, limits in content.items()}
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if len(found) < len(content):
        raise ValueError(f"{path}: two tables are of one language; put their thresholds into one")
    if not any(found.values()):
        raise ValueError(f"{path}: the file holds no thresholds; such a table is [hi_Deva.word_count] with min = 50")
    return found


def _key(name: str) -> str:
    """Return the key of a language as a file names it: "hi_Deva", "hin_Deva", "zh_Hans". Raises ValueError."""
    (parsed,) = parse_languages([name])
    code, _, script = parsed.partition("_")
    if not script:
        raise ValueError(f"[{name}] names no script; thresholds are of a language in a script, such as [{name}_Latn]")
    return language_key(code, script)


def _tables(name: str, limits: Any) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(limits, dict) or not all(isinstance(bounds, dict) for bounds in limits.values()):
        raise ValueError(f"[{name}] must hold a table for each signal, such as [{name}.word_count] with min = 50")
    return limits


def write_toml(derivation: Derivation) -> str:
    """Return derived thresholds as a file that `read_thresholds` reads; languages without are named in comments."""
    lines = ["# Derived from a corpus. Edit what you like, then: saaf build INPUT -o OUT --quality-filter FILE.toml"]
    for key, thresholds in sorted(derivation.thresholds.items()):
        lines += ["", f"# {key}: {thresholds[0].source}"]
        for signal, bounds in to_limits(thresholds).items():
            lines += [f"[{key}.{signal}]", *(f"{bound} = {limit!r}" for bound, limit in bounds.items())]
    lines += ["", *(f"# {key} has none: {reason}" for key, reason in sorted(derivation.without.items()))]
    return "\n".join(lines).rstrip("\n") + "\n"


def unfiltered_notes(described: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a sentence on each language that was not filtered, of what the manifest records of a filter."""
    notes = []
    for key, documents in described["unfiltered"].items():
        language, _, script = key.rpartition("_")
        note, reason = unfiltered_note(language, script, documents), described["not_derived"].get(key)
        notes.append(f"{note.removesuffix('.')} ({reason})." if reason else note)
    return tuple(notes)
