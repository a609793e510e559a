"""Checks before a crawl starts: the names and values of settings, and the arguments of the spider."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import SETTINGS_PRIORITIES, Settings

from saaf.corpus.configuration import ConfigurationError
from saaf.corpus.exit_codes import Exit
from saaf.crawler import settings as project_settings
from saaf.crawler.config import Config
from saaf.crawler.guards.identity import check_user_agent
from saaf.crawler.run.finish import build_settings
from saaf.crawler.run.setting_ranges import range_problem
from saaf.crawler.shards.shards import parse_shard
from saaf.crawler.spiders.site import SiteSpider
from saaf.extras import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Spider
    from scrapy.settings import BaseSettings

_PREFIX = "SAAF_"
SET_BY_COMMANDS = {
    "SAAF_CAPTURE": "Whether WARC and ledger are written, and a corpus is built. A project that sets it to `False` "
    "only cleans pages for its feeds; a script that runs Scrapy's `AsyncCrawlerProcess` sets it to `True`.",
    "SAAF_COMMAND": "Whether a command builds after the crawl: not for users.",
    "SAAF_ARGUMENTS": "The arguments of the spider as JSON, which a crawl that goes on compares: not for users.",
}
"""The settings that `scrapy crawl` and `saaf crawl` set, and no settings file has, with what they say."""
_COMMAND_LINE = SETTINGS_PRIORITIES["cmdline"]


class CrawlError(Exception):
    """A crawl that cannot start; the message is one sentence that says what to do, `code` the exit code."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code


def known_settings() -> list[str]:
    """Return the names of all SAAF_* settings, sorted."""
    return sorted({*SET_BY_COMMANDS, *(name for name in vars(project_settings) if name.startswith(_PREFIX))})


def check_spider(spider: type[Spider], settings: BaseSettings, arguments: Mapping[str, str]) -> Config:
    """Do what `check_crawl` does before there is a crawler: `settings` are without the spider's own."""
    own = settings.copy()
    spider.update_settings(own)
    return check_crawl(spider, own, arguments)


def check_crawl(spider: type[Spider], settings: BaseSettings, arguments: Mapping[str, str]) -> Config:
    """Return the SAAF_* settings of a crawl; raise `CrawlError` where a setting or an argument (`-a`) cannot be used.

    The exit code is that of a wrong command line where the command line alone is at fault, otherwise that of a wrong
    configuration. `settings` are those of the crawl, with the spider's own.
    """
    check_setting_names(settings)
    check_scrapy_settings(settings)
    if (problem := range_problem(settings)) is not None:
        raise CrawlError(problem[1], _code_of(settings, problem[0]))
    check_feeds(settings)
    if issubclass(spider, SiteSpider):
        try:
            spider.check_settings(settings)
        except ValueError as error:
            raise CrawlError(f"{spider.name}: {error}", Exit.CONFIGURATION) from None
    config = check_setting_values(settings, spider.name)
    if arguments.get("shard"):
        try:
            parse_shard(arguments["shard"])
        except ValueError as error:
            raise CrawlError(str(error)) from None
    if not visits_archive(config, arguments):
        check_arguments(spider, arguments)
    try:
        check_user_agent(settings, config)
    except ValueError as error:
        raise CrawlError(str(error), _code_of(settings, "USER_AGENT")) from None
    check_build(config, settings)
    return config


def check_build(config: Config, settings: BaseSettings) -> None:
    """Raise `CrawlError` where the build after the crawl could not use its settings: before the crawl, not after it."""
    if not config.configuration.values:
        return
    if config.configuration.path is not None:
        try:
            import_module("saaf.corpus.configured_values").check_values(config.configuration_file)
        except ConfigurationError as error:
            raise CrawlError(str(error), Exit.CONFIGURATION) from None
    try:
        build_settings(config)
    except ValueError as error:
        raise CrawlError(f"the build after the crawl: {error}", _code_of(settings, "SAAF_BUILD_OPTIONS")) from None


