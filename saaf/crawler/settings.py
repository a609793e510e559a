"""Settings of this Scrapy project; Scrapy's defaults are not repeated.

The SAAF_* settings are this project's own, described in `saaf.crawler.config.Config`; the add-on enables the
components.
"""

BOT_NAME = "saaf"
SPIDER_MODULES = ["saaf.crawler.spiders"]
NEWSPIDER_MODULE = "saaf.crawler.spiders"
COMMANDS_MODULE = "saaf.crawler.commands"
ADDONS = {"saaf.crawler.addon.Saaf": 100}

SAAF_OUTPUT = "out/%(spider)s"
SAAF_FIXTURES: list[str] = []
SAAF_BUILD = True
SAAF_WORKERS = 0
SAAF_TIMEOUT = 30
SAAF_KEEP: list[str] = []
SAAF_SPLIT_APPENDED = False
SAAF_FRESH = False
SAAF_REVISIT = "lists"
SAAF_WARC_SEGMENT = 1_000_000_000
SAAF_PATIENCE = 60

# Scrapy starts this many tasks for each response to send its items on, and a page is one item.
CONCURRENT_ITEMS = 4

# Politeness: the crawler says who it is, obeys robots.txt, and slows down where a site answers slowly.
USER_AGENT = "saaf/0.2 (a crawler for text corpora; it obeys robots.txt)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "saaf"
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_DELAY = 1.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
COOKIES_ENABLED = False

# Scrapy asks for English by default; a corpus of all languages wants each site in its own.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5",
    "Accept-Language": "*",
}

# Consoles that would let others run code in a crawl are off.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Not in the add-on: the command line looks for the format of `-O out.parquet` before add-ons are loaded.
FEED_EXPORTERS = {"parquet": "saaf.crawler.parquet.ParquetItemExporter"}
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
