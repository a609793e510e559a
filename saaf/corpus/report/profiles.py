"""What the profiles of sites removed: by host, with the texts that a person reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.corpus.corpus_tables import take_rows
from saaf.corpus.file_names import ORIGINALS
from saaf.corpus.report.group_sums import GroupSums, first_rows

if TYPE_CHECKING:
    from pathlib import Path

MAX_SITES = 1_000
"""Hosts that report.json names; the others are counted."""

_PREFIX = "profile."
_SUMS = ["documents", "blocks", "characters"]
_EXAMPLES = 3  # of a host
_EXAMPLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProfileTotal:
    """What the profile of a host removed: `blocks` from `documents`, and their `characters` (code points).

    `first` is the row, in originals/, of the first of the documents.
    """

    name: str
    documents: int
    blocks: int
    characters: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileTotals:
    """How many hosts have a profile that removed something, the first 1,000 by characters, and the sums of all."""

    count: int
    blocks: int
    characters: int
    top: tuple[SiteProfileTotal, ...]


class ProfileCounter:
    """Counts what rules of profiles removed; `directory` is where temporary files go."""

    def __init__(self, directory: Path | None) -> None:
        self._sums = GroupSums(["name"], _SUMS, least=["first"], directory=directory)

    def add(self, sites: pa.Array, spans: pa.Table, start: int) -> None:
        """Add removals: columns rule, row (a place in `sites`) and width; `start` is the number of the first row."""
        mine = spans.filter(pc.starts_with(spans["rule"], _PREFIX))
        if not mine.num_rows:
            return
        rows = mine["row"].to_numpy()
        is_first = np.ones(len(rows), np.int64)
        is_first[1:] = rows[1:] != rows[:-1]  # removals come document by document
        names = pc.fill_null(sites, "").take(pa.array(rows))
        ones = np.ones(len(rows), np.int64)
        columns = {"name": names, "documents": is_first, "blocks": ones, "first": rows + start}
        self._sums.add(pa.table(columns | {"characters": mine["width"].cast(pa.int64())}))

    def total(self) -> ProfileTotals:
        """Return the totals; nothing is added afterwards."""
        count = blocks = characters = 0
        top: pa.Table | None = None
        order = [("characters", "descending"), ("name", "ascending")]
        for table in self._sums.tables():
            count += table.num_rows
            blocks += pc.sum(table["blocks"]).as_py() or 0
            characters += pc.sum(table["characters"]).as_py() or 0
            top = first_rows([*([top] if top is not None else []), table], order, MAX_SITES)
        rows = top.to_pylist() if top is not None else []
        return ProfileTotals(
            count=count, blocks=blocks, characters=characters, top=tuple(SiteProfileTotal(**row) for row in rows)
        )


def profile_examples(corpus: Path, sites: tuple[SiteProfileTotal, ...]) -> dict[str, tuple[str, ...]]:
    """Return texts, three at most, that the profile of each host removed from its first document, by host."""
    numbers = sorted({site.first for site in sites})
    rows = dict(zip(numbers, take_rows(corpus, ORIGINALS, numbers, ["text", "removals"]), strict=True))
    return {site.name: _examples(rows[site.first]) for site in sites}


def _examples(row: dict[str, Any]) -> tuple[str, ...]:
    spans = (span for span in row["removals"] if span["rule"].startswith(_PREFIX))
    texts = (" ".join(row["text"][span["start"] : span["end"]].split()) for span in spans)
    cut = (text if len(text) <= _EXAMPLE_CHARACTERS else text[: _EXAMPLE_CHARACTERS - 1] + "…" for text in texts)
    return tuple(dict.fromkeys(cut))[:_EXAMPLES]
