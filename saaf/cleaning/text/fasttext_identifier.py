"""Language identification by a fastText model of the user's, such as GlotLID or OpenLID: the extra `saaf[lid]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.text.fasttext_file import LIBRARY, ModelFile, ModelFileError, language_of_label
from saaf.cleaning.text.language import UNKNOWN
from saaf.cleaning.text.scripts import dominant_script, han_variant, letter_counts
from saaf.cleaning.types import Language

if TYPE_CHECKING:
    from collections.abc import Callable

_MIN_SCORE: Final = 0.3
"""Below it a text is in an unknown language: the threshold that GlotLID's authors give for all languages together."""
_MAX_CHARACTERS: Final = 5000
_GUESSES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FastTextIdentifier:
    """A model of the user's, loaded: `identify` is to be used in place of `saaf.cleaning.text.language.identify`."""

    _predict: Callable[..., Any] = field(repr=False)

    def identify(self, text: str) -> Language:
        """Return the language of a text by the model, in the script of the label, else in that of most letters.

        `score` is the model's probability, rounded to four digits. Below 0.3 the code is "und", and `guesses` are the
        three most probable languages; so it is for a text without letters, which has none.
        """
        line = " ".join(text[:_MAX_CHARACTERS].replace("\0", " ").split())
        counts = letter_counts(line)
        if not counts:
            return UNKNOWN
        letters = dominant_script(counts)
        try:
            labels, scores = self._predict(line.encode("utf-8", "replace").decode(), k=_GUESSES)
        except RuntimeError:  # a probability is no number: the model's training failed
            labels, scores = (), ()
        pairs = zip(labels, scores, strict=True)
        known = ((language_of_label(label), float(score)) for label, score in pairs)
        found = [(language, round(min(score, 1.0), 4)) for language, score in known if language is not None]
        found.sort(key=lambda one: (-one[1], one[0][0]))
        if not found or found[0][1] < _MIN_SCORE:
            guesses = tuple((code, score) for (code, _), score in found)
            return Language(code="und", script=letters, score=guesses[0][1] if guesses else 0.0, guesses=guesses)
        (code, script), score = found[0]
        script = han_variant(line) if script in (None, "Hani") and letters == "Hani" else script or letters
        return Language(code=code, script=script, score=score)


@lru_cache(maxsize=1)
def load_identifier(file: ModelFile) -> FastTextIdentifier:
    """Return the identifier of a checked model; loaded once in a process, for the file is what its digest says.

    Raises ModelFileError where it is no longer the file that was checked.
    """
    path = Path(file.path)
    if not path.is_file() or path.stat().st_size != file.size:
        raise ModelFileError(f"the language model {path} is not the file that it was at the start: start again")
    return FastTextIdentifier(_predict=import_module(LIBRARY).load_model(file.path).predict)
