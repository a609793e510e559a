"""Pairs closest to the threshold: the least similar that were accepted, the most similar that were rejected."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from saaf import dedupe
from saaf.cleaning import apply_removals
from saaf.corpus.corpus_tables import count_rows, iter_batches, language_directories
from saaf.corpus.documents import compared_rows, removals_of
from saaf.corpus.file_names import DATA, PAIRS
from saaf.corpus.paragraphs import PARAGRAPH_RULE
from saaf.corpus.report.group_sums import first_rows
from saaf.corpus.schema import PAIRS as PAIRS_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_PAIRS = 4
MAX_DOCUMENTS = 10_000
"""Documents, the first of each language, among which rejected pairs are searched for: a second or two."""

_MAX_CHARACTERS = 50_000_000  # of these documents, so that a few books do not slow the report
_ROWS = 20_000
_CANDIDATE_PAIRS = 64  # least similar accepted pairs, of which those are shown that share no document


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDocument:
    """A document of a pair, with its text as it was compared; `key` is that of the input, "" where it is unknown."""

    id: str
    key: str = ""
    url: str | None
    language: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSample:
    """Two documents with the exact Jaccard similarity and the containment of their shingles, both in [0, 1]."""

    left: PairDocument
    right: PairDocument
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRecall:
    """The recall of the bands: the share, in [0, 1], of the pairs of a similarity that they make candidates.

    `recall` are (similarity, recall) pairs: at the threshold, 0.05 below it and 0.05 above.
    """

    settings: dedupe.Settings
    recall: tuple[tuple[float, float], ...]


def band_recall(manifest: Mapping[str, Any]) -> BandRecall | None:
    """Return the recall by the settings in a manifest, None where it has none that this version knows."""
    recorded = manifest.get("settings", {}).get("dedupe")
    names = {each.name for each in fields(dedupe.Settings)}
    if not isinstance(recorded, dict) or not recorded.keys() <= names:
        return None
    try:
        settings = dedupe.Settings(**recorded)
    except (TypeError, ValueError):
        return None
    similarities = (round(settings.threshold + step, 3) for step in (-0.05, 0.0, 0.05))
    recall = tuple((value, settings.bands.recall(value)) for value in similarities if 0 < value <= 1)
    return BandRecall(settings=settings, recall=recall)


def accepted_pairs(corpus: Path) -> tuple[PairSample, ...]:
    """Return the least similar of the accepted pairs, no document in two of them."""
    order = [("jaccard", "ascending"), ("left_id", "ascending"), ("right_id", "ascending")]
    batches = iter_batches(corpus, PAIRS, PAIRS_SCHEMA.names, rows=_ROWS)
    table = first_rows((pa.Table.from_batches([batch]) for batch in batches), order, _CANDIDATE_PAIRS)
    rows = table.to_pylist() if table is not None else []
    chosen: list[dict[str, Any]] = []
    used: set[str] = set()
    for row in rows:
        if len(chosen) < MAX_PAIRS and used.isdisjoint((row["left_id"], row["right_id"])):
            chosen.append(row)
            used.update((row["left_id"], row["right_id"]))
    texts = compared_rows(corpus, sorted(used), ["key", "url", "language", "text", "removals"])
    return tuple(
        PairSample(
            left=_pair_document(row["left_id"], texts[row["left_id"]]),
            right=_pair_document(row["right_id"], texts[row["right_id"]]),
            jaccard=row["jaccard"],
            containment=row["containment"],
        )
        for row in chosen
        if row["left_id"] in texts and row["right_id"] in texts
    )


def rejected_pairs(corpus: Path, settings: dedupe.Settings) -> tuple[PairSample, ...]:
    """Return the most similar pairs of kept documents that are no near-duplicates, no document in two of them."""
    documents = _compared_documents(corpus)
    pairs = dedupe.closest_rejected([document.text for document in documents], settings=settings, max_pairs=MAX_PAIRS)
    shown = [documents[place].id for pair in pairs for place in (pair.left, pair.right)]
    keys = {document_id: row["key"] for document_id, row in compared_rows(corpus, shown, ["key"]).items()}
    return tuple(
        PairSample(
            left=replace(documents[pair.left], key=keys.get(documents[pair.left].id, "")),
            right=replace(documents[pair.right], key=keys.get(documents[pair.right].id, "")),
            jaccard=pair.jaccard,
            containment=pair.containment,
        )
        for pair in pairs
    )


def _compared_documents(corpus: Path) -> list[PairDocument]:
    """Return the first documents of each language, the smallest first, each with an equal share of what is left."""
    counts = {name: count_rows(corpus, f"{DATA}/{name}") for name in language_directories(corpus)}
    documents: list[PairDocument] = []
    characters = 0
    for place, name in enumerate(sorted(counts, key=lambda name: (counts[name], name))):
        share = len(counts) - place
        last = len(documents) + (MAX_DOCUMENTS - len(documents)) // share
        most = characters + (_MAX_CHARACTERS - characters) // share
        batches = iter_batches(corpus, f"{DATA}/{name}", ["id", "url", "language", "text"])
        for row in (row for batch in batches for row in batch.to_pylist()):
            if len(documents) >= last or characters + len(row["text"]) > most:
                break
            documents.append(PairDocument(**row))
            characters += len(row["text"])
    return documents


def _pair_document(document_id: str, row: dict[str, Any]) -> PairDocument:
    """Return a document with its text as it was compared: repeated paragraphs are removed after the comparison."""
    removals = [removal for removal in removals_of(row) if removal.rule != PARAGRAPH_RULE]
    return PairDocument(
        id=document_id,
        key=row["key"],
        url=row["url"],
        language=row["language"],
        text=apply_removals(row["text"], removals),
    )
