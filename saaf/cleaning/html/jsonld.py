"""JSON-LD of pages, parsed with repair: comments, trailing commas, entities, arrays, graphs, broken scripts."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lxml.html import HtmlElement

from saaf.cleaning.html.page_elements import PageElements
from saaf.cleaning.text.folding import title_key
from saaf.cleaning.text.markup import strip_markup

Node = dict[str, object]

# The longest on 1,800 measured pages has 841,000 bytes.
_MAX_SCRIPT_LENGTH: Final = 2_000_000
_MIN_HEADLINE_LETTERS: Final = 8  # a shorter one may stand in any title
_MAX_NODES: Final = 5_000
# What HTML and XHTML writers put around a script, outermost first.
_WRAPPERS_BEFORE: Final = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_WRAPPERS_AFTER: Final = ("-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";")
# A string or comment that is never closed runs to the end, so that both patterns stay linear on hostile input.
_STRING: Final = r'("(?:[^"\\]|\\.)*+(?:"|\Z))'
_COMMENT: Final = re.compile(_STRING + r"|/\*.*?(?:\*/|\Z)|//[^\n]*", re.DOTALL)
_TRAILING_COMMA: Final = re.compile(_STRING + r"|,(?=\s*+[}\]])", re.DOTALL)
# Fields that can still be read where the whole script cannot, e.g. because of an unescaped quotation mark in a text.
_PLAIN_FIELD: Final = re.compile(
    r'"(@type|headline|datePublished|dateModified|dateCreated|articleSection|keywords|license)"\s*:\s*"((?:[^"\\\n]|\\.)*+)"'
)


_NO_NAMES: Final[frozenset[str]] = frozenset()


def nodes_in(tree: HtmlElement | PageElements) -> list[Node]:
    """Return the `nodes` of the JSON-LD scripts in a page's tree, given its root or its elements."""
    return nodes([script.text or "" for script in tree.iter("script") if "ld+json" in (script.get("type") or "")])


def nodes(scripts: Iterable[str]) -> list[Node]:
    """Return every JSON object in the texts of a page's `application/ld+json` scripts, outer before inner.

    At most 5,000. Never raises: a script that cannot be parsed after repair gives one node of the plain fields that can
    be read in it, and a script that is longer than 2,000,000 characters or too deep gives none.
    """
    found: list[Node] = []
    for script in scripts:
        for node in _objects(_parse(script)):
            if len(found) == _MAX_NODES:
                return found
            found.append(node)
    return found


def top_level_nodes(scripts: Iterable[str]) -> Iterator[Node]:
    """Yield the JSON objects that stand at the top of a script, in a list there, or in the `@graph` of one: those that
    speak of the page itself. As `nodes`, it never raises.
    """
    for script in scripts:
        for node in _as_objects(_parse(script)):
            yield node
            yield from _as_objects(node.get("@graph"))


def _as_objects(value: object) -> list[Node]:
    """Return the objects in a value that is an object or a list of objects."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def type_names(node: Node) -> frozenset[str]:
    """Return the names in `@type` without the vocabulary's URL: "NewsArticle" of "https://schema.org/NewsArticle"."""
    stated = node.get("@type")
    return frozenset(name.rpartition("/")[2] for name in strings(stated)) if stated else _NO_NAMES


def strings(value: object) -> list[str]:
    """Return the strings in a value that should be a string or a list of strings, trimmed, without empty ones.

    Of an object its `name` or `@value`, of a list there its first item; numbers and all else are ignored.
    """
    found: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        item = each.get("name") or each.get("@value") if isinstance(each, dict) else each
        if isinstance(item, list):
            item = next(iter(item), None)
        if isinstance(item, str) and item.strip():
            found.append(item.strip())
    return found


def article_bodies(found: Sequence[Node], titles: Sequence[str] = ()) -> list[str]:
    """Return the `articleBody` texts among a page's nodes, longest first, a paragraph a line.

    `titles` are the page's titles and first headings: where the headline of an article is among them, or is the
    beginning of one, only such articles count: the others are articles that the page links to.
    """
    keys = [key for title in titles if (key := title_key(title))]
    bodies: dict[str, bool] = {}
    for node in found:
        if isinstance(body := node.get("articleBody"), str) and (text := strip_markup(body, paragraphs=True)):
            headline = title_key(" ".join(strings(node.get("headline"))[:1]))
            own = len(headline) > _MIN_HEADLINE_LETTERS and any(headline in key or key in headline for key in keys)
            bodies[text] = bodies.get(text, False) or own
    chosen = [body for body, own in bodies.items() if own] or list(bodies)
    return sorted(chosen, key=lambda body: (-len(body), body))


def _parse(script: str) -> object:
    """Return the value of a script, repaired as far as needed; None where nothing can be read."""
    if len(script) > _MAX_SCRIPT_LENGTH:
        return None
    text = _without_wrappers(script)
    for repair in (_unchanged, _without_comments, html.unescape, _unescaped_without_comments):
        try:
            return json.loads(repair(text), strict=False)
        except RecursionError:
            return None
        except ValueError:
            continue
    fields: Node = {}
    for key, value in _PLAIN_FIELD.findall(text):
        fields.setdefault(key, value)
    return fields or None


def _without_wrappers(script: str) -> str:
    """Return a script without the comment and CDATA marks around it. String operations stay linear on any input."""
    text = script.replace("\ufeff", "").strip()
    for mark in _WRAPPERS_BEFORE:
        text = text.removeprefix(mark).lstrip()
    for mark in _WRAPPERS_AFTER:
        text = text.removesuffix(mark).rstrip()
    return text


def _unchanged(text: str) -> str:
    return text


def _without_comments(text: str) -> str:
    """Return JSON without comments and trailing commas, which are dropped outside strings only."""
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
