"""Sentence ends: the terminal punctuation marks of the world's scripts, and what may close a sentence after one.

The one table; every pattern and every set of such marks is derived from it. The reference is Unicode's property
`Sentence_Terminal` (PropList.txt, UAX #29), of which the table holds all marks of the Basic Multilingual Plane but one:
U+2024, which Armenian writers type for their colon and in abbreviations. Thai and Lao write no mark at the end of a
sentence, so that only length tells prose there; the Tibetan shad ends phrases as well as sentences and has not the
property.
"""

from __future__ import annotations

import re
from typing import Final

QUESTION_AND_EXCLAMATION_MARKS: Final = (
    "!?‼‽⁇⁈⁉⸮！？﹖﹗︕︖"  # of no one script; full-width, small and vertical forms
    "؟"  # Arabic
    "፧"  # Ethiopic
    "߹"  # N'Ko
    "᥄᥅"  # Limbu
    "⳺⳻"  # Coptic
    "꘏"  # Vai
    "꛷"  # Bamum
    "꫱"  # Meetei Mayek
    "⹓⹔"  # of medieval manuscripts
)
"""Marks that end a question or an exclamation."""
FULL_STOPS: Final = (
    ".。｡．﹒︒"  # of no one script; half-width, full-width, small and vertical forms
    "։"  # Armenian
    "؝؞۔"  # Arabic, Urdu
    "܀܁܂"  # Syriac
    "࠷࠹࠽࠾"  # Samaritan
    "।॥"  # Devanagari, Bengali and most others of India
    "၊။"  # Myanmar
    "።፨"  # Ethiopic
    "᙮"  # Canadian syllabics
    "᜵᜶"  # of the Philippines
    "។៕"  # Khmer
    "᠃᠉"  # Mongolian
    "᪨᪩᪪᪫"  # Tai Tham
    "\u1b4e\u1b4f᭚᭛᭞᭟\u1b7d\u1b7e\u1b7f"  # Balinese
    "᰻᰼"  # Lepcha
    "᱾᱿"  # Ol Chiki
    "⳹"  # Coptic
    "⸼\u2e60\u2e61"  # of shorthand, of medieval manuscripts
    "꓿"  # Lisu
    "꘎"  # Vai
    "꛳"  # Bamum
    "꡶꡷"  # Phags-pa
    "꣎꣏"  # Saurashtra
    "꤯"  # Kayah Li
    "꧈꧉"  # Javanese
    "꩝꩞꩟"  # Cham
    "꫰꯫"  # Meetei Mayek
)
"""Marks that end a statement."""
SENTENCE_TERMINALS: Final = FULL_STOPS + QUESTION_AND_EXCLAMATION_MARKS
"""All marks that end a sentence. No ellipsis: a text that ends with one may be an excerpt that breaks off."""
ELLIPSIS: Final = "…"
TERMINALS_OR_ELLIPSIS: Final = SENTENCE_TERMINALS + ELLIPSIS
CLOSING_QUOTES: Final = "\"'”’»›“‘«‹」』"
"""Quotation marks that may stand behind the mark that ends a sentence: „…“ and »…« close with what opens elsewhere."""
CLOSING_BRACKETS: Final = ")]}）］｝】〉》〕"
CLOSERS: Final = CLOSING_QUOTES + CLOSING_BRACKETS
"""What may follow the mark that ends a sentence, and the sentence is none the less ended."""


def character_set(characters: str) -> str:
    """Return the inside of a regular expression's bracket that matches one of `characters`, for `re` and `regex`."""
    return "".join(f"\\{each}" if each in r"[]\^-&|~" else each for each in characters)


TERMINAL_CLASS: Final = character_set(SENTENCE_TERMINALS)
TERMINAL_OR_ELLIPSIS_CLASS: Final = character_set(TERMINALS_OR_ELLIPSIS)
CLOSER_CLASS: Final = character_set(CLOSERS)
CLOSING_QUOTE_CLASS: Final = character_set(CLOSING_QUOTES)

SENTENCE_END: Final = re.compile(f"[{TERMINAL_OR_ELLIPSIS_CLASS}][{CLOSER_CLASS}]*$")
"""Matches the end of a text that ends as a sentence does, or with an ellipsis."""
