"""The spiders, one file each; `scrapy list` shows their names."""
