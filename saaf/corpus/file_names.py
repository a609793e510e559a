"""The names of the files of a corpus."""

from __future__ import annotations

DOCUMENTS = "documents.parquet"
ORIGINALS = "originals.parquet"
LEDGER = "ledger.parquet"
CLUSTERS = "clusters.parquet"
PAIRS = "pairs.parquet"
CONTAINED = "contained.parquet"
TABLES = (DOCUMENTS, ORIGINALS, CLUSTERS, PAIRS, LEDGER)
REPORTS = ("report.html", "report.json")
