"""Spiders, URL discovery, capture to WARC and replay: the only package that imports Scrapy."""
