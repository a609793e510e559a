"""Both sides of the threshold: the least similar pairs that were accepted, the most similar that were rejected."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf import dedupe
from saaf.cleaning import apply_removals
from saaf.corpus.paragraphs import RULE
from saaf.corpus.parquet import read_rows
from saaf.corpus.report.samples import by_id, removals_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MOST_PAIRS = 4
MOST_DOCUMENTS = 10_000
"""Documents among which rejected pairs are looked for, the first of the table: a second or two."""

_MOST_CHARACTERS = 50_000_000  # of these documents, so that a few books are no burden
_LOOKED_AT = 64  # accepted pairs among which those are chosen that share no document


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A document of a pair, and its text as it was compared."""

    id: str
    url: str | None
    language: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSample:
    """Two documents with the exact similarity of their shingles, in [0, 1]."""

    left: Side
    right: Side
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the bands promise: the share of pairs, in [0, 1], that are found at each of three similarities."""

    settings: dedupe.Settings
    recall: tuple[tuple[float, float], ...]


def promise(manifest: Mapping[str, Any]) -> Promise | None:
    """Return what the settings in a manifest promise, None where it has none that this version knows."""
    recorded = manifest.get("settings", {}).get("dedupe")
    names = {one.name for one in fields(dedupe.Settings)}
    if not isinstance(recorded, dict) or not recorded.keys() <= names:
        return None
    try:
        settings = dedupe.Settings(**recorded)
    except (TypeError, ValueError):
        return None
    around = (round(settings.threshold + step, 3) for step in (-0.05, 0.0, 0.05))
    return Promise(
        settings=settings, recall=tuple((value, settings.bands.recall(value)) for value in around if 0 < value <= 1)
    )


def accepted(output: Path) -> tuple[PairSample, ...]:
    """Return the least similar of the accepted pairs, no document in two of them."""
    table = pq.read_table(output / "pairs.parquet")
    if not table.num_rows:  # pyarrow before 26 selects nothing from nothing with an error
        return ()
    order = [("jaccard", "ascending"), ("left_id", "ascending"), ("right_id", "ascending")]
    rows = table.take(pc.select_k_unstable(table, min(_LOOKED_AT, len(table)), sort_keys=order)).to_pylist()
    chosen: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in rows:
        if len(chosen) < MOST_PAIRS and seen.isdisjoint((row["left_id"], row["right_id"])):
            chosen.append(row)
            seen.update((row["left_id"], row["right_id"]))
    texts = by_id(output / "originals.parquet", "id", sorted(seen), ["url", "language", "text", "removals"])
    return tuple(
        PairSample(
            left=_compared(row["left_id"], texts[row["left_id"]]),
            right=_compared(row["right_id"], texts[row["right_id"]]),
            jaccard=row["jaccard"],
            containment=row["containment"],
        )
        for row in chosen
        if row["left_id"] in texts and row["right_id"] in texts
    )


def rejected(output: Path, settings: dedupe.Settings) -> tuple[PairSample, ...]:
    """Return the most similar pairs of kept documents that are no near-duplicates, no document in two of them."""
    sides: list[Side] = []
    characters = 0
    for row in islice(read_rows(output / "documents.parquet", ["id", "url", "language", "text"]), MOST_DOCUMENTS):
        sides.append(Side(**row))  # type: ignore[arg-type]  # the columns are the schema's
        characters += len(sides[-1].text)
        if characters > _MOST_CHARACTERS:
            break
    pairs = dedupe.closest_rejected([side.text for side in sides], settings=settings, max_pairs=MOST_PAIRS)
    return tuple(
        PairSample(left=sides[pair.left], right=sides[pair.right], jaccard=pair.jaccard, containment=pair.containment)
        for pair in pairs
    )


def _compared(name: str, row: dict[str, Any]) -> Side:
    """Return a document as it was compared: repeated paragraphs were taken out after that."""
    removals = [removal for removal in removals_of(row) if removal.rule != RULE]
    return Side(id=name, url=row["url"], language=row["language"], text=apply_removals(row["text"], removals))
