"""Writing systems (ISO 15924 codes): which have no spaces between words, and how many letters of which a text holds."""

import re
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import regex

from saaf.cleaning.disk_cache import cached_file

UNSPACED_SCRIPTS: Final = {
    "Bali": "Balinese",
    "Bopo": "Bopomofo",
    "Hani": "Han",
    "Hira": "Hiragana",
    "Java": "Javanese",
    "Kana": "Katakana",
    "Khmr": "Khmer",
    "Lana": "Tai_Tham",
    "Laoo": "Lao",
    "Mymr": "Myanmar",
    "Tale": "Tai_Le",
    "Talu": "New_Tai_Lue",
    "Tavt": "Tai_Viet",
    "Thai": "Thai",
    "Yiii": "Yi",
}
"""Scripts written without spaces between words, ISO 15924 code to Unicode name: each letter, with the marks after it,
is taken as a word. The one table; `saaf.dedupe.characters` has its own copy, which a test compares with it.
"""
KANA_MARKS: Final = "\u3099\u309a\u30fc\uff70"
"""Voicing marks and the long-vowel sign: of Hiragana and Katakana both, so that their `Script` is neither."""
UNSPACED_CLASS: Final = "".join(rf"\p{{Script={name}}}" for name in UNSPACED_SCRIPTS.values()) + KANA_MARKS
"""The same as the inside of a bracket of `regex`; marks of the scripts are in it too."""
UNSPACED_CHARACTER: Final = regex.compile(f"[{UNSPACED_CLASS}]")

_SYLLABLE_MARKED_SCRIPTS: Final = {"Tibt": "Tibetan"}  # a mark (tsheg) parts syllables, nothing parts words
_SCRIPTS_WITH_HAN: Final = ("Hans", "Hant", "Jpan")  # codes of orthographies, not of scripts that Unicode names
UNSPACED_SCRIPT_CODES: Final = frozenset({*UNSPACED_SCRIPTS, *_SYLLABLE_MARKED_SCRIPTS, *_SCRIPTS_WITH_HAN})
"""ISO 15924 codes of scripts in which a token is less than a word: a word has about two characters, or syllables."""

# The scripts of which letters are counted, ISO 15924 code to Unicode name. A letter has one script: order is nothing.
_LETTER_SCRIPTS: Final = {
    "Arab": "Arabic",
    "Armn": "Armenian",
    "Beng": "Bengali",
    "Bopo": "Bopomofo",
    "Cans": "Canadian_Aboriginal",
    "Cher": "Cherokee",
    "Cyrl": "Cyrillic",
    "Deva": "Devanagari",
    "Ethi": "Ethiopic",
    "Geor": "Georgian",
    "Grek": "Greek",
    "Gujr": "Gujarati",
    "Guru": "Gurmukhi",
    "Hang": "Hangul",
    "Hani": "Han",
    "Hebr": "Hebrew",
    "Hira": "Hiragana",
    "Kana": "Katakana",
    "Khmr": "Khmer",
    "Knda": "Kannada",
    "Laoo": "Lao",
    "Latn": "Latin",
    "Mlym": "Malayalam",
    "Mong": "Mongolian",
    "Mtei": "Meetei_Mayek",
    "Mymr": "Myanmar",
    "Nkoo": "Nko",
    "Olck": "Ol_Chiki",
    "Orya": "Oriya",
    "Sinh": "Sinhala",
    "Syrc": "Syriac",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Tfng": "Tifinagh",
    "Thaa": "Thaana",
    "Thai": "Thai",
    "Tibt": "Tibetan",
    "Yiii": "Yi",
}

_LETTER: Final = regex.compile(
    "|".join(rf"(?P<{code}>[\p{{Script={name}}}&&\p{{Alphabetic}}])" for code, name in _LETTER_SCRIPTS.items()),
    regex.VERSION1,
)

_FIRST_UNASSIGNED: Final = 0x34000  # no letter has a code point from here on

# The commonest characters whose two forms differ; each is written in one of the two orthographies only.
_SIMPLIFIED: Final = frozenset("这们来个为说国时会对学发产还进动过间现长问关开无业样让种战")
_TRADITIONAL: Final = frozenset("這們來個為說國時會對學發產還進動過間現長問關開無業樣讓種戰")


@cache
def unspaced_pattern() -> re.Pattern[str]:
    """Return the pattern of `re` that matches one character of `UNSPACED_CLASS`.

    On text of other scripts it takes a twentieth of the time that `regex` takes; making it takes 30 ms.
    """
    path = cached_file("unspaced.txt", [UNSPACED_CLASS.encode(), regex.__version__.encode()], _write_ranges)
    try:
        ranges = _unspaced_ranges() if path is None else path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        ranges = _unspaced_ranges()
    return re.compile(f"[{ranges}]")


def _write_ranges(path: Path) -> None:
    path.write_text(_unspaced_ranges(), encoding="utf-8")


def _unspaced_ranges() -> str:
    """Return the characters of `UNSPACED_CLASS` as the ranges of a character class of `re`."""
    assigned = "".join(map(chr, range(_FIRST_UNASSIGNED)))
    runs = (run.span() for run in regex.finditer(f"[{UNSPACED_CLASS}]+", assigned))
    return "".join(f"{chr(start)}-{chr(end - 1)}" for start, end in runs)


def letter_counts(text: str) -> dict[str, int]:
    """Count the letters (Unicode `Alphabetic`) of `text` per script; scripts that do not occur are left out."""
    counts: dict[str, int] = {}
    for character, times in Counter(text).items():
        if code := _script_of(character):
            counts[code] = counts.get(code, 0) + times
    return counts


@lru_cache(maxsize=16384)
def _script_of(character: str) -> str:
    """Return the script of a letter, "" for what is none."""
    found = _LETTER.match(character)
    return (found.lastgroup or "") if found else ""


def han_variant(text: str) -> str:
    """Return the orthography of a Chinese text: "Hans" (simplified) or "Hant" (traditional) where nine in ten of the
    characters that differ agree, else "Hani".
    """
    simplified = sum(map(text.count, _SIMPLIFIED))
    traditional = sum(map(text.count, _TRADITIONAL))
    if simplified > 9 * traditional:
        return "Hans"
    if traditional > 9 * simplified:
        return "Hant"
    return "Hani"


def dominant_script(counts: dict[str, int]) -> str:
    """Return the script that most letters are of; Han letters count for Japanese or Korean beside their own scripts."""
    merged = dict(counts)
    kana = merged.pop("Hira", 0) + merged.pop("Kana", 0)
    han = merged.get("Hani", 0)
    # A Chinese text may quote a の; a Japanese sentence is never less than a tenth kana.
    if kana and kana >= 0.1 * han:
        merged["Jpan"] = kana + merged.pop("Hani", 0)
    elif han and merged.get("Hang", 0) >= 0.1 * han:
        merged["Hang"] += merged.pop("Hani")
    # Brand names, agencies and interface words are Latin everywhere, hardly ever the other way round.
    if "Latn" in merged:
        merged["Latn"] //= 2
    return max(sorted(merged), key=lambda code: merged[code])
