"""Votes on blocks by other extractors and by structured data."""
