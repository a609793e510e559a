"""The corpus: readers, the build, Parquet tables, the ledger, reports and the command line."""
