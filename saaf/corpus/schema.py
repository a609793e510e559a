"""The Arrow schemas of the tables of a corpus, each column with a comment, and the row of a clean document.

The first ten columns of `DOCUMENTS` carry the names that users of FineWeb, FineWeb2 and datatrove know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from saaf import cleaning
from saaf.cleaning.page_types import PAGE_TYPES
from saaf.cleaning.render.markdown import to_markdown
from saaf.corpus.rights import document_rights, rights_columns
from saaf.corpus.table_fields import column
from saaf.corpus.text_columns import TEXT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.cleaning.rights.signals import Rights
    from saaf.cleaning.types import CleanDocument, Language, Removal

REMOVALS_TYPE = pa.list_(
    pa.struct(
        [
            pa.field("start", pa.int32(), nullable=False),
            pa.field("end", pa.int32(), nullable=False),
            pa.field("rule", pa.string(), nullable=False),
            pa.field("score", pa.float64(), nullable=False),
        ]
    )
)
_STRINGS = pa.list_(pa.string())
_GUESSES = pa.list_(
    pa.struct([pa.field("language", pa.string(), nullable=False), pa.field("score", pa.float64(), nullable=False)])
)


_ID = column(
    "id",
    pa.string(),
    "what its table states, else 16 hex digits: of the canonical URL, or of the content where there is no URL",
)
_URL = column("url", pa.string(), "address of the page; null where unknown", nullable=True)
_SITE = column("site", pa.string(), 'host name without "www."; empty where there is no URL')
_LANGUAGE = column("language", pa.string(), 'ISO 639-1 code (ISO 639-3 where there is no shorter); "und" where unknown')
_REMOVALS = column(
    "removals",
    REMOVALS_TYPE,
    "what was taken out, in order: [start, end) in code points into the text as read, rule id, score in (0, 1]",
)

DOCUMENTS = pa.schema(
    [
        column("text", pa.string(), "the clean text: the text as read less the removals"),
        _ID,
        _URL,
        column("date", pa.string(), "when the page was captured, ISO 8601 in UTC; null where unknown", nullable=True),
        column("dump", pa.string(), "name of the crawl or collection the document came with"),
        column("file_path", pa.string(), "the input file it came from, relative to what the build was given"),
        _LANGUAGE,
        column("language_script", pa.string(), 'ISO 15924 code of the script, e.g. "Arab"; "Zyyy" where no letters'),
        column(
            "language_score",
            pa.float64(),
            "how sure the identifier is, or the table states; in [0, 1], null where nobody scored a stated language",
            nullable=True,
        ),
        column(
            "minhash_cluster_size",
            pa.int32(),
            "documents in its near-duplicate cluster, itself included; 1 where alone",
        ),
        column("title", pa.string(), "headline; null where the page gives none: never invented", nullable=True),
        column("author", pa.string(), "author as the page names them; null where not given", nullable=True),
        column(
            "published", pa.string(), "date of publication, ISO 8601, as precise as the page gives it", nullable=True
        ),
        column(
            "modified", pa.string(), "date of the last change, ISO 8601, as precise as the page gives it", nullable=True
        ),
        _SITE,
        column("section", pa.string(), "section of the site the page says it is in", nullable=True),
        column("tags", _STRINGS, "key words the page gives"),
        column("source", pa.string(), "agency or paper the page names as its source", nullable=True),
        column("licence", pa.string(), "licence the page states", nullable=True),
        column("canonical_url", pa.string(), "the address the page itself calls canonical", nullable=True),
        column("track", pa.string(), '"html" or "text": which reader made it'),
        column("flags", _STRINGS, "what was odd about reading or cleaning it; see Flags"),
        _REMOVALS,
        column(
            "language_guesses",
            _GUESSES,
            'what it may be in, the best first, where `language` is "und"; null where it is not, or has no letters',
            nullable=True,
        ),
        column("extractor", pa.string(), "versions of the extractor and the libraries that voted"),
        column(
            "rules_version",
            pa.string(),
            "version of the cleaning: a digest of rules and models, other where a page may come out otherwise",
        ),
        column(
            "rights_train",
            pa.string(),
            '"reserved" or "allowed": what its publisher says of training; null where nothing is said',
            nullable=True,
        ),
        column(
            "rights_search",
            pa.string(),
            '"reserved" or "allowed": what its publisher says of search; null where nothing is said',
            nullable=True,
        ),
        column(
            "rights_licence",
            pa.string(),
            "URL of the licence that page, header or robots.txt name (rel=license, RSL); null where none",
            nullable=True,
        ),
        column("rights_signals", _STRINGS, '"source: value" of each rights signal as it stood when it was fetched'),
        *TEXT_COLUMNS,
        column(
            "page_type",
            pa.string(),
            f"type of the page: {', '.join(PAGE_TYPES)}; null of plain text",
            nullable=True,
        ),
        column(
            "page_type_score", pa.float64(), "how probable that type is, in [0, 1]; null of plain text", nullable=True
        ),
    ]
)
"""data/: the kept documents, a directory for each language, sorted by url, then id."""

ORIGINALS = pa.schema(
    [
        column("key", pa.string(), "the input in the ledger"),
        _ID,
        _URL,
        _SITE,
        _LANGUAGE,
        column("title", pa.string(), "headline; null where the page gives none", nullable=True),
        column("state", pa.string(), "where the document ended, as in the ledger"),
        column("text", pa.string(), "the text of every block as read, before cleaning"),
        _REMOVALS,
    ]
)
"""originals/: every document that was read, kept or not, a file for each part of the inputs, sorted by url, id and key.
"""

REJECTED = pa.schema(
    [
        *DOCUMENTS,
        column("key", pa.string(), "the input in the ledger"),
        column("state", pa.string(), "where the document ended, as in the ledger"),
        column("reason", pa.string(), "why it is not in the corpus"),
        column("duplicate_of", pa.string(), "id of the document it is a copy of, or stands in", nullable=True),
    ]
)
"""rejected/: the documents that were read and are not kept, clean, each with the reason."""

CLUSTERS = pa.schema(
    [
        column("cluster_id", pa.string(), "id of the document kept for the cluster"),
        column("document_id", pa.string(), "id of a member; the kept one is in data/, all in originals/"),
        _URL,
        _SITE,
        _LANGUAGE,
        column("representative", pa.bool_(), "true for the member that was kept"),
        column("why", pa.string(), "why that one was kept"),
        column("jaccard", pa.float64(), "similarity of the member's shingles to the kept one's, in [0, 1]"),
    ]
)
"""clusters.parquet: one row per member of a cluster of two or more near-duplicates, the kept one first."""

PAIRS = pa.schema(
    [
        column("left_id", pa.string(), "id of one document"),
        column("right_id", pa.string(), "id of the other"),
        column("jaccard", pa.float64(), "exact Jaccard similarity of their shingles, in [0, 1]"),
        column("containment", pa.float64(), "share of the smaller one's shingles that are in the other, in [0, 1]"),
    ]
)
"""pairs.parquet: verified near-duplicate pairs, never of two kept documents.

