"""Stop words: the commonest words of a language, of which a text in it has some."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy

from saaf.cleaning.quality.language_keys import language_key
from saaf.cleaning.text.codepoints import spans_of, tokens_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWords:
    """The stop words of a language: the words, and the hash of each as `saaf.cleaning.text.codepoints` makes it."""

    words: tuple[str, ...]
    hashes: NDArray[numpy.uint64]


@cache
def stop_words(language: str, script: str) -> StopWords | None:
    """Return the stop words of a language in a script, None where there is no list (`stop_words.toml`)."""
    words = _lists().get(language_key(language, script))
    if words is None:
        return None
    text = "\n".join(words)
    return StopWords(words=words, hashes=numpy.unique(tokens_of(spans_of(text, [0], [len(text)])).hashes))


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    content = tomllib.loads((files("saaf.cleaning.quality") / "stop_words.toml").read_text(encoding="utf-8"))
    return {key: tuple(words.split()) for key, words in content.items()}
