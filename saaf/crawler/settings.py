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
SAAF_SOURCE: list[str] = []
SAAF_BUILD = True
SAAF_WORKERS = 0
SAAF_TIMEOUT = 30
SAAF_TRAP_PAGES = 20
SAAF_KEEP: list[str] = []
SAAF_SPLIT_APPENDED = False
SAAF_ALLOW_ADDRESSES: list[str] = []
SAAF_TLS = "verify"
SAAF_BACKOFF = 2.0
SAAF_BACKOFF_MAX = 120.0
SAAF_HOST_PAGES = 0
SAAF_HOST_BYTES = 0
SAAF_HOST_SECONDS = 0
SAAF_RIGHTS = "record"
SAAF_TDMREP = True
SAAF_PROGRESS = 60
SAAF_QUIET = True
SAAF_FRESH = False
SAAF_REVISIT = "lists"
SAAF_WARC_SEGMENT = 1_000_000_000
SAAF_PATIENCE: float | None = None
SAAF_SHARD = ""
SAAF_BROWSER = "never"
SAAF_BROWSER_PATH = ""
SAAF_BROWSER_SANDBOX = True
SAAF_BROWSER_PAGES = 1000
SAAF_BROWSER_TABS = 2
SAAF_BROWSER_RESTART = 100

# Scrapy starts this many tasks for each response to send its items on, and a page is one item.
CONCURRENT_ITEMS = 4

# Politeness: one request at a time for a site, slower where it answers slowly; robots.txt is obeyed. The user agent has
# no contact: a live crawl wants one that has.
USER_AGENT = "saaf/0.2 (a crawler for text corpora; it obeys robots.txt)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "saaf"
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DNS_TIMEOUT = 20
REACTOR_THREADPOOL_MAXSIZE = 20
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False  # the spiders read it: Scrapy would lose pages that reload themselves

# Scrapy asks for English by default; a corpus of all languages wants each site in its own.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5",
    "Accept-Language": "*",
}

# Consoles that would let others run code in a crawl are off.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# The add-on adds it to `scrapy crawl`; Scrapy's other commands read it before they load add-ons.
FEED_EXPORTERS = {"parquet": "saaf.crawler.items.parquet.ParquetItemExporter"}
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s: %(message)s"
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the ledger of URLs has the reason, in words
LOG_VERSIONS: list[str] = []
