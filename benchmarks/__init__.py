"""Benchmarks: quality and speed, measured beside peers; run as modules from the checkout."""
