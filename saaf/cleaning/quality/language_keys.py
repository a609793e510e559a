"""Keys of languages in tables of thresholds: language and script, the orthographies of Chinese together."""

from __future__ import annotations

from typing import Final

_SCRIPT_OF_ORTHOGRAPHY: Final = {"Hans": "Hani", "Hant": "Hani"}


def language_key(language: str, script: str) -> str:
    """Return the key of a language (ISO 639) in a script (ISO 15924).

    >>> language_key("hi", "Deva"), language_key("zh", "Hans")
    ('hi_Deva', 'zh_Hani')
    """
    return f"{language}_{_SCRIPT_OF_ORTHOGRAPHY.get(script, script)}"
