"""The table of quality signals: name, type, definition and source of each, and how its values are binned.

`docs/reference/quality.md` is generated from it. Sources: Gopher is Rae et al., "Scaling Language Models:
Methods, Analysis & Insights from Training Gopher" (arXiv:2112.11446), appendix A and table A1; C4 is Raffel et al.,
"Exploring the Limits of Transfer Learning" (JMLR 21:140, 2020), section 2.2; FineWeb is Penedo et al., "The FineWeb
Datasets" (arXiv:2406.17557), section 3.6; FineWeb2 is Penedo et al., "FineWeb2: One Pipeline to Scale Them All"
(arXiv:2506.20920). Where a paper leaves a detail open, the filters of `datatrove`, which made FineWeb, decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TOP_NGRAMS: Final = (2, 3, 4)
"""The lengths, in words, of the n-grams of which the most frequent one is measured."""
DUPLICATE_NGRAMS: Final = (5, 6, 7, 8, 9, 10)
"""The lengths, in words, of the n-grams of which the repeated ones are measured."""
SHORT_LINE: Final = 30
"""The greatest number of characters of a short line (FineWeb)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One number about a text.

    `type` is int for counts and float for shares and ratios. `description` is its definition, `source` the work that
    defines it. `phrase` says a value in a sentence about a document; "{}" stands for the value, which is written in
    per cent where `is_share`. `scale` is the number of bins of its histogram per unit, 0 for a count, which is kept to
    two significant digits. `is_absent_when` says when the value is None, "" where it never is.
    """

    name: str
    type: type[int | float]
    description: str
    source: str
    phrase: str
    scale: int
    is_share: bool = False
    is_absent_when: str = ""


def _count(name: str, description: str, source: str, phrase: str, absent: str = "") -> Signal:
    return Signal(
        name=name, type=int, description=description, source=source, phrase=phrase, scale=0, is_absent_when=absent
    )


def _share(name: str, description: str, source: str, phrase: str, absent: str = "") -> Signal:
    return Signal(
        name=name,
        type=float,
        description=description,
        source=source,
        phrase=phrase,
        scale=1000,
        is_share=True,
        is_absent_when=absent,
    )


def _ratio(name: str, description: str, source: str, phrase: str, absent: str = "") -> Signal:
    return Signal(
        name=name, type=float, description=description, source=source, phrase=phrase, scale=1000, is_absent_when=absent
    )


_NO_WORDS: Final = "the text has no words"
_NO_LINES: Final = "the text is blank"
_QUALITY: Final = (
    _count(
        "word_count",
        "Number of words: runs of letters, marks and digits; in scripts without spaces each letter with its marks.",
        "Gopher",
        "it has {} words",
    ),
    _ratio(
        "mean_word_length", "Mean number of characters of a word.", "Gopher", "its words have {} characters on average",
        _NO_WORDS,
    ),
    _ratio(
        "hash_word_ratio",
        "Number of # signs, divided by the number of words and punctuation marks.",
        "Gopher",
        "it has {} # signs for each word",
        _NO_WORDS,
    ),
    _ratio(
        "ellipsis_word_ratio",
        "Number of ellipses (… or ...), divided by the number of words and punctuation marks.",
        "Gopher",
        "it has {} ellipses for each word",
        _NO_WORDS,
    ),
    _share(
        "bullet_line_share", "Share of the lines that begin with a bullet (•, ‣, ◦, ▪, ●, -, –, *).", "Gopher",
        "{} of its lines begin with a bullet", _NO_LINES,
    ),
    _share(
        "ellipsis_line_share", "Share of the lines that end with an ellipsis.", "Gopher",
        "{} of its lines end with an ellipsis", _NO_LINES,
    ),
    _share(
        "alphabetic_word_share",
        "Share of the words and punctuation marks that hold a letter.",
        "Gopher",
        "{} of its words and punctuation marks hold a letter",
        _NO_WORDS,
    ),
    _count(
        "stop_word_count",
        "Number of words that are stop words of the language; in scripts without spaces, of their occurrences.",
        "Gopher",
        "it has {} stop words of its language",
        "there is no list of stop words for the language",
    ),
)  # fmt: skip
_REPETITION: Final = (
    _share(
        "duplicate_line_share", "Share of the lines that stood before in the text.", "Gopher",
        "{} of its lines are repeated", _NO_LINES,
    ),
    _share(
        "duplicate_paragraph_share", "Share of the paragraphs (parted by blank lines) that stood before in the text.",
        "Gopher", "{} of its paragraphs are repeated", _NO_LINES,
    ),
    _share(
        "duplicate_line_character_share",
        "Share of the characters of all lines that are in lines that stood before in the text.",
        "Gopher, FineWeb",
        "{} of its characters are in repeated lines",
        _NO_LINES,
    ),
    _share(
        "duplicate_paragraph_character_share",
        "Share of the characters of all paragraphs that are in paragraphs that stood before in the text.",
        "Gopher",
        "{} of its characters are in repeated paragraphs",
        _NO_LINES,
    ),
    *(
        _share(
            f"top_{n}gram_character_share",
            f"Share of the characters that are in the most frequent {n}-gram of words; 0 where none occurs twice.",
            "Gopher",
            f"{{}} of its characters are in its most frequent {n}-gram",
            _NO_WORDS,
        )
        for n in TOP_NGRAMS
    ),
    *(
        _share(
            f"duplicate_{n}gram_character_share",
            f"Share of the characters that are in {n}-grams of words that stood before; none counts twice.",
            "Gopher",
            f"{{}} of its characters are in repeated {n}-grams",
            _NO_WORDS,
        )
        for n in DUPLICATE_NGRAMS
    ),
)  # fmt: skip
_C4: Final = (
    _share(
        "terminal_line_share",
        "Share of the lines that C4 keeps for their form: at least 3 words, and a mark that ends a sentence, or a "
        "closing quotation mark, but no ellipsis, at the end.",
        "C4",
        "{} of its lines are sentences of three words or more",
        _NO_LINES,
    ),
    _count(
        "sentence_count",
        "Number of sentence ends: runs of marks that end a sentence in any script; after . ! ? only before white space "
        "or at the end.",
        "C4",
        "it has {} sentences",
    ),
    _share(
        "javascript_line_share", 'Share of the lines with the word "javascript".', "C4",
        '{} of its lines have the word "javascript"', _NO_LINES,
    ),
    _count("lorem_ipsum_count", 'Number of times that "lorem ipsum" occurs.', "C4", 'it has "lorem ipsum" {} times'),
    _count("curly_bracket_count", "Number of { signs.", "C4", "it has {} curly brackets"),
)  # fmt: skip
_FINEWEB: Final = (
    _share(
        "line_punctuation_share",
        "Share of the lines that end with a mark that ends a sentence, or with a closing quotation mark.",
        "FineWeb, FineWeb2",
        "{} of its lines end with punctuation",
        _NO_LINES,
    ),
    _share(
        "short_line_share", f"Share of the lines with at most {SHORT_LINE} characters.", "FineWeb",
        f"{{}} of its lines have at most {SHORT_LINE} characters", _NO_LINES,
    ),
    _ratio(
        "new_line_ratio",
        "Number of line breaks, divided by the number of words and punctuation marks.",
        "FineWeb, FineWeb2",
        "it has {} line breaks for each word",
        _NO_WORDS,
    ),
    _ratio(
        "language_score",
        "Score of the language identifier (Language.score), in [0, 1].",
        "FineWeb, FineWeb2",
        "the score of its language is {}",
        "no score was given",
    ),
)  # fmt: skip

SIGNALS: Final[tuple[Signal, ...]] = (*_QUALITY, *_REPETITION, *_C4, *_FINEWEB)
"""All signals, in the order of their columns and of the test for the first one that fails."""
SIGNAL_BY_NAME: Final = {signal.name: signal for signal in SIGNALS}
