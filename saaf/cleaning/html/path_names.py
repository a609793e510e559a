"""Normalized block paths: what stays the same from page to page of a template."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

_DIGITS: Final = regex.compile(r"\p{Nd}+")
_STEP: Final = regex.compile(r"[^#.\[]+|[#.][^#.\[]+|\[[^\]]*\]")

# Class names that say what a page is about or which of several elements this is, not what part of the page it is.
_PAGE_SPECIFIC: Final = regex.compile(
    r"^\.(?:category|tag|cat|topic|author|format|status|hentry|first|last|odd|even|active|current|clearfix|selected)\b"
)

_MAX_CLASSES: Final = 2


@lru_cache(maxsize=8192)
def normalize_path(path: str) -> str:
    """Return a block's path without what varies from page to page of a template.

    Numbers in ids and classes become "0". Dropped are classes that name the page's subject, all but the first two other
    classes of an element, roles and itemprops, and all names of html and body.
    """
    return "/".join(normalize_step(step) for step in path.split("/"))


@lru_cache(maxsize=8192)
def normalize_step(step: str) -> str:
    """Return a step of a path, normalized as `normalize_path` does."""
    tag, *names = _STEP.findall(step) or [""]
    if tag in ("html", "body"):
        return str(tag)
    ids = [str(_DIGITS.sub("0", name)) for name in names if name[0] == "#"]
    classes = [str(_DIGITS.sub("0", name)) for name in names if name[0] == "." and not _PAGE_SPECIFIC.match(name)]
    return "".join([str(tag), *ids, *classes[:_MAX_CLASSES]])
