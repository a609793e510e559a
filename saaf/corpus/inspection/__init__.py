"""Verification of a published corpus: files, schemas, counts, removals and near-duplicates are as the manifest says."""
