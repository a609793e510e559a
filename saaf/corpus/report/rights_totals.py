"""Counts of rights by host: documents that are in the corpus with a preference, and those left out for one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from saaf.corpus.ledger import State

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRightsTotal:
    """The counts of one host. `skipped` are inputs in state rights_reserved; the others are documents of the corpus:
    with training reserved, allowed, and unstated, with search reserved, and with a licence.
    """

    name: str
    skipped: int
    train_reserved: int
    train_allowed: int
    train_unstated: int
    search_reserved: int
    licensed: int


def count_rights(output: Path) -> tuple[SiteRightsTotal, ...]:
    """Return the counts of the corpus in `output`, most reserved and skipped first, then by name.

    Hosts where nothing is stated and nothing was skipped are left out. () for a corpus of an older version, which has
    no such columns.
    """
    counts: Counter[tuple[str, str]] = Counter()
    documents = pq.ParquetFile(output / "documents.parquet")
    columns = ["site", "rights_train", "rights_search", "rights_licence"]
    with documents:
        if not set(columns) <= set(documents.schema_arrow.names):
            return ()
        for batch in documents.iter_batches(columns=columns):
            for site, train, search, licence in zip(*(batch[name].to_pylist() for name in columns), strict=True):
                counts[site, f"train_{train or 'unstated'}"] += 1
                counts[site, "search_reserved"] += search == "reserved"
                counts[site, "licensed"] += licence is not None
    reserved = [("state", "=", State.RIGHTS_RESERVED.value)]
    for site in pq.read_table(output / "ledger.parquet", columns=["site"], filters=reserved)["site"].to_pylist():
        counts[site, "skipped"] += 1
    totals = (_total(site, counts) for site in {site for site, _ in counts})
    stated = (total for total in totals if _stated(total))
    return tuple(sorted(stated, key=lambda total: (-total.train_reserved - total.skipped, total.name)))


def _total(site: str, counts: Counter[tuple[str, str]]) -> SiteRightsTotal:
    return SiteRightsTotal(
        name=site,
        skipped=counts[site, "skipped"],
        train_reserved=counts[site, "train_reserved"],
        train_allowed=counts[site, "train_allowed"],
        train_unstated=counts[site, "train_unstated"],
        search_reserved=counts[site, "search_reserved"],
        licensed=counts[site, "licensed"],
    )


def _stated(total: SiteRightsTotal) -> int:
    return total.skipped + total.train_reserved + total.train_allowed + total.search_reserved + total.licensed
