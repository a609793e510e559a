"""Thresholds of quality signals derived per language from a corpus of the user's own, by the methods of FineWeb2.

FineWeb2 (Penedo et al. 2025, arXiv:2506.20920) adapted the English thresholds of FineWeb to each language by the
language's own distribution of each signal. The methods here are that paper's, as we read them:

- "tail" (its 10Tail): the limit that a given share of the documents of the language fails, a tenth by default;
- "quantile": the limit that fails the same share of documents as the English limit fails in English;
- "median_ratio": the English limit, times the median of the language, divided by that of English;
- "mean_std": the limit as many standard deviations from the mean as the English limit is from the English mean.

The score of the language identifier has a rule of its own: the median less one standard deviation, in [0.3, 0.9].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from saaf.cleaning.quality.histograms import lower_edge, mean_and_deviation, median, upper_edge
from saaf.cleaning.quality.signal_table import DUPLICATE_NGRAMS, SIGNAL_BY_NAME, TOP_NGRAMS
from saaf.cleaning.quality.thresholds import Threshold, Thresholds, preset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from saaf.cleaning.quality.histograms import Bins, Histograms
    from saaf.cleaning.quality.signal_table import Signal

Method = Literal["tail", "quantile", "median_ratio", "mean_std"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
"""The methods of `derive_thresholds`."""
REFERENCE: Final = "en_Latn"
"""The language whose published thresholds all methods but "tail" carry over."""
_Side = Literal["min", "max"]
# What FineWeb2 adapts to a language, and on which side documents fail.
_DERIVED: Final[tuple[tuple[str, _Side], ...]] = (
    ("mean_word_length", "min"),
    ("mean_word_length", "max"),
    ("alphabetic_word_share", "min"),
    ("duplicate_line_share", "max"),
    *((f"top_{n}gram_character_share", "max") for n in TOP_NGRAMS),
    *((f"duplicate_{n}gram_character_share", "max") for n in DUPLICATE_NGRAMS),
    ("line_punctuation_share", "min"),
    ("new_line_ratio", "max"),
)
_SCORE_RANGE: Final = (0.3, 0.9)
_DIGITS: Final = 4
_EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Thresholds by language key, and for each language without any the reason, in plain words."""

    thresholds: dict[str, Thresholds]
    without: dict[str, str]


def derive_thresholds(
    histograms: Histograms, *, method: Method = "tail", tail: float = 0.1, min_documents: int = 100
) -> Derivation:
    """Return thresholds for each language of a corpus, from the histograms of its signals.

    `tail` is the share of documents, in (0, 0.5), that each limit of the method "tail" fails at most. A language with
    fewer than `min_documents` documents gets none. A limit that no value can fail is left out. Raises ValueError for
    an unknown method, a tail out of range, or where a method needs English and the corpus has not enough of it.
    """
    if method not in METHODS:
        raise ValueError(f"{method!r} is no method for deriving thresholds; there are {', '.join(METHODS)}")
    if not 0 < tail < 0.5:
        raise ValueError(f"the tail is {tail}, but a share of documents between 0 and 0.5 is needed")
    if method != "tail" and histograms.documents.get(REFERENCE, 0) < min_documents:
        raise ValueError(
            f'the method "{method}" carries the thresholds of English over, and the corpus has fewer than '
            f'{min_documents} English documents; use "tail"'
        )
    found, without = {}, {}
    for key, documents in sorted(histograms.documents.items()):
        if documents < min_documents:
            without[key] = f"{documents} documents are fewer than the {min_documents} that thresholds are derived from"
        elif thresholds := tuple(_derived(histograms, key, method, tail)):
            found[key] = thresholds
        else:
            without[key] = "no limit tells its documents apart"
    return Derivation(thresholds=found, without=without)


def _derived(histograms: Histograms, key: str, method: Method, tail: float) -> Iterator[Threshold]:
    """Yield the thresholds of one language that some value of the signal can fail."""
    own, reference = histograms.bins[key], histograms.bins.get(REFERENCE, {})
    source = f"{method}, {histograms.documents[key]:,} documents in {key}"
    english = {} if method == "tail" else _english_limits()
    for name, side in _DERIVED:
        signal, bins = SIGNAL_BY_NAME[name], own.get(name)
        if not bins:
            continue
        if method == "tail":
            limit: float | None = tail_limit(signal, bins, side, tail)
        else:
            limit = _carried_over(signal, bins, reference.get(name, {}), side, method, english[name, side])
        if limit is not None and _can_fail(signal, side, limit):
            yield Threshold(signal=name, bound=side, limit=round(limit, _DIGITS), source=source)
    if bins := own.get("language_score"):
        low, high = _SCORE_RANGE
        signal = SIGNAL_BY_NAME["language_score"]
        limit = max(low, min(high, median(signal, bins) - mean_and_deviation(signal, bins)[1]))
        yield Threshold(signal=signal.name, bound="min", limit=round(limit, _DIGITS), source=source)


def _english_limits() -> dict[tuple[str, str], float]:
    sides = {"min": "min", "above": "min", "max": "max", "below": "max"}
    return {(one.signal, sides[one.bound]): one.limit for one in preset(("gopher", "fineweb"))[REFERENCE]}


def _can_fail(signal: Signal, side: _Side, limit: float) -> bool:
    return limit > 0 if side == "min" else not signal.is_share or limit < 1


def tail_limit(signal: Signal, bins: Bins, side: _Side, tail: float) -> float:
    """Return the strictest limit, an edge of a bin, that at most the share `tail` of the documents fails."""
    allowed = tail * sum(bins.values()) + _EPSILON
    failing = 0
    numbers = sorted(bins, reverse=side == "max")
    for number in numbers:
        failing += bins[number]
        if failing > allowed:
            break
    return lower_edge(signal, number) if side == "min" else upper_edge(signal, number)


def _carried_over(
    signal: Signal, bins: Bins, reference: Bins, side: _Side, method: Method, limit: float
) -> float | None:
    """Return the English `limit` carried over to the language of `bins`, None where the method is not defined."""
    if not reference:
        return None
    if method == "quantile":
        return tail_limit(signal, bins, side, _failing_share(signal, reference, side, limit))
    if method == "median_ratio":
        middle = median(signal, reference)
        return limit * median(signal, bins) / middle if middle else None
    mean, deviation = mean_and_deviation(signal, bins)
    english_mean, english_deviation = mean_and_deviation(signal, reference)
    return mean + (limit - english_mean) / english_deviation * deviation if english_deviation else None


def _failing_share(signal: Signal, bins: Bins, side: _Side, limit: float) -> float:
    """Return which share of the documents fails a limit."""
    below = limit if signal.scale else limit - 1  # the upper edge of a count's bin is a value that it holds
    failing = sum(
        count
        for number, count in bins.items()
        if (upper_edge(signal, number) <= below if side == "min" else lower_edge(signal, number) > limit)
    )
    return failing / sum(bins.values())
