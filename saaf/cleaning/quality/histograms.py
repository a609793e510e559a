"""Histograms of quality signals per language: exact counts in fixed bins, so that parts add up in any order."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.quality.language_keys import language_key
from saaf.cleaning.quality.signal_table import SIGNAL_BY_NAME, SIGNALS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.cleaning.quality.signal_table import Signal

Bins = dict[int, int]
"""The number of documents by bin."""
_EXACT_COUNTS: Final = 100  # counts below are kept as they are
_ROUNDING: Final = 1e-6  # of values, which are rounded to six digits
_MAX_BIN: Final = 1_000_000  # of ratios: 1,000 and more are one bin


class Histograms:
    """The histograms of the documents of some languages; the sum of parts is that of the whole, in any order.

    `documents` is the number of documents by language key, `bins` the number by key, signal and bin; a document whose
    value is None is in no bin.
    """

    def __init__(self) -> None:
        self.documents: dict[str, int] = {}
        self.bins: dict[str, dict[str, Bins]] = {}

    def add(self, language: str, script: str, signals: Mapping[str, float | int | None]) -> None:
        """Count one document with these signals (`quality_signals`)."""
        key = language_key(language, script)
        self.documents[key] = self.documents.get(key, 0) + 1
        of_key = self.bins.setdefault(key, {})
        for signal in SIGNALS:
            value = signals.get(signal.name)
            if value is not None:
                bins, number = of_key.setdefault(signal.name, {}), bin_of(signal, value)
                bins[number] = bins.get(number, 0) + 1

    def merge(self, other: Histograms) -> None:
        """Add the documents of `other` to these."""
        for key, documents in other.documents.items():
            self.documents[key] = self.documents.get(key, 0) + documents
        for key, signals in other.bins.items():
            for name, counts in signals.items():
                bins = self.bins.setdefault(key, {}).setdefault(name, {})
                for number, count in counts.items():
                    bins[number] = bins.get(number, 0) + count

    def to_json(self) -> dict[str, Any]:
        """Return the histograms as JSON values, sorted: equal histograms are equal bytes."""
        return {
            key: {
                "documents": self.documents[key],
                "bins": {
                    name: [[number, bins[number]] for number in sorted(bins)]
                    for name, bins in sorted(self.bins.get(key, {}).items())
                },
            }
            for key in sorted(self.documents)
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Mapping[str, Any]]) -> Histograms:
        """Return the histograms of `to_json`. Raises ValueError where it is not of that form."""
        made = cls()
        try:
            for key, language in value.items():
                made.documents[key], made.bins[key] = _parsed(language)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError("the histograms of quality signals are damaged; build them again") from error
        return made


def _parsed(language: Mapping[str, Any]) -> tuple[int, dict[str, Bins]]:
    """Return the number of documents and the bins of one language, from JSON."""
    bins = {
        str(name): {int(number): int(count) for number, count in counts}
        for name, counts in language["bins"].items()
        if name in SIGNAL_BY_NAME
    }
    return int(language["documents"]), bins


def bin_of(signal: Signal, value: float) -> int:
    """Return the bin of a value: of a share, a thousandth; of a count, the count with two significant digits."""
    if signal.scale:
        return min(_MAX_BIN, math.floor(value * signal.scale + _ROUNDING))
    count = int(value)
    if count < _EXACT_COUNTS:
        return count
    step = _step(count)
    return int(count // step * step)


def lower_edge(signal: Signal, number: int) -> float:
    """Return the least value of a bin."""
    return number / signal.scale if signal.scale else number


def upper_edge(signal: Signal, number: int) -> float:
    """Return the value that no value of a bin is above: of a count the greatest one, else where the next bin begins."""
    if signal.scale:
        edge = (number + 1) / signal.scale
        return min(1.0, edge) if signal.is_share else edge
    return number if number < _EXACT_COUNTS else number + _step(number) - 1


def _step(count: int) -> int:
    """Return the width of the bin of a count of three digits or more."""
    return int(10 ** (len(str(count)) - 2))


def median(signal: Signal, bins: Bins) -> float:
    """Return the lower median of a histogram that is not empty, as the lower edge of its bin."""
    half, below = sum(bins.values()), 0
    for number in sorted(bins):
        below += bins[number]
        if 2 * below >= half:
            break
    return lower_edge(signal, number)


def mean_and_deviation(signal: Signal, bins: Bins) -> tuple[float, float]:
    """Return the mean and the standard deviation of a histogram that is not empty, of the lower edges of the bins."""
    number = sum(bins.values())
    first = sum(value * count for value, count in bins.items())
    second = sum(value * value * count for value, count in bins.items())
    variance = Fraction(second, number) - Fraction(first, number) ** 2
    scale = signal.scale or 1
    return first / number / scale, math.sqrt(variance) / scale
