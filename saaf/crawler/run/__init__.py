"""A crawl from its command to its corpus: checks, signals, progress, the end, the build."""
