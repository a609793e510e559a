"""Counts of page types by language: documents that are in the corpus, and those that were read and left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from saaf.corpus.corpus_tables import column_names, iter_batches
from saaf.corpus.file_names import DATA, REJECTED

if TYPE_CHECKING:
    from pathlib import Path

_ROWS = 20_000
_COLUMNS = ["language", "page_type"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTypeTotal:
    """The documents of a type of pages in one language, "" for all: `kept` in the corpus, `left_out` of it."""

    type: str
    language: str
    kept: int
    left_out: int


def count_page_types(corpus: Path) -> tuple[PageTypeTotal, ...]:
    """Return the counts of a corpus: of each type in all languages, most frequent first, each with its languages.

    Plain texts have no type and are not counted.
    """
    kept, left_out = _count(corpus, DATA), _count(corpus, REJECTED)
    by_type: Counter[str] = Counter()
    for (_, name), number in (kept + left_out).items():
        by_type[name] += number
    found = []
    for name, _ in sorted(by_type.items(), key=lambda one: (-one[1], one[0])):
        rows = [
            PageTypeTotal(type=name, language=language, kept=kept[language, name], left_out=left_out[language, name])
            for language in sorted({language for language, own in (kept | left_out) if own == name})
        ]
        rows.sort(key=lambda row: -row.kept - row.left_out)
        total = PageTypeTotal(
            type=name,
            language="",
            kept=sum(row.kept for row in rows),
            left_out=sum(row.left_out for row in rows),
        )
        found += [total, *rows]
    return tuple(found)


def _count(corpus: Path, table: str) -> Counter[tuple[str, str]]:
    """Return how many documents of a table there are of each language and type."""
    counts: Counter[tuple[str, str]] = Counter()
    if not set(_COLUMNS) <= set(column_names(corpus, table)):
        return counts
    for batch in iter_batches(corpus, table, _COLUMNS, rows=_ROWS):
        typed = batch.filter(pc.is_valid(batch["page_type"]))
        counts.update(zip(typed["language"].to_pylist(), typed["page_type"].to_pylist(), strict=True))
    return counts
