"""Replay: saved pages and archives answer the requests, and none reaches the network."""
