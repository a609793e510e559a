"""JSON-LD as pages really write it: comments, trailing commas, entities, arrays, graphs, nonsense."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lxml.html import HtmlElement

from saaf.cleaning.text.markup import strip_markup

Node = dict[str, object]

# The longest on 1,800 measured pages has 841,000 bytes.
_LONGEST_SCRIPT: Final = 2_000_000
_MOST_NODES: Final = 5_000
# What HTML and XHTML writers put around a script, outermost first.
_OPENINGS: Final = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSINGS: Final = ("-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";")
# Each string or comment that is never closed runs to the end, so that both patterns stay linear on hostile input.
_STRING: Final = r'("(?:[^"\\]|\\.)*+(?:"|\Z))'
_COMMENT: Final = re.compile(_STRING + r"|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
_TRAILING_COMMA: Final = re.compile(_STRING + r"|,(?=\s*+[}\]])", re.DOTALL)
# What can still be read where the whole cannot, e.g. because of an unescaped quotation mark in the article's body.
_SALVAGED: Final = re.compile(
    r'"(@type|headline|datePublished|dateModified|dateCreated|articleSection|keywords|license)"\s*:\s*"((?:[^"\\\n]|\\.)*+)"'
)


def nodes_in(tree: HtmlElement) -> list[Node]:
    """Return the `nodes` of a page."""
    return nodes([script.text or "" for script in tree.iter("script") if "ld+json" in (script.get("type") or "")])


def nodes(scripts: Iterable[str]) -> list[Node]:
    """Return every JSON object in the texts of a page's `application/ld+json` scripts, outer before inner.

    Never raises: a script that cannot be parsed after repair gives one node of the plain fields that can be read in it,
    and a script that is too long or too deep gives none.
    """
    found: list[Node] = []
    for script in scripts:
        for node in _objects(_parsed(script)):
            if len(found) == _MOST_NODES:
                return found
            found.append(node)
    return found


def top_level_nodes(scripts: Iterable[str]) -> Iterator[Node]:
    """Yield the JSON objects that stand at the top of a script, in a list there, or in the `@graph` of one: those that
    speak of the page itself. As `nodes`, it never raises.
    """
    for script in scripts:
        for node in _as_objects(_parsed(script)):
            yield node
            yield from _as_objects(node.get("@graph"))


def _as_objects(value: object) -> list[Node]:
    """Return the objects in a value that is an object or a list of objects."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def type_names(node: Node) -> frozenset[str]:
    """Return the names in `@type`, without the vocabulary's address."""
    return frozenset(name.rpartition("/")[2] for name in strings(node.get("@type")))


def strings(value: object) -> list[str]:
    """Return the texts in a value that should be a text or a list of texts, trimmed, empty ones left out.

    Of an object its `name`, or `@value`; numbers, nested lists and all else are ignored.
    """
    found: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        item = each.get("name") or each.get("@value") if isinstance(each, dict) else each
        if isinstance(item, list):
            item = next(iter(item), None)
        if isinstance(item, str) and item.strip():
            found.append(item.strip())
    return found


def article_bodies(found: Sequence[Node]) -> list[str]:
    """Return the `articleBody` texts among a page's nodes, longest first, a paragraph a line."""
    bodies = {strip_markup(body, paragraphs=True) for node in found if isinstance(body := node.get("articleBody"), str)}
    return sorted(filter(None, bodies), key=lambda body: (-len(body), body))


def _parsed(script: str) -> object:
    """Return the parsed script, repaired as far as needed, or None."""
    if len(script) > _LONGEST_SCRIPT:
        return None
    text = _unwrapped(script)
    for repair in (_unchanged, _without_comments, html.unescape, _unescaped_without_comments):
        try:
            return json.loads(repair(text), strict=False)
        except RecursionError:
            return None
        except ValueError:
            continue
    salvaged: Node = {}
    for key, value in _SALVAGED.findall(text):
        salvaged.setdefault(key, value)
    return salvaged or None


def _unwrapped(script: str) -> str:
    """Drop comment and CDATA marks around a script, by plain string operations: they stay linear on any input."""
    text = script.replace("\ufeff", "").strip()
    for mark in _OPENINGS:
        text = text.removeprefix(mark).lstrip()
    for mark in _CLOSINGS:
        text = text.removesuffix(mark).rstrip()
    return text


def _unchanged(text: str) -> str:
    return text


def _without_comments(text: str) -> str:
    """Drop comments and trailing commas, both outside strings only."""
    return _TRAILING_COMMA.sub(r"\1", _COMMENT.sub(r"\1", text))


def _unescaped_without_comments(text: str) -> str:
    return _without_comments(html.unescape(text))


def _objects(value: object) -> Iterator[Node]:
    """Yield the objects in a parsed value, outer before inner, without recursion."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield current
            pending.extend(reversed(list(current.values())))
        elif isinstance(current, list):
            pending.extend(reversed(current))
