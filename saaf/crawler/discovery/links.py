"""Links: absolute and tidied, and a memory of those that a host's pages have already given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from saaf.cleaning.text.urls import without_tracking

if TYPE_CHECKING:
    from collections.abc import Iterable

# A comment's "reply" link and a share button lead to the page they stand on.
COPIES: Final = frozenset(("replytocom", "share", "like_comment"))

_PLAIN: Final = re.compile(r"[A-Za-z0-9:/?#@!$&'()*+,;=._~-]*")  # what is the same however it is escaped
_OF_HOST: Final = re.compile(r"/(?!/)[A-Za-z0-9:/?#@!$&'()*+,;=._~-]*")
_LINE_BREAKS: Final = re.compile(r"\s*[\r\n\t]\s*")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SESSION_PATH: Final = re.compile(
    r";(?:jsessionid|phpsessid|sessionid|sid)=[^/?#;]*|/\([A-Z]\([0-9a-z]{16,}\)\)", re.IGNORECASE
)
_SESSION_NAMES: Final = re.compile(
    r"jsessionid|phpsessid|aspsessionid[a-z]*|asp\.net_sessionid|cfid|cftoken|oscsid|zenid|sessionid|session_id",
    re.IGNORECASE,
)
# Names that may be of a session or of something else: the value says which.
_SESSION_LIKE: Final = re.compile(r"s|sid|sess|session|sessid|ssid|token", re.IGNORECASE)
_SESSION_VALUE: Final = re.compile(r"(?=[^&]*[0-9])[0-9a-zA-Z_,-]{16,}")
_NO_PAGES: Final = re.compile(
    r"7z(?:ip)?|bz2|rar|tar|tgz|gz|xz|zip|jar|iso|dmg|img|exe|bin|apk|deb|rpm|msi"
    r"|mng|pct|bmp|gif|jpe?g|png|pst|psp|tiff?|ai|drw|dxf|e?ps|svg|cdr|ico|webp|avif|jxl|heic"
    r"|mp3|wma|ogg|wav|ra|aac|mid|aiff?|au|m4a|flac|opus|3gp|as[fx]|avi|mov|mp4|mpe?g|qt|rm|swf|wmv|m4v|webm|flv|mkv|m3u8"
    r"|css|m?js|map|woff2?|[to]tf|eot|pdf|xl[st][mx]?|po[t][mx]|pp[st][mx]?|doc[bmx]?|dot[mx]|od[tsgp]|epub|mobi",
    re.IGNORECASE,
)
_WHOLE: Final = ("/", "http://", "https://")  # beginnings of links that depend on no more than the host
_OF_PAGE: Final = ("?", "#", ";")  # of those that depend on the whole address of their page
_MAX_REMEMBERED: Final = 500  # characters: a longer link is in no menu


def absolute_url(base: str, link: str, encoding: str = "utf-8") -> str | None:
    """Return a link of the page at `base` as an absolute http(s) URL, as it goes to a server; None where it is none.

    Line breaks in it are dropped, as browsers do, and so are names and passwords. What no URL may hold is escaped: in
    the query by the page's `encoding`. Never raises.
    """
    if _OF_HOST.fullmatch(link) and "/." not in link:  # most links: nothing to resolve or to escape
        return "/".join(base.split("/", 3)[:3]) + link
    link = _LINE_BREAKS.sub("", link.strip())
    if not link or (_SCHEME.match(link) and not link[:6].lower().startswith(("http:/", "https:"))):
        return None
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not _is_host(host):
        return None
    if "@" in parts.netloc or not parts.path:
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], path=parts.path or "/"))
    if parts.netloc == host and _PLAIN.fullmatch(url):
        return url
    try:
        return safe_url_string(url, encoding)
    except ValueError:  # of an internationalised host name that is none
        return None


def _is_host(host: str) -> bool:
    # urllib takes whatever stands between the slashes; a host with a space or a quotation mark is a broken attribute.
    return bool(host) and not re.search(r"[\s<>\"'`{}|\\^%]", host) and len(host) <= 253 and ".." not in host


def tidy(url: str) -> str:
    """Return a URL without tracking parameters, ids of sessions and its fragment, otherwise as it is spelled.

    A fragment that chooses the page ("#!article/7") stays, with all before it.
    """
    if "#!" in url:
        return url
    if "?" in url or "#" in url:
        url = without_tracking(url)
    return without_session(url) if ";" in url or "?" in url or "/(" in url else url


def without_session(url: str) -> str:
    """Return a URL without the ids of sessions in its path (";jsessionid=…") and query ("PHPSESSID=…").

    "sid", "s" and the like go only where their value looks like an id: 16 letters or more, with digits.
    """
    address, mark, query = url.partition("?")
    address = _SESSION_PATH.sub("", address)
    if not mark:
        return address
    kept = [pair for pair in query.split("&") if not _is_session(pair)]
    return f"{address}?{'&'.join(kept)}" if kept else address


def _is_session(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = unquote_plus(name)
    if _SESSION_NAMES.fullmatch(name):
        return True
    return bool(_SESSION_LIKE.fullmatch(name) and _SESSION_VALUE.fullmatch(value))


def may_be_page(url: str) -> bool:
    """Return whether a URL may be of a page: not of a picture, film or archive by its name, nor a copy of the page that
    links to it.
    """
    address, _, query = url.partition("#")[0].partition("?")
    name = address.rpartition("/")[2]
    if "." in name and _NO_PAGES.fullmatch(name.rpartition(".")[2]) and address.count("/") > 2:
        return False
    return not query or COPIES.isdisjoint(pair.partition("=")[0] for pair in query.split("&"))


class LinkMemory:
    """The links that pages gave, as they stand in them, by host: a menu is resolved once and not on every page.

    At most twice `limit` links are held: those that no page has had for longest are forgotten, and cost their
    resolution again.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._size = 0
        self._recent: dict[str, set[str]] = {}
        self._earlier: dict[str, set[str]] = {}

    def unseen(self, base: str, links: Iterable[str]) -> dict[str, str]:
        """Return the links that no page gave before, as they stand, by what they are remembered as; see `add`."""
        host, page, directory = _split_base(base)
        recent = self._recent.setdefault(host, set())
        earlier = self._earlier.get(host, ())
        fresh = {}
        for link in links:
            key = link if link.startswith(_WHOLE) else (page if link.startswith(_OF_PAGE) else directory) + link
            if key in recent:
                continue
            if key in earlier:
                recent.add(key)
                self._size += 1
            else:
                fresh[key] = link
        return fresh

    def add(self, base: str, keys: Iterable[str]) -> None:
        """Remember links by what `unseen` gave, once the requests for all of them were made."""
        recent = self._recent.setdefault(_split_base(base)[0], set())
        before = len(recent)
        recent.update(key for key in keys if len(key) <= _MAX_REMEMBERED)
        self._size += len(recent) - before
        if self._size > self._limit:
            self._earlier, self._recent, self._size = self._recent, {}, 0


def _split_base(base: str) -> tuple[str, str, str]:
    """Return scheme and host of a base, its path with the query, and its directory: what a link may depend on."""
    page = base.partition("#")[0] + " "
    path = page.partition("?")[0]
    scheme, _, rest = path.partition("://")
    return f"{scheme}://{rest.partition('/')[0].strip()}", page, path.rpartition("/")[0] + "/ "
