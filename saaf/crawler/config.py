"""The configuration of a crawl: the SAAF_* settings, read once into one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cleaning.postprocess import match_rule_ids
from saaf.corpus.input_files import is_utf_8
from saaf.corpus.limits import MAX_WORKERS
from saaf.corpus.process_limits import CPU_SECONDS, Limits
from saaf.corpus.settings import BuildSettings

from .addresses import SETTING, AddressPolicy
from .browser_options import BrowserOptions, browser_options
from .host_health import Limits as HostLimits
from .tls_mode import TlsMode

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

MAX_INTERVAL = 86_400  # seconds: a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The SAAF_* settings of one crawl.

    `output` is where the capture and the corpus go. `fixtures` are directories of saved pages to replay; () means a
    live crawl. `capture` is off outside `scrapy crawl`, so that `scrapy shell` never overwrites a capture. `build` says
    whether a corpus is built once the crawl is over. `workers` is a number of processes, at least 1. `timeout` is
    seconds of CPU time for one page, more than 0. `keep` and `split_appended` are as in
    `saaf.corpus.settings.BuildSettings`. `progress` is the number of seconds between two lines of progress on the log,
    0 for none; on a terminal the line is always there, unless it is 0. `quiet` leaves Scrapy's own lines of information
    out of the log of `scrapy crawl`, unless the command line sets the level of the log. `addresses` is what the crawl
    may connect to beside the public internet's ports 80 and 443 (SAAF_ALLOW_ADDRESSES). `tls` says what a certificate
    that cannot be verified does (SAAF_TLS). `host_limits` are back-off (SAAF_BACKOFF, SAAF_BACKOFF_MAX, seconds) and
    budget of a host (SAAF_HOST_PAGES, SAAF_HOST_BYTES, SAAF_HOST_SECONDS; 0 is no limit). `browser` says which pages a
    browser renders (SAAF_BROWSER…).
    """

    output: Path
    fixtures: tuple[Path, ...]
    capture: bool
    build: bool
    workers: int
    timeout: float
    keep: tuple[str, ...] = ()
    split_appended: bool = False
    progress: float = 60.0
    quiet: bool = False
    addresses: AddressPolicy = field(default_factory=AddressPolicy)
    tls: TlsMode = TlsMode.VERIFY
    host_limits: HostLimits = field(default_factory=HostLimits)
    browser: BrowserOptions = field(default_factory=BrowserOptions)

    @property
    def live(self) -> bool:
        """Whether the crawl asks servers; a replay does not."""
        return not self.fixtures

    @property
    def capture_path(self) -> Path:
        """The directory of the WARC file and the ledger of URLs."""
        return self.output / "capture"

    @classmethod
    def from_settings(cls, settings: BaseSettings, spider: str) -> Config:
        """Read the settings for the spider of that name.

        Raises ValueError, which says which setting is wrong and how to set it.
        """
        # Not the % operator: a directory may have a percent sign of its own.
        output = (settings["SAAF_OUTPUT"] or "out/%(spider)s").replace("%(spider)s", spider)
        if not is_utf_8(output):
            raise ValueError(f"SAAF_OUTPUT is a directory whose name is UTF-8, not {output!r}")
        fixtures = tuple(Path(name) for name in settings.getlist("SAAF_FIXTURES"))
        for directory in fixtures:
            if not directory.is_dir():
                raise ValueError(f"SAAF_FIXTURES: {directory} is not a directory; name one that holds a manifest.toml")
        timeout = _number(settings, "SAAF_TIMEOUT", default=CPU_SECONDS)
        try:
            Limits(cpu_seconds=timeout)
        except ValueError as error:
            raise ValueError(f"SAAF_TIMEOUT: {error}") from None
        workers = int(_number(settings, "SAAF_WORKERS", default=0.0))
        if not 0 <= workers <= MAX_WORKERS:
            raise ValueError(
                f"SAAF_WORKERS is a number of processes up to {MAX_WORKERS}, or 0 for one a processor, not {workers}"
            )
        progress = _number(settings, "SAAF_PROGRESS", default=60.0)
        if not 0 <= progress <= MAX_INTERVAL:
            raise ValueError(f"SAAF_PROGRESS is a number of seconds from 0 (none) to {MAX_INTERVAL}, not {progress:g}")
        return cls(
            output=Path(output),
            fixtures=fixtures,
            capture=settings.getbool("SAAF_CAPTURE"),
            build=settings.getbool("SAAF_BUILD", True),
            workers=workers or BuildSettings().workers,
            timeout=timeout,
            keep=_rule_patterns(settings),
            split_appended=settings.getbool("SAAF_SPLIT_APPENDED"),
            progress=progress,
            quiet=settings.getbool("SAAF_QUIET"),
            addresses=_address_policy(settings),
            tls=_tls_mode(settings),
            host_limits=_host_limits(settings),
            browser=browser_options(settings),
        )


def _rule_patterns(settings: BaseSettings) -> tuple[str, ...]:
    patterns = tuple(settings.getlist("SAAF_KEEP"))
    try:
        match_rule_ids(patterns)
    except ValueError as error:
        raise ValueError(f"SAAF_KEEP: {error}") from None
    return patterns


def _address_policy(settings: BaseSettings) -> AddressPolicy:
    try:
        return AddressPolicy.parse(str(entry) for entry in settings.getlist(SETTING))
    except ValueError as error:
        raise ValueError(f"{SETTING}: {error}") from None


def _tls_mode(settings: BaseSettings) -> TlsMode:
    value = str(settings.get("SAAF_TLS") or TlsMode.VERIFY)
    if value not in set(TlsMode):
        raise ValueError(f"SAAF_TLS is {' or '.join(TlsMode)}, not {value!r}")
    return TlsMode(value)


def _host_limits(settings: BaseSettings) -> HostLimits:
    defaults = HostLimits()
    values = {
        "backoff": _number(settings, "SAAF_BACKOFF", default=defaults.backoff),
        "max_backoff": _number(settings, "SAAF_BACKOFF_MAX", default=defaults.max_backoff),
        "pages": _number(settings, "SAAF_HOST_PAGES", default=0),
        "size": _number(settings, "SAAF_HOST_BYTES", default=0),
        "seconds": _number(settings, "SAAF_HOST_SECONDS", default=0),
    }
    for value in values.values():
        if not 0 <= value < float("inf"):
            raise ValueError(f"the limits of a host (SAAF_BACKOFF…, SAAF_HOST_…) are numbers from 0 on, not {value}")
    return HostLimits(**{**values, "pages": int(values["pages"]), "size": int(values["size"])})  # type: ignore[arg-type]


def _number(settings: BaseSettings, name: str, *, default: float) -> float:
    value = settings.get(name)
    try:
        return default if value is None else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number, not {value!r}: for example -s {name}=4") from None
