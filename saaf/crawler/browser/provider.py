"""The browser of a crawl, which is tried before the first request: scrapy-playwright takes its browsers from here."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import Browser, BrowserContext, Playwright

_START_SECONDS = 60.0
_CLOSE_SECONDS = 5.0


class TriedBrowserProvider:
    """Provider of Chromium whose first browser is the one of the trial, so that it starts no more often than needed.

    It is a `BrowserProvider` of scrapy-playwright; `launch_options` are those of Playwright's `launch`. `has_failed`
    says whether the last start of a browser failed.
    """

    def __init__(self, launch_options: Mapping[str, Any]) -> None:
        self._launch_options = launch_options
        self._playwright: Playwright | None = None
        self._tried: Browser | None = None
        self.has_failed = False

    async def start_problem(self) -> str | None:
        """Start Chromium and open a page; return why that is impossible, on one line, or None where it works."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                self._tried = await self._launch()
                page = await self._tried.new_page()
                await page.close()  # with the context that it has for itself
        except TimeoutError:
            problem = f"it had not started after {_START_SECONDS:g} s"
        except Exception as error:  # whatever it is, a library that is missing too: the crawl has no browser
            problem = str(error).strip().partition("\n")[0] or type(error).__name__
        else:
            return None
        await self.close()
        return problem

    async def start(self) -> None:
        """Start Playwright, where the trial has not done it."""
        await self._started()

    async def _started(self) -> Playwright:
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        return self._playwright

    async def launch_browser(self) -> Browser:
        """Return the browser of the trial, or another one where it has ended or was given out before."""
        tried, self._tried = self._tried, None
        return tried if tried is not None and tried.is_connected() else await self._launch()

    async def launch_persistent_context(self, context_kwargs: dict[str, Any]) -> BrowserContext:
        """Raise NotImplementedError: each page of a crawl has a context of its own."""
        raise NotImplementedError

    async def _launch(self) -> Browser:
        playwright = await self._started()
        try:
            browser = await playwright.chromium.launch(**self._launch_options)
        except PlaywrightError:
            self.has_failed = True
            raise
        self.has_failed = False
        return browser

    async def close(self) -> None:
        """End a browser that was not given out, and Playwright; a second call does nothing."""
        tried, self._tried = self._tried, None
        if tried is not None:
            with suppress(PlaywrightError, TimeoutError):
                await asyncio.wait_for(tried.close(), _CLOSE_SECONDS)
        playwright, self._playwright = self._playwright, None
        if playwright is not None:
            await playwright.stop()
