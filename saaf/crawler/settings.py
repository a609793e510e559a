"""Settings of this Scrapy project; Scrapy's defaults are not repeated.

The SAAF_* settings are this project's own, read into `saaf.crawler.config.Config`; the add-on enables the components.
What stands below a setting is its description in the reference.
"""

BOT_NAME = "saaf"
"""The name of the project."""
SPIDER_MODULES = ["saaf.crawler.spiders"]
"""Where spiders are looked for."""
NEWSPIDER_MODULE = "saaf.crawler.spiders"
"""Where `scrapy genspider` puts a new spider."""
COMMANDS_MODULE = "saaf.crawler.commands"
"""Where `scrapy` finds this package's commands: `crawl` with the build, `check`, `genspider -t news`."""
ADDONS = {"saaf.crawler.addon.Saaf": 100}
"""The add-on that enables all of this package's components."""

SAAF_OUTPUT = "out/%(spider)s"
"""The directory for the capture and the corpus; the same one again goes on with the crawl. `%(spider)s` is the spider's
name."""
SAAF_FIXTURES: list[str] = []
"""Directories of saved pages to replay in place of the network; none means a live crawl."""
SAAF_SOURCE: list[str] = []
"""WARC and WACZ files, and directories of them, to replay in place of the network."""
SAAF_BUILD = True
"""Whether the corpus is built when the crawl is over. A shard builds none."""
SAAF_WORKERS = 0
"""The number of processes that clean pages; 0 means one for each processor."""
SAAF_TIMEOUT = 30
"""Seconds of CPU time that cleaning one page may take."""
SAAF_TRAP_PAGES = 20
"""Pages in a row without new text after which addresses of one form are requested no more; 0 for never."""
SAAF_KEEP: list[str] = []
"""Rules, by id or pattern (`html.caption`, `*.photo_credit`), whose removals stay in the text."""
SAAF_RULES: list[str] = []
"""Directories of language packs of your own, applied after those of saaf."""
SAAF_LID = ""
"""File of a fastText model that names the languages, in place of the built-in identifiers; needs the extra `lid`."""
SAAF_SPLIT_APPENDED = False
"""Whether an article that a page prints after its own becomes a document of its own."""
SAAF_ALLOW_ADDRESSES: list[str] = []
"""What the crawl may connect to beside the public internet's ports 80 and 443: hosts, addresses, networks, each with a
port where it is another (`127.0.0.1:8000`, `10.0.0.0/8:*`)."""
SAAF_TLS = "verify"
"""What a certificate that cannot be verified does: `verify` fetches nothing, `record` fetches the page and counts it in
the stats."""
SAAF_BACKOFF = 2.0
"""Seconds of the first pause after status 429 or 503; each further one in a row is twice as long."""
SAAF_BACKOFF_MAX = 120.0
"""Seconds of the longest such pause."""
SAAF_HOST_PAGES = 0
"""The most pages of one host; 0 for no limit."""
SAAF_HOST_BYTES = 0
"""The most bytes of bodies of one host; 0 for no limit."""
SAAF_HOST_SECONDS = 0
"""Seconds after the first request to a host from which it gets no more; 0 for no limit."""
SAAF_RIGHTS = "record"
"""What becomes of pages that their publishers reserve from training: `record` keeps them, with columns that say so;
`skip` leaves them out."""
SAAF_TDMREP = True
"""Whether `/.well-known/tdmrep.json` of each host is requested, once a day."""
SAAF_PROGRESS = 60
"""Seconds between two lines of progress on the log; 0 for none, on a terminal either."""
SAAF_QUIET = True
"""Whether Scrapy's own lines of information are left out of the log, unless the command line sets its level (`-L`)."""
SAAF_CONFIG = ""
"""The file with the settings of the build after the crawl; empty for `saaf.toml` in the working directory, if any."""
SAAF_BUILD_OPTIONS: dict[str, object] = {}
"""Settings of the build after the crawl, by the keys of `saaf.toml` (`{"language": ["hi"], "redact": ["email"]}`); they
precede that file."""
SAAF_FRESH = False
"""Whether an earlier capture is moved aside (`capture.1`, …) and the crawl begins anew."""
SAAF_REVISIT = "lists"
"""What a later run visits again: `nothing`, `lists`, or `articles` (and lists)."""
SAAF_WARC_SEGMENT = 1_000_000_000
"""The size in bytes from which on a WARC file is full, and another begins."""
SAAF_PATIENCE: float | None = None
"""Seconds that the crawl waits for hosts and URLs that are not to be requested before, when nothing else is left; not
set, as long as a host may ask for (SAAF_BACKOFF_MAX)."""
SAAF_SHARD = ""
"""The part of the crawl that this process does, `K/N`; the argument `-a shard=K/N` sets it. Empty for all of it."""
SAAF_BROWSER = "never"
"""Which pages a browser renders: `never`, `empty` (those that are empty without), `always`."""
SAAF_BROWSER_PATH = ""
"""The browser's program; empty for the one that Playwright installs."""
SAAF_BROWSER_SANDBOX = True
"""Whether the browser runs in its sandbox; root, and many containers, cannot."""
SAAF_BROWSER_PAGES = 1000
"""The most pages that are rendered in a crawl; 0 for no limit."""
SAAF_BROWSER_TABS = 2
"""Pages that are rendered at a time."""
SAAF_BROWSER_RESTART = 100
"""Pages after which the browser is started anew."""

