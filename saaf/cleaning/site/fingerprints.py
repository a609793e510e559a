"""What is the same in the lines and places of a site's pages, when numbers, dates, names and ids differ."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import regex

from saaf.cleaning.dates.calendars import date_words
from saaf.cleaning.text.folding import date_word_key
from saaf.cleaning.text.normalise import phrase_key
from saaf.cleaning.text.scripts import UNSPACED_CHARACTER
from saaf.cleaning.text.urls import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Follows = Mapping[tuple[str, str], int]

_LONGEST: Final = 120  # characters of a fingerprint that stay readable; what a longer line adds to it is a digest
_WORDS: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LABEL: Final = regex.compile(r"^\s*([^:：|｜]{1,30}?)\s*[:：|｜]\s*\S")
_HEAD: Final = 80  # characters
_WHOLE_WORDS: Final = 4  # so many words in the head, then the first three are whole: a number among them masks names
_MOST_BEGUN: Final = 14  # words: bylines, photo credits, "Continue reading ..."; a longer line is a sentence
_BEGINNING: Final = 2  # words
_DIGITS: Final = regex.compile(r"\p{Nd}+")
_NUMBER: Final = regex.compile(r"\p{N}")


@lru_cache(maxsize=8192)
def fingerprint(line: str) -> str:
    """Return the form of `line` in which copies of it on other pages are equal, "" where it has no letters or digits.

    Case, accents, letter variants and punctuation do not count; a number, or a date of numbers and names of months or
    weekdays in any of fifty languages, is "0". Readable; the end of a long line is replaced by a digest of the whole.
    """
    words = _WORDS.findall(phrase_key(line)) or _WORDS.findall(_DIGITS.sub("0", line))
    names = date_words() if "0" in words else frozenset[str]()
    masked: list[str] = []
    for index, word in enumerate(words):
        near = "0" in words[max(0, index - 2) : index + 3]
        shown = "0" if near and date_word_key(word) in names else word
        if shown != "0" or masked[-1:] != ["0"]:
            masked.append(shown)
    text = " ".join(masked)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… {digest_of(text, 8)}"


def first_word(line: str) -> str | None:
    """Return the first word of the `fingerprint` and of the `beginning` of a line, None where that needs more than its
    first words: a paragraph of which no known line has the first word need not be spelled out.
    """
    words = _WORDS.findall(phrase_key(line[:_HEAD]))
    if len(words) < _WHOLE_WORDS or "0" in words[:_WHOLE_WORDS]:
        return None
    label = _LABEL.match(line)
    return None if label and _NUMBER.search(label[1]) else str(words[0])


@lru_cache(maxsize=8192)
def beginning(line: str) -> str:
    """Return the fingerprint of what begins a short line whose rest is a name or a title: the label before a colon or
    a bar, else its first two words; "" for a line that is not short, has nothing more, or has no spaces between words.
    """
    if label := _LABEL.match(line):
        return fingerprint(label[1])
    if len(line) > 240 or UNSPACED_CHARACTER.search(line[:40]):
        return ""
    words = fingerprint(line).split(" ")
    return " ".join(words[:_BEGINNING]) if _BEGINNING < len(words) <= _MOST_BEGUN else ""


def line_digests(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the digests of those lines that hold a letter or a digit, in their order; blanks do not count."""
    return tuple([line_digest(text) for text in texts if has_text(text)])


def has_text(text: str) -> bool:
    """Return whether a line holds a letter or a digit."""
    return any(map(str.isalnum, text))


def line_digest(text: str) -> str:
    """Return the digest of a line, 8 hexadecimal digits; runs of blanks count as one."""
    return digest_of(" ".join(text.split()), 8)
