"""Options of the browser that renders pages made by scripts: the SAAF_BROWSER… settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.extras import NotInstalledError, install_hint

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

RENDER = "saaf_browser"
"""Key of request.meta: True has a page rendered, False has not, whatever SAAF_BROWSER says unless that is "never"."""
SECOND_TRY = "second_try"
"""Value of `RENDER` where the page has come already, without its scripts: a failure leaves that."""
_MAX_TABS = 16


class BrowserMode(StrEnum):
    """Which pages are rendered by the browser."""

    NEVER = "never"
    EMPTY = "empty"
    """Those that have scripts and hardly any text without them; they are fetched twice."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserOptions:
    """Options of the browser.

    `mode` says which pages it renders (SAAF_BROWSER). `path` is the browser, "" for the one that Playwright installs
    (SAAF_BROWSER_PATH). `sandbox` runs it in its sandbox, which root cannot (SAAF_BROWSER_SANDBOX). At most `pages`
    pages are rendered in a crawl (SAAF_BROWSER_PAGES, 0 is no limit), `tabs` at a time (SAAF_BROWSER_TABS, 1 to 16),
    and the browser is restarted after `restart` of them (SAAF_BROWSER_RESTART, at least 1).
    """

    mode: BrowserMode = BrowserMode.NEVER
    path: str = ""
    sandbox: bool = True
    pages: int = 1000
    tabs: int = 2
    restart: int = 100


def browser_options(settings: BaseSettings) -> BrowserOptions:
    """Return the options that the settings state; raise ValueError, which says what to set, where one is wrong."""
    mode = str(settings.get("SAAF_BROWSER") or BrowserMode.NEVER)
    if mode not in set(BrowserMode):
        raise ValueError(f"SAAF_BROWSER is {', '.join(BrowserMode)}, not {mode!r}")
    defaults = BrowserOptions()
    options = BrowserOptions(
        mode=BrowserMode(mode),
        path=str(settings.get("SAAF_BROWSER_PATH") or ""),
        sandbox=settings.getbool("SAAF_BROWSER_SANDBOX", defaults.sandbox),
        pages=_whole(settings, "SAAF_BROWSER_PAGES", defaults.pages, 0),
        tabs=_whole(settings, "SAAF_BROWSER_TABS", defaults.tabs, 1),
        restart=_whole(settings, "SAAF_BROWSER_RESTART", defaults.restart, 1),
    )
    if options.tabs > _MAX_TABS:
        raise ValueError(f"SAAF_BROWSER_TABS is a number of pages at a time up to {_MAX_TABS}, not {options.tabs}")
    if options.mode is not BrowserMode.NEVER:
        _check_installed(options)
    return options


def _check_installed(options: BrowserOptions) -> None:
    if find_spec("scrapy_playwright") is None:
        raise NotInstalledError(
            f"SAAF_BROWSER={options.mode} needs the package scrapy-playwright: {install_hint('browser')}, then a "
            "browser: `playwright install chromium`, or SAAF_BROWSER_PATH=/usr/bin/chromium"
        )
    if options.path and not Path(options.path).is_file():
        raise ValueError(f"SAAF_BROWSER_PATH: there is no file {options.path}")


def _whole(settings: BaseSettings, name: str, default: int, least: int) -> int:
    value = settings.get(name)
    try:
        number = default if value is None else int(value)
    except (TypeError, ValueError):
        number = least - 1
    if number < least:
        raise ValueError(f"{name} is a whole number from {least} on, not {value!r}")
    return number
