"""Metadata of documents: candidates, ranked values, names and titles."""
