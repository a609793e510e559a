"""Shards: a crawl in several processes, each with the hosts that are its own."""
