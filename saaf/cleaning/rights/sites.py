"""Rights files of sites, robots.txt and tdmrep.json, as they stood at each time a crawl fetched them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from saaf.cleaning.rights.robots_txt import NO_SIGNALS, RobotsRights, parse_robots
from saaf.cleaning.rights.tdmrep import NO_RULES, TDMREP_PATH, TdmRules, parse_tdmrep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from saaf.cleaning.types import Page, RightsSignal

ROBOTS_PATH: Final = "/robots.txt"
_MAX_REDIRECTS: Final = 5  # RFC 9309, section 2.3.1.2

_SiteFile = RobotsRights | TdmRules | str  # a text is the URL that the file redirects to


def rights_file_path(url: str | None) -> str | None:
    """Return the path of a rights file, "/robots.txt" or "/.well-known/tdmrep.json", None for any other URL."""
    try:
        path = urlsplit(url or "").path
    except ValueError:
        return None
    return path if path in (ROBOTS_PATH, TDMREP_PATH) else None


def rights_file_urls(url: str) -> tuple[str, ...]:
    """Return the URLs of the rights files of a URL's origin, () where it is not a web address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ()
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
    return tuple(origin + path for path in (ROBOTS_PATH, TDMREP_PATH))


class SiteRights:
    """The rights files that were seen, by URL and time; for a page those count that were current when it was fetched.

    A file holds until it is fetched again. A page that was fetched before any, or at an unknown time, has the first,
    or the last. With `only_latest`, for a crawl that asks about now, one answer of each file is held, and none that
    states nothing.
    """

    def __init__(self, *, only_latest: bool = False) -> None:
        self._only_latest = only_latest
        self._files: dict[str, list[tuple[float, _SiteFile]]] = {}

    def add(self, page: Page) -> None:
        """Add a response to a request for a rights file; any other response is ignored, as is one of status 5xx.

        An answer that is neither a file nor a redirect says that the site has none from then on.
        """
        path = rights_file_path(page.url)
        if path is None or page.url is None or page.status >= 500:
            return
        location = page.header("location")
        found: _SiteFile = NO_SIGNALS if path == ROBOTS_PATH else NO_RULES
        if 200 <= page.status < 300:
            found = parse_robots(page.body) if path == ROBOTS_PATH else parse_tdmrep(page.body)
        elif 300 <= page.status < 400 and location:
            found = _join(page.url, location)
        when = page.fetched_at.timestamp() if page.fetched_at else 0.0
        if self._only_latest:
            self._files.pop(_key(page.url), None)
            if found in (NO_SIGNALS, NO_RULES):
                return
        files = self._files.setdefault(_key(page.url), [])
        files.insert(bisect_right(files, when, key=lambda entry: entry[0]), (when, found))

    def signals(self, url: str | None, when: datetime | None, agent: str) -> Iterator[RightsSignal]:
        """Yield the signals for a page from the files of its origin; `when` is the time at which it was fetched."""
        for file_url in rights_file_urls(url or ""):
            found = self._current(file_url, when)
            if isinstance(found, RobotsRights):
                yield from found.signals(url or "", agent)
            elif found is not None:
                yield from found.signals(url or "")

    def is_open_in_part(self, url: str, agent: str) -> bool:
        """Return whether a file of a URL's origin, as it is now, has a rule for paths that are not reserved."""
        found = [self._current(file_url, None) for file_url in rights_file_urls(url)]
        return any(
            one.is_open_in_part(agent) if isinstance(one, RobotsRights) else one.is_open_in_part()
            for one in found
            if one is not None
        )

    def _current(self, file_url: str, when: datetime | None) -> RobotsRights | TdmRules | None:
        for _ in range(_MAX_REDIRECTS + 1):
            files = self._files.get(_key(file_url))
            if not files:
                return None
            position = bisect_right(files, when.timestamp(), key=lambda entry: entry[0]) if when else len(files)
            found = files[max(position - 1, 0)][1]
            if not isinstance(found, str):
                return found
            file_url = found
        return None


def _key(url: str) -> str:
    """Return the URL of a rights file with scheme and host in lower case, without a default port."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    default = {"http": ":80", "https": ":443"}.get(parts.scheme.lower(), "")
    return f"{parts.scheme.lower()}://{host.removesuffix(default)}{parts.path}"


def _join(url: str, location: str) -> str:
    try:
        return urljoin(url, location.strip())
    except ValueError:
        return ""
