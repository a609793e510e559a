"""Letters and marks that encodings, keyboards and fonts exchange in one text, and marks that a text may leave out.

ADR 4 states the decisions. What makes another word in a language stays apart, as do homophones, spelling reforms and
letters of two scripts that look alike.
"""

from __future__ import annotations

import unicodedata

import regex

APOSTROPHES = "\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u2018\u2019\u201a\u201b\u2032\u2039\u203a\ua78b\ua78c`\u00b4"
QUOTATION_MARKS = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f"

WHOLE_LETTERS = {
    "\u0d4c": "\u0d57",  # Malayalam vowel sign au → au length mark, which is written alone since the reform of 1971
    "\u309b": "\u3099",  # Japanese voiced sound mark, which NFKD turns into a space with a mark
    "\u309c": "\u309a",
}
"""Replaced before decomposition."""

LETTER_EQUIVALENTS = {
    # Arabic, Persian and Urdu keyboards give one letter different code points, and hamza comes and goes. NFKD has
    # already turned precomposed hamza and presentation forms into base letters when this is looked up.
    **dict.fromkeys("\u0649\u06cc", "\u064a"),  # alef maksura, Farsi yeh → yeh
    **dict.fromkeys("\u06a9\u06aa", "\u0643"),  # keheh, swash kaf → kaf
    "\u06ab": "\u06af",  # Pashto gaf with ring → gaf
    **dict.fromkeys("\u0629\u06be\u06c1\u06c3\u06d5", "\u0647"),  # teh marbuta, doachashmee, goal, ae → heh
    **dict.fromkeys("\u0671\u0672\u0673", "\u0627"),  # wasla and wavy hamza → alef
    "\u0a01": "\u0a02",  # Gurmukhi adak bindi → bindi
    "\u0a70": "\u0a02",  # Gurmukhi tippi → bindi
    "\u0c00": "\u0c02",  # Telugu candrabindu above → anusvara
    "\u09ce": "\u09a4\u09cd",  # Bengali khanda ta → ta, virama (older texts add ZWJ)
    **{chr(0x0D7A + i): base + "\u0d4d" for i, base in enumerate("\u0d23\u0d28\u0d30\u0d32\u0d33\u0d15")},  # chillus
    "\u0bd7": "\u0bb3",  # Tamil au length mark → letter lla, its look-alike
    **dict(zip("\u0f6a\u0fba\u0fbb\u0fbc", "\u0f62\u0fad\u0fb1\u0fb2", strict=True)),  # Tibetan fixed forms
    "\u1009": "\u1025",  # Burmese nya → u: one shape before most marks
    "\u1029": "\u101e\u103c",  # Burmese o → sa, medial ra: one shape
    "\u102a": "\u101e\u103c\u1031\u102c\u103a",
    "\u17a3": "\u17a2",  # Khmer letters that Unicode deprecates
    "\u17a4": "\u17a2\u17b6",
    "\u17b2": "\u17b1",  # Khmer qoo type two, a variant
    "\u0326": "\u0327",  # comma below (Romanian ș, ț) → cedilla, which older code pages had instead
    "\u01dd": "\u0259",  # turned e → schwa: their capitals look alike
    "\u0131": "i",  # Turkish dotless i, whose capital is I
    **dict.fromkeys(APOSTROPHES, "'"),
    **dict.fromkeys(QUOTATION_MARKS, '"'),
    **dict.fromkeys("\u2010\u058a", "-"),  # all other dashes become an en dash: they never divide a word at a line end
    "\u2212": "\u2013",
}
"""Replaced after decomposition and case folding."""

_OPTIONAL_MARKS = (*range(0x064B, 0x0660), 0x0670, 0x0674, 0x0640, 0x06E5, 0x06E6, *range(0x135D, 0x1360))

# Marks above a letter that printings of one text do not share: letters that lose marks, the marks.
_GREEK = "".join(map(chr, (*range(0x03B1, 0x03CA), 0x03D9, 0x03DB, 0x03DD, 0x03E1)))
_CYRILLIC_VOWELS = "аеёиоуыэюяєіѣ"
_MARKS_BETWEEN = "\u0300\u0301\u0304\u0307\u0308\u0313\u0314\u0328\u0342"
ACCENT_PAIRS = (
    (_GREEK, "\u0300\u0301\u0313\u0314\u0342"),  # capitals have none, monotonic spelling has one of them
    (_CYRILLIC_VOWELS, "\u0301"),  # stress
    ("е", "\u0308"),  # ё
    ("ij", "\u0307"),  # the dot of Turkish capital İ; Lithuanian keeps it under accents
    (_MARKS_BETWEEN, "\u0300\u0301\u0307\u0308\u0313\u0314\u0342"),  # other marks may stand before
)
_ACCENTED = regex.compile(rf"([{_GREEK}{_CYRILLIC_VOWELS}ij])([{_MARKS_BETWEEN}]+)")


def drop_accents(text: str) -> str:
    """Return a text, decomposed and in small letters, without the accents that printings of one text do not share.

    These are all accents and breathings of Greek, the stress mark of Cyrillic vowels, the diaeresis of ё, and the dot
    over i and j. The grave accent of Cyrillic stays: Macedonian ѐ and Bulgarian ѝ make words.
    """
    return _ACCENTED.sub(_without_accents, text)


def _without_accents(match: regex.Match[str]) -> str:
    letter, marks = match.groups()
    dropped = "".join(lost for letters, lost in ACCENT_PAIRS if letter in letters)
    return str(letter + "".join(mark for mark in marks if mark not in dropped))


def optional_marks(letters: str) -> frozenset[str]:
    """Return the characters of `letters` that a text may leave out: invisible ones, harakat, points, nukta.

    U+0080 to U+009F stay, and separate: pages decoded as Latin-1 have Windows' quotes and dashes there.
    """
    invisible = regex.findall(
        r"\p{Default_Ignorable_Code_Point}|\p{Cf}|[\p{Cc}--[\s\x80-\x9f]]", letters, flags=regex.V1
    )
    points = regex.findall(r"[\p{Mn}&&[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}]]", letters, flags=regex.V1)
    marks = regex.findall(r"\p{M}", letters)
    nuktas = (mark for mark in marks if unicodedata.name(mark, "").endswith("SIGN NUKTA"))
    return frozenset(map(chr, _OPTIONAL_MARKS)).union(invisible, points, nuktas)
