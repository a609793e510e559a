"""`scrapy crawl NAME`: Scrapy's own command, followed by the build of the corpus from the capture."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from saaf.corpus.exit_codes import Exit

from ..capture import CaptureExtension
from ..config import Config
from ..finish import BuildError, build_from_capture, format_summary
from ..spiders.site import SiteSpider

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.crawler import Crawler


class Command(crawl.Command):
    """Crawl, capture, build, and print a summary that says where everything is.

    Exit codes are those of `saaf` (`saaf.corpus.exit_codes.MEANINGS`), and 130 where the build was interrupted.
    """

    default_settings: ClassVar[dict[str, Any]] = {"SAAF_CAPTURE": True, "SAAF_COMMAND": True}
    crawler: Crawler
    _arguments: dict[str, str]

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        """Check settings and arguments before the crawl starts; raise UsageError, one line, where one is wrong."""
        try:
            self.crawler = super()._create_crawler(spidercls)
            Config.from_settings(self.crawler.settings, self.crawler.spidercls.name)
            if issubclass(self.crawler.spidercls, SiteSpider):
                self.crawler.spidercls.check_arguments(self._arguments)
        except KeyError:
            raise UsageError(f"there is no spider {spidercls!r}: `scrapy list` shows them", print_help=False) from None
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from None
        return self.crawler

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the crawl to its end, then the build in this process, where an interrupt ends it."""
        self._arguments = opts.spargs
        super().run(args, opts)
        if self.exitcode:
            return
        capture = self.crawler.get_extension(CaptureExtension)
        if capture is None:
            return
        capture.close("interrupted")  # where a second interrupt ended the crawl before it could close itself
        # Scrapy leaves its own handlers in place, which would swallow the interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        config = Config.from_settings(self.crawler.settings, self.crawler.spidercls.name)
        if capture.error is not None:
            sys.stderr.write(f"saaf: {capture.error}\n")
            self.exitcode = Exit.OUTPUT
            return
        try:
            summary = build_from_capture(config, self.crawler.spidercls.name) if config.build else None
        except BuildError as error:
            sys.stderr.write(f"saaf: {error}\n")
            self.exitcode = error.exit_code
            return
        capture.settle()
        # A feed on standard output is not mixed with the summary.
        stream = sys.stderr if "stdout:" in self.crawler.settings.getdict("FEEDS") else sys.stdout
        text = format_summary(config, capture, summary)
        stream.write(text.encode("utf-8", "backslashreplace").decode())  # the name of a directory need not be UTF-8
        if capture.no_document is not None:
            sys.stderr.write(f"saaf: {capture.no_document}\n")
            self.exitcode = Exit.INPUT
