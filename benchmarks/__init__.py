"""Benchmarks of quality and speed, beside peers; run as modules from the checkout: `python -m benchmarks.NAME`."""
