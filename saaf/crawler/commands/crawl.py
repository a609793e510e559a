"""`scrapy crawl NAME`: Scrapy's own command, followed by the build of the corpus from the capture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from scrapy.commands import crawl
from scrapy.exceptions import UsageError
from scrapy.utils.misc import load_object
from scrapy.utils.project import inside_project

from saaf.crawler.run.project import add_components, has_addon, mend_feeds

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import Crawler
    from scrapy.settings import Settings


class Command(crawl.Command):
    """Crawl, capture, build, and print a summary that says where everything is.

    Exit codes are those of `saaf` (`saaf.corpus.exit_codes.MEANINGS`). Where saaf is installed, Scrapy finds this
    command in every project; in one that does not enable the add-on it is Scrapy's own, and imports nothing more.
    """

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Set what the options say and what the add-on needs before Scrapy loads it; what a project sets holds."""
        if not inside_project():
            message = (
                "there is no Scrapy project here; `saaf crawl URL -o DIR` needs none, and SCRAPY_SETTINGS_MODULE="
                "saaf.crawler.settings makes the spiders of saaf available everywhere"
            )
            raise UsageError(message, print_help=False)
        settings = cast("Settings", self.settings)
        self._captures = has_addon(settings)
        if not self._captures:
            super().process_options(args, opts)
            return
        settings.set("SAAF_CAPTURE", True, "command")
        add_components(settings)
        super().process_options(args, opts)
        mend_feeds(settings)
        load_object("saaf.crawler.run.run.quieten")(settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the crawl to its end, then the build in this process, where an interrupt ends it."""
        if not self._captures or len(args) != 1:
            super().run(args, opts)
            return
        run = load_object("saaf.crawler.run.run.run_command")
        self.exitcode = run(self.crawler_process, partial(self._create_named, args[0]), opts.spargs)

    def _create_named(self, name: str) -> Crawler:
        """Return the crawler of a spider; raise `CrawlError` where there is none of that name."""
        try:
            return self._create_crawler(name)
        except KeyError:
            raise load_object("saaf.crawler.run.checks.CrawlError")(
                f"there is no spider {name!r}: `scrapy list` shows them"
            ) from None
