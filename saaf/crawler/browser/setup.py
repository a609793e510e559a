"""Scrapy's settings for a crawl with a browser; nothing of the browser is imported before a crawl has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.misc import load_object

from saaf.crawler.browser.middleware import BrowserMiddleware
from saaf.crawler.browser.options import BrowserMode, BrowserOptions, browser_options

if TYPE_CHECKING:
    from scrapy.settings import Settings

_HANDLER = "saaf.crawler.browser.handler.BrowserDownloadHandler"
_EXTENSION = "saaf.crawler.browser.handler.Browser"
_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",  # megabytes
)
_SKIPPED = frozenset(("image", "media", "font", "ping", "csp_report", "beacon"))


def set_browser(settings: Settings) -> None:
    """Enable the browser where SAAF_BROWSER asks for one."""
    options = browser_options(settings)
    is_replay = settings.getlist("SAAF_FIXTURES") or settings.getlist("SAAF_SOURCE")
    if options.mode is BrowserMode.NEVER or is_replay:
        return
    settings.setdefault_in_component_priority_dict("EXTENSIONS", load_object(_EXTENSION), 450)
    settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", BrowserMiddleware, 545)
    handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), "http": _HANDLER, "https": _HANDLER}
    priority = max(settings.getpriority("DOWNLOAD_HANDLERS") or 0, SETTINGS_PRIORITIES["addon"])
    settings.set("DOWNLOAD_HANDLERS", handlers, priority)
    # Twice as long: what ends a page is the time for all that is done with it.
    milliseconds = settings.getfloat("DOWNLOAD_TIMEOUT") * 2 * 1000
    for name, value in _playwright_settings(options, milliseconds).items():
        settings.set(name, value, "cmdline")  # part of the guard: a project's own would take it away


def _playwright_settings(options: BrowserOptions, milliseconds: float) -> dict[str, Any]:
    launch: dict[str, Any] = {"chromium_sandbox": options.sandbox, "args": list(_ARGUMENTS)}
    if options.path:
        launch["executable_path"] = options.path
    return {
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch,
        "PLAYWRIGHT_MAX_CONTEXTS": options.tabs,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": milliseconds,
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": 1000,  # milliseconds; nothing is downloaded
        "PLAYWRIGHT_ABORT_REQUEST": is_aborted,
    }


def is_aborted(request: Any) -> bool:
    """Return whether a request of the browser is not sent: what has no text, and a page that leads itself elsewhere."""
    if request.resource_type in _SKIPPED or not request.url.startswith(("http://", "https://")):
        return True
    frame = request.frame
    return bool(request.is_navigation_request() and frame.parent_frame is None and frame.url != "about:blank")
