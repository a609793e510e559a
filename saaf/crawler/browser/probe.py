"""A trial of the browser before the crawl begins: whether it starts here, with the settings that it will have."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import Mapping

_START_SECONDS = 60.0
_CLOSE_SECONDS = 5.0


async def start_problem(launch_options: Mapping[str, Any]) -> str | None:
    """Start Chromium, open a page and end it; return why that is impossible, on one line, or None where it works.

    `launch_options` are those of Playwright's `launch`.
    """
    try:
        async with asyncio.timeout(_START_SECONDS), async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options)
            try:
                await browser.new_page()
            finally:
                with suppress(PlaywrightError, TimeoutError):
                    await asyncio.wait_for(browser.close(), _CLOSE_SECONDS)
    except TimeoutError:
        return f"it had not started after {_START_SECONDS:g} s"
    except Exception as error:  # whatever it is, a library that is missing too: the crawl has no browser
        return str(error).strip().partition("\n")[0] or type(error).__name__
    return None
