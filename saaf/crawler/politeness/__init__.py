"""Politeness: robots.txt, turns of hosts and sites, back-off, and the downloader that keeps to them."""
