"""Path patterns of robots.txt (RFC 9309, section 2.2.2), which tdmrep.json uses too: prefixes with "*" and "$"."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "%!$&'()*+,;=:@/?[]#"  # what stays as it is: reserved characters and escapes


def path_and_query(url: str) -> str:
    """Return the part of a URL that patterns are compared with, "/" where it has no path.

    >>> path_and_query("https://a.example?x=1#y")
    '/?x=1'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def matches(pattern: str, path: str) -> bool:
    r"""Return whether a pattern matches a path with its query: "*" is any text, "$" at the end the end of the path.

    Characters that RFC 3986 calls unreserved are the same escaped and plain; of all others the escapes count. Case
    matters. An empty pattern matches every path. The time is proportional to the length of the path times the number
    of stars at most.

    >>> matches("/a/*.jpg$", "/a/b/c.jpg"), matches("/%7Eme/", "/~me/x"), matches("/a$", "/ab")
    (True, True, False)
    """
    pattern, path = normalise(pattern), normalise(path)
    anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    if not pieces:
        return not anchored or position == len(path)
    last = pieces.pop() if anchored else ""
    for piece in pieces:  # the first place of each is the best: it leaves most to the others
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not anchored or (path.endswith(last) and len(path) - len(last) >= position)


@lru_cache(maxsize=4096)
def normalise(path: str) -> str:
    """Return a path or pattern with one spelling of each character: unreserved ones plain, escapes in upper case."""
    escaped = quote(path, safe=_SAFE, encoding="utf-8", errors="surrogatepass")
    return _ESCAPE.sub(_unescape, escaped)


def _unescape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()
