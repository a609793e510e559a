"""The second language identifier: CLD2 through `pycld2`, which has learned from other texts, by other features.

Its answer confirms or contradicts that of the first (`language_model.py`): `language_agreement.py`.
"""

from __future__ import annotations

from typing import Final

import pycld2
import regex

# Its codes for what has another code here; None for what is a group of languages, or hardly ever meant on a page.
_OUR_CODES: Final[dict[str, str | None]] = {
    "iw": "he", "jw": "jv", "gn": "gug", "ku": "ckb", "zh-Hant": "zh",
    "bh": None, "ia": None, "ie": None, "tlh": None, "vo": None, "zzp": None, "xx-Bugi": None, "xx-Goth": None,
}  # fmt: skip
_SAYS_NOTHING: Final = "un"
# What CLD2 refuses as invalid UTF-8: control characters, halves of surrogate pairs and noncharacters.
_REFUSED: Final = regex.compile(r"[[\p{Cc}--[\t\n\r]]\p{Cs}\p{Cn}]+", regex.V1)
_NAMES: Final = dict(pycld2.LANGUAGES)
_ITS_CODES: Final = tuple(_NAMES[name] for name in pycld2.DETECTED_LANGUAGES if name in _NAMES)
KNOWN_CODES: Final = frozenset(code for one in _ITS_CODES if (code := _OUR_CODES.get(one, one)) is not None)
"""The codes of the languages that `second_answer` can return."""
OTHER: Final = "other"
"""The answer for a language that has no code here."""


def second_answer(text: str, *, guess: bool = False) -> str | None:
    """Return the code of the language that most of a text is in, by CLD2; `OTHER` for one without a code here.

    None where CLD2 does not say: the text is too short, or like none of its languages. With `guess`, it says its best
    guess then. The same answer in every process, whatever was asked before. Never raises.
    """
    try:
        _, _, languages = pycld2.detect(_REFUSED.sub(" ", text), isPlainText=True, bestEffort=guess)
    except pycld2.error:  # a text that it refuses all the same says nothing
        return None
    code: str = languages[0][1]
    return None if code == _SAYS_NOTHING else _OUR_CODES.get(code, code) or OTHER
