"""The names of the files and directories of a corpus."""

from __future__ import annotations

DATA = "data"
REJECTED = "rejected"
ORIGINALS = "originals"
LEDGER = "ledger"
DEDUP = "dedup"
REPORT = "report"
CARD = "README.md"
EDITED_CARD = "README.edited.md"
"""A card that was edited, when a new build has written another."""
CROISSANT = "croissant.json"
MANIFEST = "manifest.json"

CLUSTERS = "dedup/clusters.parquet"
PAIRS = "dedup/pairs.parquet"
CONTAINED = "dedup/contained.parquet"
PARAGRAPHS = "dedup/paragraphs.parquet"
MATCHES = "dedup/matches.parquet"
REPORTS = ("report/report.html", "report/report.json")

DIRECTORIES = (DATA, REJECTED, ORIGINALS, LEDGER, DEDUP, REPORT)
ENTRIES = (*DIRECTORIES, CARD, CROISSANT, MANIFEST)
"""The entries of a corpus in its directory, which a build replaces."""
SPLIT, PART = "train", "part"
"""What the names of files begin with: those in data/, and those of other tables in parts."""
WORK = ".work"
"""The directory of a build that has not ended, in that of its corpus."""

OLD_DOCUMENTS, OLD_ORIGINALS, OLD_LEDGER = "documents.parquet", "originals.parquet", "ledger.parquet"
OLD_DEDUP = ("clusters.parquet", "pairs.parquet", "contained.parquet", "paragraphs.parquet", "matches.parquet")
OLD_REPORTS = ("report.html", "report.json")
OLD_TABLES = (OLD_DOCUMENTS, OLD_ORIGINALS, *OLD_DEDUP[:2], OLD_LEDGER)
"""The tables of a corpus of the first layout, all in its directory."""
OLD_ENTRIES = (*OLD_TABLES, *OLD_DEDUP[2:], *OLD_REPORTS)


def shard_name(prefix: str, number: int, count: int) -> str:
    """Return the name of the shard with a number, from 0, of `count` shards.

    >>> shard_name("train", 0, 12)
    'train-00000-of-00012.parquet'
    """
    return f"{prefix}-{number:05}-of-{count:05}.parquet"


def part_name(number: int, count: int) -> str:
    """Return the name of the part with a number, from 0, of `count` parts of a table that is not data/."""
    return shard_name(PART, number, count)
