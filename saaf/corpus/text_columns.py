"""The columns that are computed of a clean text: quality signals, personal data, redactions, languages of
paragraphs, Markdown.

All may be null: `saaf build` computes them, `saaf dedupe` and `saaf clean` do not.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from saaf.cleaning.quality.personal_data import DEFAULT_KINDS, KINDS
from saaf.cleaning.quality.signal_table import SIGNALS
from saaf.corpus.table_fields import column

QUALITY_PREFIX: Final = "quality_"
"""What the name of the column of a signal begins with."""
PERSONAL_DATA_PREFIX: Final = "pii_"
"""What the name of the column of a kind of personal data begins with."""

REDACTIONS_TYPE: Final = pa.list_(
    pa.struct(
        [
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("length", pa.int32(), nullable=False),
        ]
    )
)
_LANGUAGES_TYPE: Final = pa.list_(
    pa.struct(
        [
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("language", pa.string(), nullable=False),
            pa.field("script", pa.string(), nullable=False),
            pa.field("score", pa.float64(), nullable=False),
        ]
    )
)

TEXT_COLUMNS: Final[tuple[pa.Field, ...]] = (
    column(
        "extraction_quality",
        pa.float64(),
        "F1 of the words that the block classifier expects of its decision, in [0, 1]; null where it made none",
        nullable=True,
    ),
    *(
        column(
            QUALITY_PREFIX + signal.name,
            pa.int64() if signal.type is int else pa.float64(),
            f"{signal.description.rstrip('.')} ({signal.source}); null where not computed"
            + (f", or where {signal.is_absent_when}" if signal.is_absent_when else ""),
            nullable=True,
        )
        for signal in SIGNALS
    ),
    *(
        column(
            PERSONAL_DATA_PREFIX + kind,
            pa.int32(),
            f"number of {KINDS[kind]} in the clean text, before redaction; null where not counted",
            nullable=True,
        )
        for kind in DEFAULT_KINDS
    ),
    column(
        "redactions",
        REDACTIONS_TYPE,
        "what stands in the place of personal data, in order: [start, end) in code points into the text, kind, and how "
        "many code points were there before; null where nothing was to be redacted",
        nullable=True,
    ),
    column(
        "paragraph_languages",
        _LANGUAGES_TYPE,
        "languages of the paragraphs, neighbours in one language together: [start, end) in code points into the text, "
        "language, script and score as of the document; null where not identified",
        nullable=True,
    ),
    column(
        "main_language_share",
        pa.float64(),
        "share of the characters of paragraph_languages in the language and script of the document, in [0, 1]; null "
        "where not identified",
        nullable=True,
    ),
    column(
        "markdown",
        pa.string(),
        "the clean text as Markdown: CommonMark, with tables of GFM; null where --markdown did not ask for it",
        nullable=True,
    ),
)
"""The last columns of documents."""
