"""`scrapy check`: Scrapy's own command, after a check of the arguments that the spiders are given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from scrapy.commands import check

from ..checks import CrawlError, check_crawl, check_setting_names
from ..run import print_error

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.settings import Settings


class Command(check.Command):
    """Check the contracts of spiders.

    A spider that is named and cannot start with its arguments ends the command with exit code 2; one that is not named
    is left out with a line that says so.
    """

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the contracts of the named spiders, of all where none is named."""
        settings = cast("Settings", self.settings)
        loader = self.crawler_process.spider_loader
        names = args or loader.list()
        checked = []
        for name in names:
            try:
                if name not in loader.list():
                    raise CrawlError(f"there is no spider {name!r}: `scrapy list` shows them")
                check_setting_names(settings)
                if not opts.list:
                    _check(loader.load(name), settings, opts.spargs)
            except CrawlError as error:
                if args:
                    print_error(str(error))
                    sys.exit(error.code)
                sys.stderr.write(f"not checked: {error}\n")
            else:
                checked.append(name)
        if checked:
            super().run(checked, opts)


def _check(spider: type[Spider], settings: Settings, arguments: dict[str, str]) -> None:
    own = settings.copy()
    spider.update_settings(own)
    check_crawl(spider, own, arguments)