def visits_archive(config: Config, arguments: Mapping[str, str]) -> bool:
    """Return whether the crawl visits every page of the archives in SAAF_SOURCE, because it has no start of its own."""
    return bool(config.source) and not arguments.get("start")


def check_setting_names(settings: BaseSettings) -> None:
    """Raise `CrawlError` for a SAAF_* setting that does not exist, with the nearest name that does."""
    known = known_settings()
    for name in settings:
        if isinstance(name, str) and name.startswith(_PREFIX) and name not in known:
            near = get_close_matches(name.removeprefix(_PREFIX), [each.removeprefix(_PREFIX) for each in known], n=1)
            hint = f"did you mean {_PREFIX}{near[0]}?" if near else f"there are {', '.join(known)}"
            raise CrawlError(f"there is no setting {name}: {hint}", _code_of(settings, name))


def check_scrapy_settings(settings: BaseSettings) -> None:
    """Raise `CrawlError` for a setting of Scrapy on the command line that is misspelled, or has a value of another
    kind.

    A mistyped DOWNLOAD_DELAY would crawl without one. Names that are like none of Scrapy's are the project's own.
    """
    known = Settings()
    for name in settings:
        if not isinstance(name, str) or name.startswith(_PREFIX) or settings.getpriority(name) != _COMMAND_LINE:
            continue
        if name not in known:
            near = get_close_matches(name, list(known), n=1, cutoff=0.88)
            if near:
                raise CrawlError(f"there is no setting {name}: did you mean {near[0]}?")
            continue
        kind = type(known[name])
        # A default of 0 may stand for a fraction, as that of DOWNLOAD_DELAY does.
        read = {bool: settings.getbool, int: settings.getfloat, float: settings.getfloat}.get(kind)
        try:
            if read is not None and settings[name] is not None:
                read(name)
        except (TypeError, ValueError):
            what = "true or false" if kind is bool else "a number"
            raise CrawlError(f"{name} is {what}, not {settings[name]!r}") from None


def check_feeds(settings: BaseSettings) -> None:
    """Raise `CrawlError` for a feed that would be appended to a Parquet file, which cannot be."""
    for uri, feed in settings.getdict("FEEDS").items():
        path = Path(str(uri))
        if feed.get("format") == "parquet" and not feed.get("overwrite", True) and path.exists():
            raise CrawlError(
                f"{path} is there already, and nothing can be appended to a Parquet file: name another file"
            )


def check_setting_values(settings: BaseSettings, spider: str) -> Config:
    """Return the SAAF_* settings; raise `CrawlError` where a value cannot be used by the spider of that name."""
    try:
        return Config.from_settings(settings, spider)
    except ValueError as error:
        wrong_option = not isinstance(error, NotInstalledError) and _is_usable_without_command_line(settings, spider)
        code = Exit.USAGE if wrong_option else Exit.CONFIGURATION
        raise CrawlError(str(error), code) from None


def check_arguments(spider: type[Spider], arguments: Mapping[str, str]) -> None:
    """Raise `CrawlError` for an argument that a `SiteSpider` cannot use; other spiders check their own."""
    if issubclass(spider, SiteSpider):
        try:
            spider.check_arguments(arguments)
        except ValueError as error:
            raise CrawlError(f"{spider.name}: {error}") from None


def _code_of(settings: BaseSettings, name: str) -> Exit:
    return Exit.USAGE if settings.getpriority(name) == _COMMAND_LINE else Exit.CONFIGURATION


def _is_usable_without_command_line(settings: BaseSettings, spider: str) -> bool:
    others = Settings()
    for name in settings:
        priority = settings.getpriority(name)
        if priority is not None and priority != _COMMAND_LINE:
            others.set(name, settings[name], priority)
    try:
        Config.from_settings(others, spider)
    except ValueError:
        return False
    return True
