"""`scrapy check`: Scrapy's own command, after a check of the arguments that the spiders are given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from scrapy.commands import check

from saaf.crawler.run.checks import CrawlError, check_setting_names, check_spider
from saaf.crawler.run.run import print_error

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.crawler import CrawlerProcessBase
    from scrapy.settings import Settings
    from scrapy.spiderloader import SpiderLoaderProtocol


class Command(check.Command):
    """Check the contracts of spiders.

    A spider that is named and cannot start with its arguments ends the command with exit code 2; one that is not named
    is left out with a line that says so.
    """

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the contracts of the named spiders, of all where none is named."""
        settings = cast("Settings", self.settings)
        loader = cast("CrawlerProcessBase", self.crawler_process).spider_loader
        checked = []
        for name in args or loader.list():
            try:
                check_setting_names(settings)
                spider = _load(loader, name)
                if not opts.list:
                    check_spider(spider, settings, opts.spargs)
            except CrawlError as error:
                if args:
                    print_error(str(error))
                    sys.exit(error.code)
                sys.stderr.write(f"not checked: {error}\n")
            else:
                checked.append(name)
        if checked:
            super().run(checked, opts)


def _load(loader: SpiderLoaderProtocol, name: str) -> type[Spider]:
    """Return a spider by its name; raise `CrawlError` where there is none."""
    try:
        return loader.load(name)
    except KeyError:
        raise CrawlError(f"there is no spider {name!r}: `scrapy list` shows them") from None
