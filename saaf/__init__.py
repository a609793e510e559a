"""Scrape and clean multilingual web corpora."""
