"""The configuration of a crawl: the SAAF_* settings, read once into one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from scrapy.settings import SETTINGS_PRIORITIES

from saaf.cleaning.rights.signals import AGENT
from saaf.cleaning.text.fasttext_file import read_language_model
from saaf.corpus.configuration import Configuration, read_configuration, with_options
from saaf.corpus.input_files import is_utf_8
from saaf.corpus.input_paths import url_scheme
from saaf.corpus.limits import MAX_WORKERS, default_workers
from saaf.corpus.process_limits import CPU_SECONDS, Limits
from saaf.corpus.rights import RightsPolicy
from saaf.corpus.user_packs import read_packs
from saaf.corpus.warc_segments import SEGMENT_BYTES
from saaf.crawler.browser.options import BrowserMode, BrowserOptions, browser_options
from saaf.crawler.discovery.traps import PAGES as TRAP_PAGES
from saaf.crawler.frontier.revisits import Revisit
from saaf.crawler.guards.addresses import AddressPolicy
from saaf.crawler.guards.tls_mode import TlsMode
from saaf.crawler.politeness.host_health import Limits as HostLimits
from saaf.crawler.politeness.robots_rules import crawl_tokens
from saaf.crawler.setting_values import address_policy, build_options, host_limits, number, positive, tls_mode
from saaf.crawler.shards.shards import Shard, parse_shard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

MAX_INTERVAL = 86_400  # seconds: a day
WORKER_NICENESS = 10
"""nice(2) of the processes that read and clean pages: the reactor answers first where processors are few."""
PATIENCE = 60.0
"""Seconds: the least default of SAAF_PATIENCE, which is never below the longest pause that a host may ask for."""


def configuration_file(settings: BaseSettings) -> Configuration:
    """Return the configuration in the file that SAAF_CONFIG names, or in saaf.toml. Raises as `read_configuration`."""
    named = settings["SAAF_CONFIG"]
    return read_configuration(Path(str(named)) if named else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The SAAF_* settings of one crawl.

    `output` is where the capture and the corpus go. `fixtures` are directories of saved pages to replay, `source` are
    WARC and WACZ files, and directories of them, to replay; () for both means a live crawl. `capture` is off outside
    `scrapy crawl`, so that `scrapy shell` never overwrites a capture. `build` says whether a corpus is built once the
    crawl is over. `workers` is a number of processes, at least 1. `timeout` is seconds of CPU time for one page, more
    than 0. `trap_pages` is the number of pages in a row without new text after which a template of addresses is
    abandoned, 0 for never (`saaf.crawler.discovery.traps`). `rules` are directories of language packs, `lid` is the
    file of a language model, checked, None for none. `keep` and `split_appended` are as in
    `saaf.corpus.settings.BuildSettings`. `rights` says what becomes of pages that their publishers reserve from
    training ("record" or "skip"), `tdmrep` whether the tdmrep.json of each host is fetched; `agent` has the product
    tokens of ROBOTSTXT_USER_AGENT and USER_AGENT, by which robots.txt and rights signals may address the crawl.
    `addresses` is what the crawl may connect to beside the public internet's ports 80 and 443 (SAAF_ALLOW_ADDRESSES).
    `tls` says what a certificate that cannot be verified does (SAAF_TLS). `host_limits` are back-off (SAAF_BACKOFF…,
    seconds) and budget of a host (SAAF_HOST_PAGES, SAAF_HOST_BYTES, SAAF_HOST_SECONDS; 0 is no limit). `progress` is
    the number of seconds between two lines of progress on the log, 0 for none, on a terminal too. `quiet` leaves
    Scrapy's own lines of information out of the log, unless the command line sets its level. `fresh` moves an earlier
    capture aside. `segment_bytes` is the size from which a WARC segment is full. `revisit` says what a later run visits
    again. `patience` is the number of seconds that a crawl waits for hosts and URLs to be requested later, when nothing
    else is left; where SAAF_PATIENCE is not set, as long as a host may ask for (SAAF_BACKOFF_MAX), so that none is left
    out. `shard` is the part of the crawl that this process does, None for all of it: `output` is then the shard's own
    directory, and no corpus is built. `browser` says which pages a browser renders (SAAF_BROWSER…). `is_command` says
    that a command builds after the crawl, and calls `saaf.crawler.capture.extension.CaptureExtension.settle` then.
    `arguments` are those of the spider, as JSON, which a crawl that goes on compares with those of its first run.
    `configuration` is what saaf.toml, or the file of SAAF_CONFIG (then it `is_given`), and before these `build_options`
    (SAAF_BUILD_OPTIONS, by the keys of that file) say of the build after the crawl; settings of Scrapy precede it.
    `configuration_file` is what the file alone says.
    """

    output: Path
    fixtures: tuple[Path, ...]
    capture: bool
    build: bool
    workers: int
    timeout: float
    trap_pages: int = TRAP_PAGES
    keep: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    lid: Path | None = None
    split_appended: bool = False
    addresses: AddressPolicy = field(default_factory=AddressPolicy)
    tls: TlsMode = TlsMode.VERIFY
    host_limits: HostLimits = field(default_factory=HostLimits)
    rights: RightsPolicy = RightsPolicy.RECORD
    tdmrep: bool = True
    source: tuple[Path, ...] = ()
    shard: Shard | None = None
    agent: str = AGENT
    progress: float = 60.0
    quiet: bool = False
    fresh: bool = False
    segment_bytes: int = SEGMENT_BYTES
    revisit: Revisit = Revisit.LISTS
    patience: float = PATIENCE
    browser: BrowserOptions = field(default_factory=BrowserOptions)
    is_command: bool = False
    arguments: str = ""
    configuration: Configuration = field(default_factory=Configuration)
    configuration_file: Configuration = field(default_factory=Configuration)
    configuration_is_given: bool = False
    build_options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether the crawl asks servers; a replay does not."""
        return not (self.fixtures or self.source)

    @property
    def capture_path(self) -> Path:
        """The directory of the WARC file and the ledger of URLs."""
        return self.output / "capture"

    @property
    def whole_output(self) -> Path:
        """The output of the whole crawl: of a shard, the directory that holds those of all shards."""
        return self.output.parent if self.shard else self.output

    @property
    def replays(self) -> bool:
        """Whether saved responses are replayed: no request reaches the network."""
        return bool(self.fixtures or self.source)

    @property
    def has_browser(self) -> bool:
        """Whether a browser renders pages of this crawl."""
        return self.live and self.browser.mode is not BrowserMode.NEVER

    @classmethod
    def from_settings(cls, settings: BaseSettings, spider: str) -> Config:
        """Read the settings for the spider of that name.

        Raises ValueError, which says which setting is wrong and how to set it.
        """
        # Not the % operator: a directory may have a percent sign of its own.
        output = (settings["SAAF_OUTPUT"] or "out/%(spider)s").replace("%(spider)s", spider)
        if not is_utf_8(output):
            raise ValueError(f"SAAF_OUTPUT is a directory whose name is UTF-8, not {output!r}")
        if scheme := url_scheme(output):
            raise ValueError(
                f"SAAF_OUTPUT is a directory of this machine, not {output!r}: crawl into one, and build its corpus at "
                f"{scheme}:// with `saaf build`"
            )
        fixtures = tuple(Path(name) for name in settings.getlist("SAAF_FIXTURES"))
        for directory in fixtures:
            if not directory.is_dir():
                raise ValueError(f"SAAF_FIXTURES: {directory} is not a directory; name one that holds a manifest.toml")
        if settings.getbool("SAAF_CAPTURE") and settings.get("JOBDIR"):
            raise ValueError(
                "JOBDIR is of no use here: a crawl goes on by itself with the same SAAF_OUTPUT; leave it out"
            )
        shard = parse_shard(str(settings["SAAF_SHARD"])) if settings["SAAF_SHARD"] else None
        timeout = number(settings, "SAAF_TIMEOUT", default=CPU_SECONDS)
        try:
            Limits(cpu_seconds=timeout)
        except ValueError as error:
            raise ValueError(f"SAAF_TIMEOUT: {error}") from None
        workers = int(number(settings, "SAAF_WORKERS", default=0.0))
        if not 0 <= workers <= MAX_WORKERS:
            raise ValueError(
                f"SAAF_WORKERS is a number of processes up to {MAX_WORKERS}, or 0 for one a processor, not {workers}"
            )
        progress = number(settings, "SAAF_PROGRESS", default=60.0)
        if not 0 <= progress <= MAX_INTERVAL:
            raise ValueError(f"SAAF_PROGRESS is a number of seconds from 0 (none) to {MAX_INTERVAL}, not {progress:g}")
        trap_pages = int(number(settings, "SAAF_TRAP_PAGES", default=TRAP_PAGES))
        if trap_pages < 0:
            raise ValueError(f"SAAF_TRAP_PAGES is a number of pages, or 0 to follow traps for ever, not {trap_pages}")
        limits = host_limits(settings)
        patience = max(PATIENCE, limits.backoff, limits.max_backoff)
        options = build_options(settings)
        own = configuration_file(settings)
        file = with_options(own, options, "SAAF_BUILD_OPTIONS")
        return cls(
            output=shard.directory(Path(output)) if shard else Path(output),
            fixtures=fixtures,
            capture=settings.getbool("SAAF_CAPTURE"),
            build=settings.getbool("SAAF_BUILD", True) and shard is None,
            workers=workers or int(file.values.get("workers", 0)) or default_workers(),
            timeout=timeout,
            trap_pages=trap_pages,
            keep=_rule_patterns(settings, file),
            rules=_pack_directories(settings, file),
            lid=_language_model(settings, file),
            split_appended=bool(_of_file(settings, "SAAF_SPLIT_APPENDED", file, "split_appended"))
            or settings.getbool("SAAF_SPLIT_APPENDED"),
            addresses=address_policy(settings),
            tls=tls_mode(settings),
            host_limits=limits,
            rights=_rights(settings, file),
            tdmrep=settings.getbool("SAAF_TDMREP", True),
            source=_source(settings, fixtures),
            shard=shard,
            agent=crawl_tokens(settings),
            progress=progress,
            quiet=settings.getbool("SAAF_QUIET"),
            is_command=settings.getbool("SAAF_COMMAND"),
            arguments=str(settings.get("SAAF_ARGUMENTS") or ""),
            fresh=settings.getbool("SAAF_FRESH"),
            segment_bytes=int(positive(settings, "SAAF_WARC_SEGMENT", default=SEGMENT_BYTES)),
            revisit=_revisit(settings),
            patience=positive(settings, "SAAF_PATIENCE", default=patience),
            browser=browser_options(settings),
            configuration=file,
            configuration_file=own,
            configuration_is_given=bool(settings["SAAF_CONFIG"]),
            build_options=options,
        )


_configs: WeakKeyDictionary[Crawler, Config] = WeakKeyDictionary()


def config_of(crawler: Crawler) -> Config:
    """Return the configuration of a crawl, which is read once for all components of its crawler.

    Settings that can still change, as before Scrapy has loaded the add-ons, are read anew. Raises ValueError as
    `Config.from_settings` does.
    """
    if not crawler.settings.frozen:
        return Config.from_settings(crawler.settings, crawler.spidercls.name)
    if crawler not in _configs:
        _configs[crawler] = Config.from_settings(crawler.settings, crawler.spidercls.name)
    return _configs[crawler]


def _source(settings: BaseSettings, fixtures: tuple[Path, ...]) -> tuple[Path, ...]:
    paths = tuple(Path(name.strip()) for name in settings.getlist("SAAF_SOURCE") if name.strip())
    for path in paths:
        if not path.exists():
            raise ValueError(f"SAAF_SOURCE: there is no {path}; name WARC or WACZ files, or directories of them")
    if paths and fixtures:
        raise ValueError("SAAF_SOURCE and SAAF_FIXTURES are both set: a crawl replays one of them")
    return paths


def _rights(settings: BaseSettings, file: Configuration) -> RightsPolicy:
    value = str(_of_file(settings, "SAAF_RIGHTS", file, "rights") or settings.get("SAAF_RIGHTS") or RightsPolicy.RECORD)
    try:
        return RightsPolicy(value.strip().lower())
    except ValueError:
        raise ValueError(
            f"SAAF_RIGHTS is record (keep what reserves training; columns say so) or skip (leave it out), not {value!r}"
        ) from None


def _revisit(settings: BaseSettings) -> Revisit:
    value = settings.get("SAAF_REVISIT") or Revisit.LISTS
    try:
        return Revisit(value)
    except ValueError:
        names = ", ".join(Revisit)
        raise ValueError(
            f"SAAF_REVISIT is one of {names}, not {value!r}: for example -s SAAF_REVISIT=articles"
        ) from None


def _of_file(settings: BaseSettings, name: str, file: Configuration, key: str) -> Any:
    """Return the value of a key of saaf.toml, None where it has none or a setting of the crawl precedes it."""
    is_default = (settings.getpriority(name) or 0) <= SETTINGS_PRIORITIES["project"] and settings.get(name) in (
        None, [], False, str(RightsPolicy.RECORD),
    )  # fmt: skip
    return file.values.get(key) if is_default else None


def _rule_patterns(settings: BaseSettings, file: Configuration) -> tuple[str, ...]:
    patterns = tuple(_of_file(settings, "SAAF_KEEP", file, "keep") or settings.getlist("SAAF_KEEP"))
    if not patterns:
        return ()
    from saaf.cleaning.postprocess import match_rule_ids  # noqa: PLC0415  # loads all of the cleaning

    try:
        match_rule_ids(patterns)
    except ValueError as error:
        raise ValueError(f"SAAF_KEEP: {error}") from None
    return patterns


def _pack_directories(settings: BaseSettings, file: Configuration) -> tuple[Path, ...]:
    """Return the directories of the user's language packs. Raises ValueError where one is none."""
    names = _of_file(settings, "SAAF_RULES", file, "rules") or settings.getlist("SAAF_RULES")
    directories = tuple(Path(str(name)) for name in names)
    try:
        read_packs(directories, installed=())
    except ValueError as error:
        raise ValueError(f"SAAF_RULES: {error}") from None
    return directories


def _language_model(settings: BaseSettings, file: Configuration) -> Path | None:
    """Return the file of the user's language model, None for none. Raises ValueError where it cannot be used."""
    name = settings.get("SAAF_LID") or file.values.get("lid")
    if not name:
        return None
    try:
        read_language_model(Path(str(name)))
    except ValueError as error:
        raise ValueError(f"SAAF_LID: {error}") from None
    return Path(str(name))
