"""Spiders, discovery, capture and replay: the only room that knows Scrapy."""
