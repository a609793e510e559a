"""Generated texts for the speed benchmark of near-duplicate detection: words of the seed texts, or of real texts."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np

from benchmarks.dedupe_natural import natural_texts
from saaf.dedupe import find, tokenizer, verify

SEEDS = Path(__file__).parents[1] / "seeds"
_SEED_OF = {"hi": "000_*", "ar": "004_*", "ur": "002_*"}
_NUMBERS = 500  # numbers added to the words, so that some words are rare
_COPIES = 0.03  # share of documents that are copies


def load_words(language: str, texts: Path | None = None) -> list[str]:
    """Return words (Chinese: characters) of a language, in running order from real texts where there are such.

    English without real texts: from this package's own source; Chinese: 3,000 common characters. `texts` is a directory
    of JSON files, at any depth, with the fields `lang` and `gold_text`.
    """
    natural = (text for _, text in natural_texts(language, texts)) if texts else ()
    words = [word for text in natural for word in (text if language == "zh" else text.split())]
    if words:
        return words
    if language == "zh":
        return [chr(0x4E00 + number) for number in range(3000)]
    if language == "en":
        return " ".join(inspect.getsource(module) for module in (find, tokenizer, verify)).split()
    return next(SEEDS.glob(_SEED_OF[language])).read_text("utf-8").split()


def generate_documents(language: str, words: int, count: int, seed: int = 1, texts: Path | None = None) -> list[str]:
    """Return documents of a length, 3 % of them copies of another with every twentieth word replaced.

    Without real texts the probability of a word falls with its rank (Zipf's law); real texts are cut one document after
    the other, and begun again where they do not suffice.
    """
    rng = np.random.default_rng(seed)
    vocabulary = np.array(load_words(language, texts), dtype=object)
    if texts and len(vocabulary) >= words:
        drawn = vocabulary[np.arange(count * words).reshape(count, words) % len(vocabulary)]
    else:
        vocabulary = np.concatenate((vocabulary, np.array([f"{number}" for number in range(_NUMBERS)], dtype=object)))
        weight = 1.0 / np.arange(10, len(vocabulary) + 10)
        ranks = rng.permutation(vocabulary)
        drawn = ranks[rng.choice(len(ranks), (count, words), p=weight / weight.sum())]
    copies = int(count * _COPIES)
    drawn[count - copies :] = drawn[:copies]
    drawn[count - copies :, ::20] = "else"
    return [("" if language == "zh" else " ").join(row) for row in drawn]
