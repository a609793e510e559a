"""Agreement of two language identifiers: which language they name together, if any, and how probable that is.

The first gives a probability for each of its languages and always has a favourite, even for a text in a language that
it does not know. The second answers with one language, or with none. What the numbers below were measured on:
docs/explanation/language-identifiers.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from saaf.cleaning.text.related_languages import SOUTH_SLAVIC_CODES, tell_south_slavic
from saaf.cleaning.text.second_identifier import KNOWN_CODES, second_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDELY_WRITTEN: Final = (
    "ar bg bn ca cs da de el en es fa fi fr he hi hr hu id it ja ko lt lv nl no pl pt ro ru sk sl sr sv th tr uk vi zh"
)
WIDELY_WRITTEN: Final = frozenset(_WIDELY_WRITTEN.split())
"""The languages of nearly all pages of the Web: each has about 0.1 % of Common Crawl or more. A headline in one of them
is named where the first identifier alone is for it: on the Web it is far more often that than one of the thousands of
languages which no identifier knows.
"""
_SHORT_CHARACTERS: Final = 100
"""Below it, the silence of the second identifier says little: it is silent about 1 in 5 headlines of 5 words."""
_MIN_ALONE_SHORT: Final = 0.3
_MIN_ALONE_LONG: Final = 0.8
_MIN_CONTRADICTED: Final = 0.5
_MIN_GUESSED: Final = 0.1
# Of a language that the second identifier does not know: nothing can confirm it.
_MIN_UNCONFIRMABLE: Final = 0.9
_CONFIRMABLE: Final = KNOWN_CODES - {"ckb"}  # it knows little of Sorani, and often says nothing
# The second identifier's answer counts where the first holds it for at least this many times as probable as its own.
_MIN_RATIO: Final = 0.3

_SCORE_OF_SECOND_ALONE: Final = (0.75, 0.5)  # of a longer text, of a short one
_SCORE_OF_UNCONFIRMABLE: Final = (0.5, 0.7)  # from 0.9, from 0.99
_CERTAIN: Final = 0.99
_SCORE_OF_FIRST_ALONE: Final = 0.5
_SCORE_OF_SECOND_PREFERRED: Final = 0.4
_MAX_SCORE_OF_GUESS: Final = 0.3
_MAX_GUESSES: Final = 3
# Two written standards of one language, which pages mix.
_SAME: Final = frozenset({"nn", "no"})
# Languages whose speakers understand each other: that both identifiers are in the group says that no other is meant.
_NEIGHBOURS: Final = tuple(
    frozenset(group.split()) for group in ("da nn no", "cs sk", "id ms", "nr ss xh zu", "nso st tn", "rn rw")
)


class SecondIdentifier(Protocol):
    """A function as `saaf.cleaning.text.second_identifier.second_answer`."""

    def __call__(self, text: str, *, guess: bool = False) -> str | None:
        """Return the language of a text, None where it does not say."""


Named = tuple[str | None, float, tuple[tuple[str, float], ...]]
"""A code (None where none can be named), the score in [0, 1], and the best guesses with scores where there is none."""


def name_language(
    probabilities: Mapping[str, float], text: str, first_codes: frozenset[str], ask: SecondIdentifier = second_answer
) -> Named:
    """Return the language that two identifiers name together, None with their guesses where they do not.

    `probabilities` are those of the first identifier for `text`, by code and sorted by code, among `first_codes`, all
    that it knows; `ask` is the second identifier.
    """
    favourite = max(probabilities, key=probabilities.__getitem__)  # the first of equals
    second = ask(text)
    if favourite in SOUTH_SLAVIC_CODES and (second is None or second in SOUTH_SLAVIC_CODES):
        told = tell_south_slavic(text) or (
            (favourite, _SCORE_OF_FIRST_ALONE) if second not in (None, favourite) else None
        )
        if told:
            return (*told, ())
    if second == favourite or {second, favourite} == _SAME:
        return favourite, _score_of_agreement(probabilities[favourite]), ()
    found = (
        _unconfirmed(probabilities[favourite], favourite, text, ask)
        if second is None
        else _contradicted(probabilities, favourite, second, text, first_codes)
    )
    return (*found, ()) if found else (None, *_guesses(probabilities, second))


def _score_of_agreement(probability: float) -> float:
    """Return how probable a language is that both identifiers name: from 0.6 to 0.99."""
    return round(0.6 + 0.39 * probability**6, 4)


def _unconfirmed(probability: float, favourite: str, text: str, ask: SecondIdentifier) -> tuple[str, float] | None:
    """Return the first identifier's favourite with its score where that is enough without the second; else None."""
    if favourite in WIDELY_WRITTEN:
        least = _MIN_ALONE_SHORT if len(text) < _SHORT_CHARACTERS else _MIN_ALONE_LONG
        guessed = probability < least and probability >= _MIN_GUESSED and ask(text, guess=True) == favourite
        return (favourite, _SCORE_OF_FIRST_ALONE) if probability >= least or guessed else None
    if favourite not in _CONFIRMABLE and probability >= _MIN_UNCONFIRMABLE:
        return favourite, _SCORE_OF_UNCONFIRMABLE[probability >= _CERTAIN]
    return None


def _contradicted(
    probabilities: Mapping[str, float], favourite: str, second: str, text: str, first_codes: frozenset[str]
) -> tuple[str, float] | None:
    """Return the language of a text about which the identifiers differ, with its score; None where neither wins."""
    is_short = len(text) < _SHORT_CHARACTERS
    probability = probabilities[favourite]
    sure = favourite in WIDELY_WRITTEN and probability >= (_MIN_CONTRADICTED if is_short else _MIN_ALONE_LONG)
    if second not in first_codes and not (sure and is_short):
        return (second, _SCORE_OF_SECOND_ALONE[is_short]) if second in KNOWN_CODES else None
    if second in WIDELY_WRITTEN and probabilities.get(second, 0.0) >= _MIN_RATIO * probability:
        return second, _SCORE_OF_SECOND_PREFERRED
    return (favourite, _SCORE_OF_FIRST_ALONE) if sure or {favourite, second} <= _neighbours(favourite) else None


def _neighbours(code: str) -> frozenset[str]:
    """Return the languages that a text of a few words may be in as well as in this one, itself among them."""
    return next((group for group in _NEIGHBOURS if code in group), frozenset())


def _guesses(probabilities: Mapping[str, float], second: str | None) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Return the score of the best guess, and the three best: of both identifiers, the second's counted as certain."""
    weights = dict(probabilities)
    if second in KNOWN_CODES:
        weights[str(second)] = 1.0
    best = sorted(weights, key=lambda code: (-weights[code], code))[:_MAX_GUESSES]
    guesses = tuple((code, round(_MAX_SCORE_OF_GUESS * weights[code], 4)) for code in best if weights[code] >= 0.01)
    return (guesses[0][1] if guesses else 0.0), guesses
