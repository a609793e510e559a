"""Languages that tables state of their documents, as labels of all kinds: the code, script and score that they mean."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

from saaf.cleaning.text.iso_639 import shorter_codes, to_iso_639_3
from saaf.cleaning.text.language import UNKNOWN, identifiable_codes

_NO_LANGUAGE: Final = frozenset(("und", "unk", "mul", "mis", "zxx"))
_LABEL: Final = re.compile(r"([A-Za-z]{2,3})(?:[_-]([A-Za-z]{4}))?(?:[_-](?:[A-Za-z]{2}|\d{3}))?")
_SCRIPT: Final = re.compile("[A-Z][a-z]{3}")


@lru_cache(maxsize=1 << 12)  # a function of its arguments alone
def stated_language(
    language: str | None, script: str | None, own: str, own_script: str, score: float
) -> tuple[str, str, float | None]:
    """Return code, script and score of the language that an input states, of the identified one where it states none.

    A code is the one that `identify` has for the language; one that it does not know stays, of three letters where it
    has two. Without a stated script it is that of the text, or, where nothing was identified, the usual one. The score
    is None where another language was identified, or none: nobody has scored the stated one.

    >>> stated_language("hin", "Deva", "hi", "Deva", 0.9), stated_language("bho_Deva", None, "hi", "Deva", 0.9)
    (('hi', 'Deva', 0.9), ('bho', 'Deva', None))
    >>> stated_language("urd", None, "und", "Zyyy", 0.0), stated_language("English?", None, "en", "Latn", 0.9)
    (('ur', 'Arab', None), ('en', 'Latn', 0.9))
    """
    label = _LABEL.fullmatch((language or "").strip())
    code = _own_code(label[1].lower()) if label else None
    if label is None or code is None:
        return own, own_script, score
    wanted = script if script in _scripts() else (label[2] or "").title()
    if wanted not in _scripts():
        wanted = own_script if own_script != UNKNOWN.script else _usual_script(code)
    if wanted == "Hani" and own_script in ("Hans", "Hant"):
        wanted = own_script
    return code, wanted, score if (code, wanted) == (own, own_script) else None


def _own_code(code: str) -> str | None:
    """Return the code of the language that is identified where a stated one means it; None where it is none."""
    if code in _NO_LANGUAGE:
        return None
    known = identifiable_codes()
    found = next((each for each in (code, *shorter_codes(code)) if each in known), None)
    return found or to_iso_639_3(code)


@cache
def _scripts() -> frozenset[str]:
    return frozenset(Locale("en").scripts)


@cache
def _usual_script(code: str) -> str:
    """Return the script in which a language is mostly written, by CLDR; Zyyy where that is not known."""
    parts = str(get_global("likely_subtags").get(code, "")).split("_")
    return next((part for part in parts[1:] if _SCRIPT.fullmatch(part)), UNKNOWN.script)