# Scrapy starts this many tasks for each response to send its items on, and a page is one item.
CONCURRENT_ITEMS = 4
"""Items of one response that are processed at a time; a page is one item."""

# Politeness: one request at a time for a site, slower where it answers slowly; robots.txt is obeyed. The user agent has
# no contact: a live crawl wants one that has.
USER_AGENT = "saaf/0.2 (a crawler for text corpora; it obeys robots.txt)"
"""What the crawler calls itself: a live crawl wants a name and a contact, which this has not."""
ROBOTSTXT_OBEY = True
"""Whether robots.txt is obeyed."""
ROBOTSTXT_USER_AGENT = "saaf"
"""The name by which robots.txt may address the crawler, beside that of USER_AGENT."""
CONCURRENT_REQUESTS = 32
"""Requests under way at a time, of all hosts together."""
CONCURRENT_REQUESTS_PER_DOMAIN = 1
"""Requests under way at a time to the hosts of one registered domain, or of one address."""
DOWNLOAD_DELAY = 1.0
"""Seconds between two requests to them, half more or less at random."""
DOWNLOAD_TIMEOUT = 30
"""Seconds from the beginning of a request to its last byte."""
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
"""The largest body in bytes, as it comes and unpacked."""
DNS_TIMEOUT = 20
"""Seconds for the answer of the DNS."""
REACTOR_THREADPOOL_MAXSIZE = 20
"""Threads that look up the names of hosts."""
AUTOTHROTTLE_ENABLED = True
"""Whether the delay grows where a site answers slowly."""
AUTOTHROTTLE_START_DELAY = 1.0
"""Seconds of the delay before a site has answered."""
COOKIES_ENABLED = False
"""Whether cookies are kept and sent."""
METAREFRESH_ENABLED = False  # the spiders read it: Scrapy would lose pages that reload themselves
"""Whether Scrapy follows `<meta refresh>`; the spiders read it themselves."""

# Scrapy asks for English by default; a corpus of all languages wants each site in its own.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5",
    "Accept-Language": "*",
}
"""Headers of every request."""

# Consoles that would let others run code in a crawl are off.
TELNETCONSOLE_ENABLED = False
"""Whether Scrapy's Telnet console runs."""
REMOTE_CONTROL_ENABLED = False
"""Whether Scrapy can be controlled by other processes."""

# The add-on adds it to `scrapy crawl`; Scrapy's other commands read it before they load add-ons.
FEED_EXPORTERS = {"parquet": "saaf.crawler.items.parquet.ParquetItemExporter"}
"""Formats of `-O` beside Scrapy's."""
FEED_EXPORT_ENCODING = "utf-8"
"""The encoding of feeds."""
LOG_LEVEL = "INFO"
"""The least level of what is logged."""
LOG_FORMAT = "%(asctime)s %(levelname)s: %(message)s"
"""The form of a line of the log."""
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the ledger of URLs has the reason, in words
"""The level at which a page that failed is logged: the ledger has it."""
LOG_VERSIONS: list[str] = []
"""Versions of libraries that are logged at the start."""