Each near-duplicate set aside has one with the document that is kept for it; with `--clusters components` with the next
one on a chain to it. Of a large group of texts of one form there are few others, else all that were found.
"""

CONTAINED = pa.schema(
    [
        column("document_id", pa.string(), "id of the document that stands in a longer one"),
        column("containing_id", pa.string(), "id of the longer document"),
        column("share", pa.float64(), "share of its distinct shingles of 3 tokens that the longer one has, in [0, 1]"),
        column("start", pa.int64(), "where it starts in the longer one: code points into its text as read"),
        column("end", pa.int64(), "where it ends there, half-open"),
        column("removed", pa.bool_(), "true where it was set aside for the longer one"),
    ]
)
"""contained.parquet: documents that stand in longer ones, verified, sorted by their ids; 16 of the longer ones at most.

Empty where `--containment` was not given. It is of the documents left by the search for near-duplicates, and with
`--contained remove` also of near-duplicates of a document that was set aside. The text as read is in originals/.
"""

LEDGER = pa.schema(
    [
        column(
            "key",
            pa.string(),
            "the input: file relative to what was given, # and record's number, + and number of an article split off",
        ),
        _URL,
        _SITE,
        column("state", pa.string(), "the one state the input ended in"),
        column("reason", pa.string(), "why; empty for kept documents only"),
        column("language", pa.string(), "ISO 639 code of a page that was read", nullable=True),
        column("document_id", pa.string(), "id of a page that was read", nullable=True),
        column("duplicate_of", pa.string(), "id of the document it is a copy of, or stands in", nullable=True),
        column("rows", pa.int64(), "the inputs that the row stands for: 1, or the rows that a damaged table lost"),
    ]
)
"""ledger/: one row per input, and per article split off its page, a file for each part of the inputs, sorted by key."""


def select_columns(schema: pa.Schema, names: Mapping[str, str]) -> pa.Schema:
    """Return the columns of a schema that are keys of `names`, in its order, each under the name that is the value."""
    return pa.schema([field.with_name(names[field.name]) for field in schema if field.name in names])


def to_row(
    clean: CleanDocument,
    *,
    dump: str,
    file_path: str,
    minhash_cluster_size: int = 1,
    date: datetime | None = None,
    rights: Rights | None = None,
    text_columns: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the `DOCUMENTS` row of a clean document.

    `date` is when its page was captured, None where unknown. `rights` are those of page and site
    (`saaf.corpus.rights.document_rights`), None for what the HTML alone states. `text_columns` are those that
    `saaf.corpus.measure_text.measure_text` computes of the text, None where nobody computed them. A document that was
    read with its structure has the column `markdown`.
    """
    document, metadata = clean.document, clean.document.metadata
    return {
        "text": clean.text,
        "id": document.id,
        "url": document.url,
        "date": iso_timestamp(date),
        "dump": dump,
        "file_path": file_path,
        "language": document.language.code,
        "language_script": document.language.script,
        "language_score": document.language.score,
        "minhash_cluster_size": minhash_cluster_size,
        "title": metadata.title,
        "author": metadata.author,
        "published": metadata.published,
        "modified": metadata.modified,
        "site": document.site,
        "section": metadata.section,
        "tags": list(metadata.tags),
        "source": metadata.source,
        "licence": metadata.licence,
        "canonical_url": metadata.canonical_url,
        "track": document.track.value,
        "flags": sorted({*document.flags, *clean.flags}),
        "removals": [removal_row(removal) for removal in clean.removals],
        "language_guesses": _guess_rows(document.language),
        "extractor": cleaning.extractor(),
        "rules_version": cleaning.rules_version(),
        **rights_columns(rights or document_rights(document, None)),
        **dict.fromkeys(field.name for field in TEXT_COLUMNS),
        "markdown": to_markdown(clean) if document.structure is not None else None,
        "extraction_quality": clean.extraction_quality,
        "page_type": clean.page_type,
        "page_type_score": clean.page_type_score,
        **(text_columns or {}),
    }


def _guess_rows(language: Language) -> list[dict[str, object]] | None:
    """Return the guesses of a language as elements of the column `language_guesses`, None where there are none."""
    return [{"language": code, "score": score} for code, score in language.guesses] or None


def removal_row(removal: Removal) -> dict[str, object]:
    """Return a removal as an element of the column `removals`."""
    return {"start": removal.start, "end": removal.end, "rule": removal.rule, "score": removal.score}


def iso_timestamp(date: datetime | None) -> str | None:
    """Return a date and time with a zone as ISO 8601 in UTC ("2025-03-16T10:00:00Z"), None for None."""
    return date.astimezone(UTC).isoformat().replace("+00:00", "Z") if date else None
