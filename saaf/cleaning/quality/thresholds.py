"""Thresholds of quality signals per language: the published ones as presets, and the first that a document fails.

A language for which there are none is filtered by none: its documents pass, and `unfiltered_note` says so.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from babel import Locale

from saaf.cleaning.quality.language_keys import language_key
from saaf.cleaning.quality.signal_table import SIGNAL_BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from saaf.cleaning.quality.signal_table import Signal

Bound = Literal["min", "max", "above", "below"]
_BOUNDS: Final = ("min", "max", "above", "below")
PRESETS: Final = ("gopher", "c4", "fineweb", "fineweb2")
"""The presets: published thresholds (`presets.toml`). FineWeb2's are for 21 languages, the others for English."""
_SOURCES: Final = {"gopher": "Gopher", "c4": "C4", "fineweb": "FineWeb", "fineweb2": "FineWeb2"}
_MORE_THAN: Final[dict[Bound, str]] = {
    "min": "less than",
    "max": "more than",
    "above": "not more than",
    "below": "not less than",
}
_MAX_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit of one signal (a name of `SIGNALS`), and the `source` that it is from.

    A document passes where its value is at least ("min"), at most ("max"), above or below `limit`, or is None.
    """

    signal: str
    bound: Bound
    limit: float
    source: str

    def passes(self, value: float | None) -> bool:
        """Return whether a document with this value of the signal passes."""
        if value is None:
            return True
        if self.bound == "min":
            return value >= self.limit
        if self.bound == "max":
            return value <= self.limit
        return value > self.limit if self.bound == "above" else value < self.limit


Thresholds = tuple[Threshold, ...]
"""The thresholds of one language in one script, in the order in which they are tested."""


def first_failed(signals: Mapping[str, float | int | None], thresholds: Thresholds | None) -> str | None:
    """Return why a document fails the first threshold that it fails, in plain words; None where it passes.

    `signals` are the values by name, as of `quality_signals`; `thresholds` those of the document's language, None
    where it has none: then it passes.

    >>> repeated = Threshold(signal="duplicate_5gram_character_share", bound="max", limit=0.15, source="Gopher")
    >>> first_failed({"duplicate_5gram_character_share": 0.61}, (repeated,))
    '61 % of its characters are in repeated 5-grams, more than 15 % (Gopher)'
    """
    for threshold in thresholds or ():
        value = signals.get(threshold.signal)
        if value is not None and not threshold.passes(value):
            return _reason(threshold, value)
    return None


def _reason(threshold: Threshold, value: float) -> str:
    signal = SIGNAL_BY_NAME[threshold.signal]
    shown, limit = _distinct(signal, value, threshold.limit)
    return f"{signal.phrase.format(shown)}, {_MORE_THAN[threshold.bound]} {limit} ({threshold.source})"


def _distinct(signal: Signal, value: float, limit: float) -> tuple[str, str]:
    """Return a value and a limit as text, with as many decimals as it takes to tell them apart."""
    for decimals in range(0 if signal.is_share or signal.type is int else 2, _MAX_DECIMALS + 1):
        shown, bound = _text(signal, value, decimals), _text(signal, limit, decimals)
        if shown != bound or value == limit:
            break
    return shown, _text(signal, limit, _MAX_DECIMALS if value == limit else decimals + 1)


def _text(signal: Signal, value: float, decimals: int) -> str:
    number = value * 100 if signal.is_share else value
    text = f"{number:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} %" if signal.is_share else text


def unfiltered_note(language: str, script: str, documents: int) -> str:
    """Return the sentence that says of a language without thresholds that nothing of it was filtered.

    >>> unfiltered_note("ti", "Ethi", 12)
    'There are no quality thresholds for Tigrinya (ti_Ethi): its 12 documents were kept whatever their quality.'
    """
    key = language_key(language, script)
    name = Locale("en").languages.get(language)
    shown = f"{name} ({key})" if name and language != "und" else key
    kept = "1 document was" if documents == 1 else f"{documents:,} documents were"
    return f"There are no quality thresholds for {shown}: its {kept} kept whatever their quality."


def thresholds_for(table: Mapping[str, Thresholds], language: str, script: str) -> Thresholds | None:
    """Return the thresholds of a language in a script from a table by `language_key`, None where it has none."""
    return table.get(language_key(language, script))


def preset(names: Iterable[str]) -> dict[str, Thresholds]:
    """Return the thresholds of one or more of `PRESETS`, by language key.

    Those of several presets all apply, in the order of `names`. Raises ValueError for a name that is not a preset.
    """
    table: dict[str, Thresholds] = {}
    for name in names:
        if name not in PRESETS:
            raise ValueError(f"{name!r} is no preset of quality thresholds; there are {', '.join(PRESETS)}")
        for key, thresholds in _presets()[name].items():
            table[key] = (*table.get(key, ()), *thresholds)
    return table


@cache
def _presets() -> dict[str, dict[str, Thresholds]]:
    content = tomllib.loads((files("saaf.cleaning.quality") / "presets.toml").read_text(encoding="utf-8"))
    return {
        name: {key: parse_thresholds(limits, _SOURCES[name]) for key, limits in languages.items()}
        for name, languages in content.items()
    }


def parse_thresholds(limits: Mapping[str, Mapping[str, Any]], source: str) -> Thresholds:
    """Return the thresholds of one language from a table of TOML, e.g. `{"word_count": {"min": 50}}`.

    Raises ValueError where a signal or a bound does not exist, or a limit is no number.
    """
    found = [
        Threshold(signal=signal, bound=cast("Bound", bound), limit=limit, source=source)
        for signal, bounds in limits.items()
        for bound, limit in _checked(signal, bounds).items()
    ]
    order = list(SIGNAL_BY_NAME)
    return tuple(sorted(found, key=lambda one: order.index(one.signal)))


def _checked(signal: str, bounds: Mapping[str, Any]) -> Mapping[str, Any]:
    if signal not in SIGNAL_BY_NAME:
        raise ValueError(f"{signal!r} is no quality signal; the signals are {', '.join(SIGNAL_BY_NAME)}")
    for bound, limit in bounds.items():
        is_number = isinstance(limit, int | float) and not isinstance(limit, bool) and math.isfinite(limit)
        if bound not in _BOUNDS or not is_number:
            raise ValueError(f"{signal}: {bound} = {limit!r} is no limit; use min, max, above or below, and a number")
    return bounds


def to_limits(thresholds: Sequence[Threshold]) -> dict[str, dict[str, float]]:
    """Return thresholds as the table that `parse_thresholds` reads."""
    limits: dict[str, dict[str, float]] = {}
    for one in thresholds:
        limits.setdefault(one.signal, {})[one.bound] = one.limit
    return limits
