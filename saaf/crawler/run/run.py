"""A crawl from its first request to its corpus: what `scrapy crawl` and `saaf crawl` have in common."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.settings import SETTINGS_PRIORITIES

from saaf.corpus.exit_codes import Exit
from saaf.corpus.summary_lines import fit_lines
from saaf.crawler.capture.extension import CaptureExtension
from saaf.crawler.config import config_of
from saaf.crawler.run.checks import CrawlError, check_crawl, visits_archive
from saaf.crawler.run.ending import INTERRUPTED, Ending, ending
from saaf.crawler.run.finish import BuildError, build_from_capture, corpus_time, format_summary, why_no_document
from saaf.crawler.run.interrupts import Interrupts, release_signals
from saaf.crawler.run.progress import PROGRESS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import Crawler, CrawlerProcessBase
    from scrapy.settings import BaseSettings

    from saaf.crawler.config import Config
    from saaf.crawler.run.progress import Progress


def run_command(process: CrawlerProcessBase, create: Callable[[], Crawler], arguments: Mapping[str, str]) -> int:
    """Check what `scrapy crawl` was given, and do what `run_crawler` does; `create` makes the crawler.

    An error that a user can correct is one sentence on standard error.
    """
    quieten(process.settings)
    try:
        crawler = create()
        config = check_crawl(crawler.spidercls, crawler.settings, arguments)
    except CrawlError as error:
        print_error(str(error))
        return error.code
    return run_crawler(process, crawler, config, arguments)


def run_crawler(
    process: CrawlerProcessBase,
    crawler: Crawler,
    checked: Config,
    arguments: Mapping[str, str],
    observe: Callable[[Progress], None] | None = None,
    release: Callable[[], None] = lambda: None,
) -> int:
    """Run a crawl to its end, then the build in this process, print a summary, and return the exit code.

    `checked` is what `check_crawl` returned of its settings and of the `arguments`, those of the spider. `observe` is
    called about once a second with the progress of the crawl, in place of the line on the log. `release` is called when
    the crawl is over, and before an error is printed.
    """
    settings = crawler.settings
    settings.set("SAAF_COMMAND", True, "command")
    if arguments.get("shard"):  # of the spider, and of the directory that it writes to
        settings.set("SAAF_SHARD", arguments["shard"], "cmdline")
    settings.set("SAAF_ARGUMENTS", json.dumps(dict(sorted(arguments.items()))), "command")
    if visits_archive(checked, arguments):
        # The spider's own limit is for sites without an end; one that a user sets still counts.
        settings.set("CLOSESPIDER_PAGECOUNT", 0, "spider")
    try:
        interrupts = _crawl(process, crawler, arguments, observe)
    finally:
        release()
    release_signals()
    capture = crawler.get_extension(CaptureExtension) if not process.bootstrap_failed else None
    if capture is None:
        return Exit.DEFECT if process.bootstrap_failed else Exit.DONE
    capture.close(INTERRUPTED)  # where a second interrupt ended the crawl before it could close itself
    return _finish(crawler, capture, ending(capture.finish_reason, interrupts.first))


def _crawl(
    process: CrawlerProcessBase,
    crawler: Crawler,
    arguments: Mapping[str, str],
    observe: Callable[[Progress], None] | None,
) -> Interrupts:
    """Run the crawl until the reactor stops, and return the signals that came."""
    interrupts = Interrupts(crawler)
    crawler.signals.connect(interrupts.watch, signal=signals.spider_opened, weak=False)
    if observe is not None:
        crawler.signals.connect(observe, signal=PROGRESS, weak=False)
    process.crawl(crawler, **arguments)
    process.start()
    return interrupts


def quieten(settings: BaseSettings) -> None:
    """Leave Scrapy's own lines of information out of the log where SAAF_QUIET says so; warnings and errors stay.

    Nothing is left out where the command line sets the level (`-L INFO`). To be called before the process is made,
    which logs its first line, and again after it, which sets the levels of all loggers.
    """
    asked = settings.getpriority("LOG_LEVEL") == SETTINGS_PRIORITIES["cmdline"]
    if settings.getbool("SAAF_QUIET") and not asked:
        logging.getLogger("scrapy.utils.log").addFilter(_is_warning)
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        logging.getLogger("scrapy.extensions.feedexport").setLevel(logging.INFO)  # where the feed is


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _finish(crawler: Crawler, capture: CaptureExtension, ended: Ending) -> int:
    """Build the corpus, print what there is to say, and return the exit code."""
    config = config_of(crawler)
    if capture.error is not None:
        print_error(capture.error)
        return Exit.OUTPUT
    code = ended.code
    summary, older = None, corpus_time(config)
    try:
        if config.build and ended.builds:
            summary = build_from_capture(config)
    except BuildError as error:
        print_error(str(error))
        if error.exit_code != Exit.INPUT:
            code = Exit(error.exit_code)
        code = code or _no_document_code(capture)
    else:
        capture.settle()
        idle = config.shard is not None and not crawler.stats.get_value("downloader/request_count")
        why = why_no_document(config, capture, summary, older)
        is_told = idle or ended.code is Exit.CONFIGURATION  # a shard may have no host of its own yet
        if why is not None and not is_told:
            print_error(why)
            code = code or _no_document_code(capture)
        # A feed on standard output is not mixed with the summary.
        stream = sys.stderr if "stdout:" in crawler.settings.getdict("FEEDS") else sys.stdout
        text = "".join(f"{line}\n" for line in fit_lines(format_summary(config, capture, summary).splitlines(), stream))
        stream.write(text.encode("utf-8", "backslashreplace").decode())  # the name of a directory need not be UTF-8
    if ended.message is not None:
        print_error(ended.message)
    return code


def _no_document_code(capture: CaptureExtension) -> Exit:
    return Exit.INPUT if capture.record_count else Exit.NOTHING_FETCHED


def print_error(message: str) -> None:
    """Write one sentence to standard error."""
    sys.stderr.write(f"saaf: {message}\n")
