"""Scripts of a document and languages of its paragraphs, for documents in more than one language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from saaf.cleaning.text.language import UNKNOWN, identify
from saaf.cleaning.text.scripts import letter_counts
from saaf.cleaning.types import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_MIN_BYTES: Final = 75  # UTF-8 bytes of a paragraph that is identified by itself: a sentence in any script
_MAX_CHARACTERS: Final = 160  # of a paragraph that are looked at: a sentence or two
_MIN_SCORE: Final = 0.6  # below it, a paragraph in the script of the document's language is taken to be in that
_ORTHOGRAPHIES: Final = {"Hani": ("Hans", "Hant", "Jpan"), "Hira": ("Jpan",), "Kana": ("Jpan",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSpan:
    """Paragraphs of a text, one after the other, in one language: `[start, end)` in code points, without the blank
    lines around them. `language.score` is the mean of the paragraphs, by their length.
    """

    start: int
    end: int
    language: Language


def paragraph_languages(
    text: str, main: Language | None = None, *, identify: Callable[[str], Language] = identify
) -> tuple[LanguageSpan, ...]:
    """Return the languages of the paragraphs (lines that are not blank) of a text, neighbours in one language merged.

    `main` is the language of the document, None where it is to be identified. A paragraph of less than 75 bytes, or of
    which the identifier is not sure, is taken to be in the language of the one before it (else the one after it, else
    `main`) where its letters are in that script; else it is "und". A text without letters has no spans. `identify`
    names the language of a text.
    """
    main = identify(text) if main is None else main
    found = [(start, end, _identified(text[start:end], main, identify)) for start, end in _paragraphs(text)]
    spans: list[LanguageSpan] = []
    for at, (start, end, identified) in enumerate(found):
        nearby = [one.language for one in spans[-1:]] + [one for _, _, one in found[at + 1 : at + 2] if one]
        language = identified or _inherited(text[start:end], [*nearby, main])
        if language is not None:
            spans.append(LanguageSpan(start=start, end=end, language=language))
    merged = groupby(spans, key=lambda span: (span.language.code, span.language.script))
    return tuple(_merged(list(group)) for _, group in merged)


def main_language_share(spans: Iterable[LanguageSpan], main: Language) -> float | None:
    """Return which share of the characters of `spans` is in the language and script of `main`, in [0, 1] with four
    digits; None where there are none.
    """
    whole = own = 0
    for span in spans:
        whole += span.end - span.start
        own += (span.end - span.start) * ((span.language.code, span.language.script) == (main.code, main.script))
    return round(own / whole, 4) if whole else None


def script_shares(text: str) -> dict[str, float]:
    """Return which share of the letters of a text is of each script (ISO 15924), the largest first; {} without letters.

    >>> script_shares("नमस्ते ABC")
    {'Deva': 0.625, 'Latn': 0.375}
    """
    counts = letter_counts(text)
    whole = sum(counts.values())
    by_size = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {script: round(count / whole, 4) for script, count in by_size}


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the half-open spans of the lines that are not blank, without the white space around them."""
    spans, start = [], 0
    for line in text.split("\n"):
        if stripped := line.strip():
            first = start + len(line) - len(line.lstrip())
            spans.append((first, first + len(stripped)))
        start += len(line) + 1
    return spans


def _identified(paragraph: str, main: Language, identify: Callable[[str], Language]) -> Language | None:
    """Return the language of a paragraph, None where it is too short or its language is not sure."""
    beginning = paragraph[:_MAX_CHARACTERS]
    if len(beginning.encode("utf-8", "replace")) < _MIN_BYTES:
        return None
    language = identify(beginning)
    if language.script == UNKNOWN.script:
        return None
    if language.score < _MIN_SCORE and language.script == main.script:
        return None
    return language


def _inherited(paragraph: str, candidates: Sequence[Language]) -> Language | None:
    """Return the first of the candidates that is in the script of a paragraph, "und" where none is; None where the
    paragraph has no letters and goes with none.
    """
    script = next(iter(script_shares(paragraph[:_MAX_CHARACTERS])), None)
    if script is None:
        return candidates[0] if candidates[0].code != UNKNOWN.code else None
    for one in candidates:
        if one.script == script or one.script in _ORTHOGRAPHIES.get(script, ()):
            return one
    return Language(code=UNKNOWN.code, script=script, score=0.0)


def _merged(spans: Sequence[LanguageSpan]) -> LanguageSpan:
    """Return neighbouring spans of one language as one."""
    size = sum(span.end - span.start for span in spans)
    score = sum((span.end - span.start) * span.language.score for span in spans) / size
    language = replace(spans[0].language, score=round(score, 4))
    return LanguageSpan(start=spans[0].start, end=spans[-1].end, language=language)
