"""A crawl from anywhere: the settings, the spider and the process that `scrapy crawl` takes from a project."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.conf import closest_scrapy_cfg, feed_process_params_from_cli
from scrapy.utils.project import get_project_settings
from scrapy.utils.spider import iter_spider_classes

from saaf.corpus.configuration import ConfigurationError
from saaf.corpus.exit_codes import Exit
from saaf.crawler import settings as our_settings
from saaf.crawler.config import configuration_file
from saaf.crawler.run.checks import CrawlError, check_spider
from saaf.crawler.run.project import ADDON, add_components, has_addon, mend_feeds
from saaf.crawler.run.run import print_error, quieten, run_crawler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from scrapy import Spider
    from scrapy.settings import BaseSettings

    from saaf.crawler.run.progress import Progress

    Panel = Callable[[], AbstractContextManager[Callable[[Progress], None] | None]]

DEFAULT_SPIDER = "web"
_URL_ARGUMENTS = ("start", "sites")
"""The arguments that take the URLs of the command line; the first that a spider has."""
_CONFIGURED = (SETTINGS_PRIORITIES["spider"] + SETTINGS_PRIORITIES["cmdline"]) // 2
"""The priority of settings of saaf.toml: over the spider's own, for the shipped spiders have limits of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What the command line of `saaf crawl` says.

    `spider` is the name of a shipped spider or of one of the project in the working directory, or a Python file that
    has one; None means the shipped spider `web`. `urls` are handed to it. `arguments` are those of the spider (`-a`),
    `settings` Scrapy's and ours (`-s`), which precede what a spider or a project sets. `feeds` are files for the clean
    documents, as of `scrapy crawl -O`.
    """

    spider: str | None = None
    urls: Sequence[str] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    feeds: Sequence[str] = ()


def launch(crawl: Launch, *, panel: Panel = nullcontext) -> int:
    """Run a crawl and the build, and return the exit code; an error is one sentence on standard error.

    `panel` is entered before the first line of the log, and left when the crawl is over; where it yields a function,
    that is called about once a second with the progress.
    """
    try:
        settings, spider = _settings_and_spider(crawl.spider)
        configured = _apply_command_line_and_file(settings, crawl)
        arguments = {**configured, **_url_argument(spider, crawl), **crawl.arguments}
        checked = check_spider(spider, settings, arguments)
    except CrawlError as error:
        print_error(str(error))
        return error.code
    quieten(settings)
    with ExitStack() as stack:
        observe = stack.enter_context(panel())
        process = AsyncCrawlerProcess(settings)
        quieten(settings)
        return run_crawler(process, process.create_crawler(spider), checked, arguments, observe, stack.close)


def _settings_and_spider(name: str | None) -> tuple[Settings, type[Spider]]:
    """Return the settings of a crawl and the class of its spider; raise `CrawlError` where it cannot be had."""
    settings = Settings()
    settings.setmodule(our_settings)
    if name is not None and name.endswith(".py"):
        return settings, _load_file(Path(name))
    if name is not None and (project := _project_settings()) is not None:
        loader = get_spider_loader(project)
        if name in loader.list():
            return project, loader.load(name)
    loader = get_spider_loader(settings)
    try:
        return settings, loader.load(name or DEFAULT_SPIDER)
    except KeyError:
        names = ", ".join(sorted(loader.list()))
        raise CrawlError(
            f"there is no spider {name!r}: there are {names}; or name a Python file that has one"
        ) from None


def _project_settings() -> Settings | None:
    """Return the settings of the project in the working directory, or above it, over ours; None where there is none."""
    if not (os.environ.get("SCRAPY_SETTINGS_MODULE") or closest_scrapy_cfg()):
        return None
    try:
        settings = get_project_settings()
    except ImportError as error:
        raise CrawlError(f"the settings of the project here cannot be loaded: {error}", Exit.CONFIGURATION) from error
    for name, value in vars(our_settings).items():
        if name.isupper():
            settings.set(name, value, "addon")
    if not has_addon(settings):
        settings.set("ADDONS", {**settings.getdict("ADDONS"), ADDON: 100})
    return settings


def _load_file(path: Path) -> type[Spider]:
    """Return the spider of a Python file; raise `CrawlError` where the file cannot be loaded or has not one spider."""
    spec = spec_from_file_location(path.stem, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise CrawlError(f"there is no file {path}: --spider names a spider, or a Python file that has one")
    module = module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))  # what lies beside it can be imported
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except (ImportError, SyntaxError) as error:
        raise CrawlError(f"{path} cannot be loaded: {error}", Exit.CONFIGURATION) from error
    spiders = {spider.name: spider for spider in iter_spider_classes(module)}
    if len(spiders) != 1:
        found = f"{len(spiders)} spiders ({', '.join(sorted(spiders))})" if spiders else "no spider"
        raise CrawlError(f"{path} has {found}: a file for --spider has one, a class with a `name`")
    return next(iter(spiders.values()))


def _apply_command_line_and_file(settings: BaseSettings, crawl: Launch) -> Mapping[str, str]:
    """Apply the settings of the command line and of saaf.toml; return the arguments of the spider in saaf.toml."""
    settings.set("SAAF_CAPTURE", True, "command")
    settings.setdict(dict(crawl.settings), "cmdline")
    try:
        defaults = configuration_file(settings).crawl
    except ConfigurationError as error:
        raise CrawlError(str(error), Exit.CONFIGURATION) from error
    settings.setdict(dict(defaults.settings), _CONFIGURED)
    add_components(settings)
    if crawl.feeds:
        try:
            feeds = feed_process_params_from_cli(settings, [], overwrite_output=list(crawl.feeds))
        except UsageError as error:
            raise CrawlError(str(error)) from error
        settings.set("FEEDS", feeds, "cmdline")
        mend_feeds(settings)
    return defaults.arguments


def _url_argument(spider: type[Spider], crawl: Launch) -> Mapping[str, str]:
    """Return the argument that hands the URLs of the command line to the spider, if there are any."""
    taken = [name for name in _URL_ARGUMENTS if name in signature(spider.__init__).parameters]
    if not crawl.urls:
        # A replay of an archive may begin at each of its pages.
        if taken and not set(taken) & crawl.arguments.keys() and not crawl.settings.get("SAAF_SOURCE"):
            raise CrawlError("where should the crawl start? For example: saaf crawl https://www.example.org/ -o DIR")
        return {}
    if not taken:
        raise CrawlError(f"the spider {spider.name} has start URLs of its own: leave {crawl.urls[0]} out")
    return {taken[0]: ",".join(crawl.urls)}
