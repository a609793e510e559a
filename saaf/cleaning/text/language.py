"""Language identification: `py3langid`, limited to the languages that are written in the text's script, confirmed by
CLD2.

Why these identifiers, and what others scored: docs/decisions/0003-language-identifier.md, 0038-languages.md.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final
from unicodedata import normalize

import numpy
from numpy.typing import NDArray

from saaf.cleaning.text.language_agreement import name_language
from saaf.cleaning.text.language_model import Identifier, load_identifier
from saaf.cleaning.text.related_languages import decide, languages_with_rules, narrow_languages
from saaf.cleaning.text.scripts import dominant_script, han_variant, letter_counts
from saaf.cleaning.text.second_identifier import KNOWN_CODES
from saaf.cleaning.types import Language

UNKNOWN: Final = Language(code="und", script="Zyyy", score=0.0)

# The model's labels by script. A Latin label is one that is in no row, or in `_ALSO_LATIN`. Where a row has one
# language, the script decides and the model is not run.
_LABELS_BY_SCRIPT: Final = {
    "Arab": ("ar", "ary", "arz", "az", "fa", "ps", "sdh", "ug", "ur", "uzs"),
    "Armn": ("hy",),
    "Beng": ("as", "bn"),
    "Bopo": ("zh",),
    "Cher": ("chr",),
    "Cyrl": ("ba", "be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk", "uz"),
    "Deva": ("gom", "hi", "mr", "ne", "sa"),
    "Ethi": ("am",),
    "Geor": ("ka",),
    "Grek": ("el", "grc"),
    "Gujr": ("gu",),
    "Guru": ("pa",),
    "Hang": ("ko",),
    "Hebr": ("he",),
    "Jpan": ("ja",),
    "Khmr": ("km",),
    "Knda": ("kn",),
    "Laoo": ("lo",),
    "Mlym": ("ml",),
    "Mong": ("mn",),
    "Mtei": ("mni",),
    "Mymr": ("my",),
    "Nkoo": ("nqo",),
    "Olck": ("sat",),
    "Orya": ("or",),
    "Sinh": ("si",),
    "Syrc": ("syr",),
    "Taml": ("ta",),
    "Telu": ("te",),
    "Tfng": ("zgh",),
    "Thaa": ("dv",),
    "Thai": ("th",),
    "Tibt": ("bo",),
    "Yiii": ("ii",),
}
_ALSO_LATIN: Final = frozenset({"az", "sr", "tk", "tt", "ug", "uz"})
_NOT_LATIN: Final = frozenset(
    {label for labels in _LABELS_BY_SCRIPT.values() for label in labels} - _ALSO_LATIN
    | {"dz", "hbo", "wuu", "yue", "zh"}
)

# A web page is far more likely to be in the large neighbour than in one of these. Without the factor 7 of 60 short
# Spanish texts came out as something else, mostly Extremaduran and Aragonese; with it, 1. The factors were chosen on
# the texts of the benchmark; a short text in one of these languages pays for it.
_RARE_LANGUAGES: Final = (
    "ace an bcl br crh ext fo fuv fy gcf gcr gom grc gug guw kab kik li lij ltg oc pcm qu sa sdh se uzs vec vo wa"
)
# The same, more mildly, for standard languages beside a far larger one that shares most of their words.
_SMALLER_NEIGHBOURS: Final = ("bs", "ms", "ne")
_PRIORS: Final = dict.fromkeys(_RARE_LANGUAGES.split(), 0.2) | dict.fromkeys(_SMALLER_NEIGHBOURS, 0.5)

# Labels of which a corpus uses the code of the language that has the same written standard.
_CODE_OF_LABEL: Final = {"ary": "ar", "arz": "ar", "sdh": "ckb", "uzs": "uz"}

# Letters of which only the shape is another: the model knows them as bytes that hardly any language has.
_COMPATIBILITY_FORMS: Final = re.compile(
    "[\u3000\u2100-\u214f\u2160-\u2188\u24b6-\u24e9\u3131-\u318e\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffdc\U0001d400-\U0001d7ff]+"
)
# Naive Bayes has converged by then; more text would only cost time (about 0.6 ms per 1,000 letters): 3,000 instead, or
# 400, give none of 1,579 pages another language or script.
_MAX_CHARACTERS: Final = 1000
# A Japanese headline may have kanji alone (東京都庁), but hardly more of them than this.
_MIN_CERTAIN_HAN: Final = 30
# Characters of written Cantonese alone: "zh" is the code, but not the standard that most of it is in.
_CANTONESE: Final = re.compile("[佢哋喺嘅咗冇嚟唔啲嗰嘢咁啱]")
_CANTONESE_SCORE: Final = 0.9
# A line of this many bytes is a sentence, not a menu entry or a label, in any script: 75 Latin letters, 25 Hindi ones.
_MIN_SENTENCE_BYTES: Final = 75
_MIN_PROSE_BYTES: Final = 300  # with less prose the whole text counts


@cache
def _model() -> Identifier:
    return load_identifier()


def load_compiled() -> None:
    """Load the compiled loop of the model now, where numba is installed, and use it from the first text on."""
    _model().load_compiled()


@cache
def identifiable_codes() -> frozenset[str]:
    """Return all codes that `identify` can return, "und" among them."""
    return _first_codes() | KNOWN_CODES


@cache
def _first_codes() -> frozenset[str]:
    """Return the codes of the languages that the model, a script or letters tell, and "und"."""
    labels = {*_model().labels, *(label for labels in _LABELS_BY_SCRIPT.values() for label in labels)}
    codes = {_CODE_OF_LABEL.get(label, label) for label in labels} - {"zxx", "hbo", "wuu", "yue"}
    return frozenset(codes | languages_with_rules() | {"und", "zh"})


def identify(text: str) -> Language:
    """Return the language that most of the prose of `text` is in, and its script.

    Lines shorter than a sentence (menus, labels, prompts in another language) do not count where there is prose
    enough. `score` is the probability in [0, 1] that the language is right, rounded to four digits, were half of the
    texts ordinary pages and half in any of 400 languages. `code` is "und" where the text has no letters (then `script`
    is "Zyyy"), or where two identifiers do not agree and none is sure enough: then `guesses` has what they took it for.
    Written Chinese is "zh", whichever Chinese language it is, and certain only from 30 characters on, for kanji alone
    may be Japanese. Never raises, never uses the network.
    """
    prose = _fold_compatibility(_prose(text))
    counts = letter_counts(prose)
    if not counts:
        return UNKNOWN
    script = dominant_script(counts)
    if script == "Hani":
        return Language(code="zh", script=han_variant(prose), score=_score_of_han(prose, counts["Hani"]))
    if script != "Latn" and script not in _LABELS_BY_SCRIPT:
        return Language(code="und", script=script, score=0.0)
    if decision := decide(prose, script):
        return Language(code=decision[0], script=script, score=decision[1])
    candidates = narrow_languages(prose, script, _LABELS_BY_SCRIPT.get(script, ()))
    if len(candidates) == 1:
        return Language(code=candidates[0], script=script, score=1.0)
    return _most_probable(prose, script, candidates)


def _score_of_han(text: str, count: int) -> float:
    """Return the score of "zh" for a text with `count` Han letters and no kana: it grows with the length, from 0.5."""
    certain = _CANTONESE_SCORE if _CANTONESE.search(text) else 1.0
    return round(min(certain, 0.5 + count / (2 * _MIN_CERTAIN_HAN)), 4)


def identify_or_accept(text: str, code: str | None) -> Language:
    """Return the language of `text`: the one with the ISO 639 `code` where that is known, else the identified one."""
    identified = identify(text)
    return identified if code in (None, identified.code) else replace(identified, code=str(code), score=1.0, guesses=())


def _fold_compatibility(text: str) -> str:
    """Return `text` with presentation forms, full-width and mathematical letters and ligatures as plain letters."""
    return _COMPATIBILITY_FORMS.sub(lambda run: normalize("NFKC", run[0]), text)


def _prose(text: str) -> str:
    """Return the lines long enough to be sentences, or the whole text where they are too few; 1,000 characters."""
    sentences = (line for line in text.split("\n") if len(line.encode("utf-8", "replace")) >= _MIN_SENTENCE_BYTES)
    prose = ""
    for sentence in sentences:
        prose += f"{sentence}\n"
        if len(prose) > _MAX_CHARACTERS:
            break
    if len(prose.encode("utf-8", "replace")) <= _MIN_PROSE_BYTES:
        prose = text
    return prose[:_MAX_CHARACTERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidates:
    """The columns of the model that count for some labels, by code; `priors` are their weights."""

    columns: NDArray[numpy.int64]
    priors: NDArray[numpy.float64]
    starts: NDArray[numpy.int64]  # of the columns of each code
    codes: tuple[str, ...]


@cache
def _columns_of(candidates: tuple[str, ...]) -> _Candidates:
    """Return the columns of the candidate labels, of all Latin labels where there are none, sorted by code."""
    labels = _model().labels
    found = sorted(
        (_CODE_OF_LABEL.get(label, label), column, _PRIORS.get(label, 1.0))
        for column, label in enumerate(labels)
        if (label in candidates if candidates else label not in _NOT_LATIN)
    )
    codes = [code for code, _, _ in found]
    return _Candidates(
        columns=numpy.array([column for _, column, _ in found]),
        priors=numpy.array([prior for _, _, prior in found]),
        starts=numpy.array([place for place, code in enumerate(codes) if code not in codes[:place]]),
        codes=tuple(dict.fromkeys(codes)),
    )


def _most_probable(text: str, script: str, candidates: tuple[str, ...]) -> Language:
    """Return the most probable of the candidate labels, of all Latin labels where there are none."""
    among = _columns_of(candidates)
    weights = _model().probabilities(text)[among.columns] * among.priors
    by_code = numpy.add.reduceat(weights, among.starts)
    shares = by_code / (float(by_code.sum()) or 1.0)
    probabilities = dict(zip(among.codes, shares.tolist(), strict=True))
    probabilities.pop("zxx", None)
    code, score, guesses = name_language(probabilities, text, _first_codes())
    return Language(code=code or "und", script=script, score=score, guesses=guesses)
