"""`scrapy check`: Scrapy's own command, after a check of the arguments that the spiders are given."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, cast
from unittest import TextTestRunner

from scrapy.commands import check
from scrapy.contracts import ContractsManager
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object, set_environ

from saaf.crawler.run.checks import CrawlError, check_setting_names, check_spider
from saaf.crawler.run.contract_results import ContractResults
from saaf.crawler.run.run import print_error

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

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
        if opts.list:
            super().run(checked, opts)
        elif checked:
            self.exitcode = _check(cast("CrawlerProcessBase", self.crawler_process), checked, opts)


def _check(process: CrawlerProcessBase, names: list[str], opts: argparse.Namespace) -> int:
    """Check the contracts of spiders as Scrapy's command does; return 1 where one does not hold, 0 otherwise.

    Scrapy's own prints a traceback for a host that does not answer.
    """
    components = process.settings.get_component_priority_dict_with_base("SPIDER_CONTRACTS")
    contracts = ContractsManager(load_object(contract) for contract in build_component_list(components))
    runner = TextTestRunner(verbosity=2 if opts.verbose else 1)
    results = ContractResults(runner.stream, runner.descriptions, runner.verbosity)

    async def start(self: Spider) -> AsyncIterator[Any]:
        for request in contracts.from_spider(self, results):
            yield request

    with set_environ(SCRAPY_CHECK="true"):
        for name in names:
            spider = process.spider_loader.load(name)
            spider.start = start  # type: ignore[method-assign]  # as Scrapy does it
            if contracts.tested_methods_from_spidercls(spider):
                process.crawl(spider, **opts.spargs)
        began = time.monotonic()
        process.start()
    results.printErrors()
    results.printSummary(began, time.monotonic())
    return int(not results.wasSuccessful() or process.bootstrap_failed)


def _load(loader: SpiderLoaderProtocol, name: str) -> type[Spider]:
    """Return a spider by its name; raise `CrawlError` where there is none."""
    try:
        return loader.load(name)
    except KeyError:
        raise CrawlError(f"there is no spider {name!r}: `scrapy list` shows them") from None
