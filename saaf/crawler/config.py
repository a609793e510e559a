"""The configuration of a crawl: the SAAF_* settings, read once into one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cleaning.postprocess import match_rule_ids
from saaf.corpus.input_files import is_utf_8
from saaf.corpus.limits import MAX_WORKERS
from saaf.corpus.process_limits import CPU_SECONDS, Limits
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc_segments import SEGMENT_BYTES

from .revisits import Revisit

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

PATIENCE = 60.0
"""Seconds: the default of SAAF_PATIENCE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The SAAF_* settings of one crawl.

    `output` is where the capture and the corpus go. `fixtures` are directories of saved pages to replay; () means a
    live crawl. `capture` is off outside `scrapy crawl`, so that `scrapy shell` never overwrites a capture. `build` says
    whether a corpus is built once the crawl is over. `workers` is a number of processes, at least 1. `timeout` is
    seconds of CPU time for one page, more than 0. `keep` and `split_appended` are as in
    `saaf.corpus.settings.BuildSettings`. `fresh` moves an earlier capture aside. `segment_bytes` is the size from which
    a WARC segment is full. `revisit` says what a later run visits again. `patience` is the number of seconds that a
    crawl waits for hosts and URLs that are not to be requested before, when nothing else is left. `is_command` says
    that a command builds after the crawl, and calls `saaf.crawler.capture.CaptureExtension.settle` then.
    """

    output: Path
    fixtures: tuple[Path, ...]
    capture: bool
    build: bool
    workers: int
    timeout: float
    keep: tuple[str, ...] = ()
    split_appended: bool = False
    fresh: bool = False
    segment_bytes: int = SEGMENT_BYTES
    revisit: Revisit = Revisit.LISTS
    patience: float = PATIENCE
    is_command: bool = False

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
        if settings.getbool("SAAF_CAPTURE") and settings.get("JOBDIR"):
            raise ValueError(
                "JOBDIR is of no use here: a crawl goes on by itself with the same SAAF_OUTPUT; leave it out"
            )
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
        return cls(
            output=Path(output),
            fixtures=fixtures,
            capture=settings.getbool("SAAF_CAPTURE"),
            build=settings.getbool("SAAF_BUILD", True),
            workers=workers or BuildSettings().workers,
            timeout=timeout,
            keep=_rule_patterns(settings),
            split_appended=settings.getbool("SAAF_SPLIT_APPENDED"),
            is_command=settings.getbool("SAAF_COMMAND"),
            fresh=settings.getbool("SAAF_FRESH"),
            segment_bytes=int(_positive(settings, "SAAF_WARC_SEGMENT", default=SEGMENT_BYTES)),
            revisit=_revisit(settings),
            patience=_positive(settings, "SAAF_PATIENCE", default=PATIENCE),
        )


def _revisit(settings: BaseSettings) -> Revisit:
    value = settings.get("SAAF_REVISIT") or Revisit.LISTS
    try:
        return Revisit(value)
    except ValueError:
        names = ", ".join(Revisit)
        raise ValueError(
            f"SAAF_REVISIT is one of {names}, not {value!r}: for example -s SAAF_REVISIT=articles"
        ) from None


def _positive(settings: BaseSettings, name: str, *, default: float) -> float:
    value = _number(settings, name, default=default)
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} is a number above 0, not {value:g}: for example -s {name}={default:g}")
    return value


def _rule_patterns(settings: BaseSettings) -> tuple[str, ...]:
    patterns = tuple(settings.getlist("SAAF_KEEP"))
    try:
        match_rule_ids(patterns)
    except ValueError as error:
        raise ValueError(f"SAAF_KEEP: {error}") from None
    return patterns


def _number(settings: BaseSettings, name: str, *, default: float) -> float:
    value = settings.get(name)
    try:
        return default if value is None else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number, not {value!r}: for example -s {name}=4") from None
