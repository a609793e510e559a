"""Embedded articles: bodies that a page holds but does not show, in `noscript`, templates and the data of scripts.

Sites whose pages are rendered by scripts send the article as JSON or as markup in a string. JSON is searched without
knowing its schema: the texts under the same path of keys, whatever the keys are called, are one body.
"""

from __future__ import annotations

import html
import json
import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring

from saaf.cleaning.html.density import running_text_size
from saaf.cleaning.html.formulas import replace_formulas
from saaf.cleaning.html.markers import remove_markers
from saaf.cleaning.html.segment import segment
from saaf.cleaning.text.folding import alignment_key, alignment_keys
from saaf.cleaning.text.scripts import unspaced_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.html.segment import Segmentation

# Characters of running text: of 1,579 pages, those that show more show their article.
_MIN_VISIBLE_ARTICLE: Final = 1_000
_MAX_EMPTY_PAGE: Final = 200  # letters: a loading notice and a menu
_JSON_PREFERENCE: Final = 1.25  # factor of the size: markup must be larger by as much to be preferred to JSON
_OPENING_LENGTH: Final = 30  # letters: two texts with as many the same at their beginning begin alike
_DESCRIPTION_NAMES: Final = frozenset(("description", "og:description", "twitter:description"))
# The last keys of rich text, where a paragraph is a list of spans.
_SPAN_KEYS: Final = frozenset(("text", "value", "content", "children", "[]"))
_MIN_SIZE: Final = 400  # characters: what is shorter is a notice ("switch on JavaScript"), not an article
_MAX_PARSED: Final = 4_000_000  # characters of scripts; the largest page of 1,800 has 1,300,000
_MAX_VALUES: Final = 200_000
_MAX_ATTEMPTS: Final = 200  # positions in one script where a value may begin
_MAX_NESTING: Final = 4  # JSON in a string in JSON: a forum's store has three levels
_MAX_GROUPS: Final = 5
_VALUE_START = re.compile(r"[=(]\s*(?=[\[{\"])")
_UNDEFINED = re.compile(r"(?<=[:\[,])undefined(?=[,}\]])")
_STRING_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*+"')
_STREAM_ROW = re.compile(rb"[0-9a-f]+:(?:T([0-9a-f]{1,7}),)?")
_MARKUP = re.compile(r"</[a-z]|<(?:p|br|div|li)\b", re.IGNORECASE)
_ESCAPED_MARKUP = re.compile(r"&lt;/?(?:p|br|div|li)\b", re.IGNORECASE)
_CODE_CHARACTER = re.compile(r"[{}=<>;\\|$]")
_LONG_WORD = re.compile(r"[!-~]{60}")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedArticle:
    """A body found: `origin` is "noscript", "template" or "json", `element` an `article` element without a parent, and
    `segmentation` its blocks.
    """

    origin: str
    element: HtmlElement
    segmentation: Segmentation

    @property
    def size(self) -> float:
        """The size of its running text, see `saaf.cleaning.html.density.running_text_size`."""
        return running_text_size(self.segmentation)

    @property
    def key(self) -> str:
        """The `alignment_key` of its text."""
        return alignment_key(" ".join(block.text for block in self.segmentation.blocks))


def find_embedded_article(root: HtmlElement, segmentation: Segmentation) -> EmbeddedArticle | None:
    """Return the article that the page holds but does not show, None where it shows one or holds none.

    `segmentation` is that of the page. The tree is not changed, and the work is bounded on hostile scripts.
    """
    shown = running_text_size(segmentation)
    if shown >= _MIN_VISIBLE_ARTICLE:
        return None
    visible = alignment_key(" ".join(block.text for block in segmentation.blocks))
    openings = _openings(root)
    found = [
        body
        for body in (*_articles_in_markup(root), *_articles_in_json(root))
        if body.size >= max(_MIN_SIZE, 2 * shown) and not _is_shown(body, visible)
    ]
    announced = [body for body in found if any(opening in body.key for opening in openings)]
    # Stores of scripts also hold other articles, advertisements and terms: size alone decides on empty pages only.
    candidates = announced or (found if len(visible) < _MAX_EMPTY_PAGE else [])
    # JSON holds the text alone, markup also what stands around it: on forums, F1 0.9 in place of 0.4.
    return max(
        candidates, key=lambda body: body.size * (_JSON_PREFERENCE if body.origin == "json" else 1.0), default=None
    )


def _openings(root: HtmlElement) -> list[str]:
    """Return the first 30 letters of the page's descriptions in its head, which often are how its article begins."""
    metas = (meta for meta in root.iter("meta"))
    named = (meta for meta in metas if (meta.get("name") or meta.get("property") or "").lower() in _DESCRIPTION_NAMES)
    keys = (alignment_key(html.unescape(meta.get("content") or ""))[:_OPENING_LENGTH] for meta in named)
    return [opening for opening in keys if len(opening) == _OPENING_LENGTH]


def _is_shown(body: EmbeddedArticle, visible: str) -> bool:
    """Return whether the page shows a body: three tenths of its text in blocks of 15 letters or more.

    `visible` is the `alignment_key` of what the page shows.
    """
    lines = [own for own in alignment_keys([block.text for block in body.segmentation.blocks]) if len(own) >= 15]
    return sum(len(line) for line in lines if line in visible) >= 0.3 * sum(map(len, lines))


def build_article(name: str, paragraphs: Sequence[str]) -> HtmlElement:
    """Return an `article` element with the id `name` of paragraphs, each plain text or markup.

    Raises lxml.etree.ParserError where there is nothing in them.
    """
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    source = "".join(_to_markup(paragraph) for paragraph in paragraphs).replace("\x00", "")
    article = fragment_fromstring(source.encode("utf-8", "replace"), create_parent="article", parser=parser)
    article.set("id", name)
    replace_formulas(article)
    remove_markers(article)
    return article


def _to_markup(text: str) -> str:
    """Return a text as markup: markup as it is or unescaped, plain text escaped, a paragraph for each line.

    The opposite of `saaf.cleaning.text.markup.strip_markup`: the structure of the markup becomes blocks.
    """
    if _ESCAPED_MARKUP.search(text) and not _MARKUP.search(text):
        text = html.unescape(text)
    if _MARKUP.search(text):
        return f"<div>{text}</div>"
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())


def _articles_in_markup(root: HtmlElement) -> Iterator[EmbeddedArticle]:
    """Yield the bodies in `noscript`, `template` and scripts whose type says template or html."""
    for element in root.iter("noscript", "template", "script"):
        if element.tag == "script":
            kind, source = (element.get("type") or "").lower(), element.text or ""
            if ("template" in kind or "html" in kind) and len(source) >= _MIN_SIZE and _MARKUP.search(source):
                yield from _as_article("template", source)
        elif len(etree.tostring(element, encoding="unicode", with_tail=False)) >= _MIN_SIZE:
            article = deepcopy(element)
            article.tag, article.tail = "article", None
            article.set("id", element.tag)
            yield EmbeddedArticle(origin=element.tag, element=article, segmentation=segment(article))


def _as_article(origin: str, *paragraphs: str) -> Iterator[EmbeddedArticle]:
    """Yield the article of the paragraphs; nothing where they are empty."""
    try:
        article = build_article(origin, paragraphs)
    except etree.ParserError:  # nothing in it
        return
    yield EmbeddedArticle(origin=origin, element=article, segmentation=segment(article))


def _articles_in_json(root: HtmlElement) -> Iterator[EmbeddedArticle]:
    """Yield the five longest bodies among the values of JSON."""
    texts = _JsonTexts()
    for value in _json_values(root):
        texts.collect(value)
    groups = [list(dict.fromkeys(group)) for group in texts.groups()]
    groups.sort(key=lambda group: -sum(map(len, group)))
    for group in groups[:_MAX_GROUPS]:
        if sum(map(len, group)) >= _MIN_SIZE:
            yield from _as_article("json", *group)


@dataclass(slots=True)
class _JsonTexts:
    """The texts in values of JSON, by their path of keys ("[]" for a list) and their innermost list item."""

    found: dict[tuple[str, ...], dict[int, list[str]]] = field(default_factory=dict)
    visited: int = 0

    def collect(self, value: object) -> None:
        """Add the texts of a value, in order, without recursion."""
        pending: list[tuple[object, tuple[str, ...], int, int]] = [(value, (), 0, 0)]
        while pending and self.visited < _MAX_VALUES:
            current, path, owner, nested = pending.pop()
            self.visited += 1
            if isinstance(current, dict):
                pending += [(each, (*path, key), owner, nested) for key, each in reversed(current.items())]
            elif isinstance(current, list):
                pending += [(each, (*path, "[]"), self.visited, nested) for each in reversed(current)]
            elif isinstance(current, str):
                inner = _parse_json(current) if current[:1] in ("{", "[") and nested < _MAX_NESTING else None
                if inner is not None:
                    pending.append((inner, path, owner, nested + 1))
                elif _is_text(current):
                    self.found.setdefault(path[-8:], {}).setdefault(owner, []).append(current)

    def groups(self) -> Iterator[list[str]]:
        """Yield the paragraphs under each path of keys; the spans of rich text are joined to one paragraph."""
        for path, owners in self.found.items():
            marked_up = any(_MARKUP.search(piece) for pieces in owners.values() for piece in pieces)
            joined = path.count("[]") > 1 and path[-1] in _SPAN_KEYS and not marked_up
            for_each = (["".join(pieces)] if joined else pieces for pieces in owners.values())
            yield [piece for pieces in for_each for piece in pieces]


def _is_text(value: str) -> bool:
    """Return whether a string is text or markup rather than a URL, code or encoded data."""
    if len(value) < 2 or value.startswith(("http:", "https:", "data:", "/")):
        return False
    if _MARKUP.search(value) or _ESCAPED_MARKUP.search(value):
        return True
    if " " not in value and not unspaced_pattern().search(value):
        return False
    return len(_CODE_CHARACTER.findall(value)) <= 0.02 * len(value) and not _LONG_WORD.search(value)


def _parse_json(source: str) -> object:
    """Return the value of a JSON text, None where it cannot be parsed."""
    try:
        return _DECODER.decode(source)
    except (ValueError, RecursionError):
        return None


def _json_values(root: HtmlElement) -> Iterator[object]:
    """Yield the values of JSON in the page's scripts and attributes, up to 4,000,000 characters of source."""
    left, stream = _MAX_PARSED, []
    for element in root.iter():
        sources = [value for value in element.attrib.values() if len(value) >= _MIN_SIZE and value[:1] in ("{", "[")]
        if element.tag == "script" and element.text:
            sources.append(element.text)
        for source in sources:
            left -= len(source)
            if left < 0:
                break
            for value in _script_values(source):
                if isinstance(value, list) and value[:1] == [1] and len(value) == 2 and isinstance(value[1], str):
                    stream.append(value[1])  # Next.js sends its components as the pieces of one stream
                else:
                    yield value
    yield from _stream_values("".join(stream).encode("utf-8", "surrogatepass"))


def _script_values(source: str) -> Iterator[object]:
    """Yield the values that a script is, assigns or passes to a function; else the list of its long string literals."""
    if source.lstrip()[:1] in ("{", "[") and (whole := _parse_json(source)) is not None:
        yield whole
        return
    if "undefined" in source:
        source = _UNDEFINED.sub("null", source)
    position, left, any_found = 0, 2 * len(source), False
    for _ in range(_MAX_ATTEMPTS):
        start = _VALUE_START.search(source, position)
        if start is None or left < 0:
            break
        position = start.end()
        try:
            value, position = _DECODER.raw_decode(source, position)
        except json.JSONDecodeError as error:
            left -= error.pos - position
        except RecursionError:
            return
        else:
            any_found = any_found or isinstance(value, dict | list)
            yield value
    if not any_found and len(source) >= _MIN_SIZE:
        literals = (_parse_json(literal) for literal in _STRING_LITERAL.findall(source) if len(literal) >= _MIN_SIZE)
        yield [literal for literal in literals if literal is not None]


def _stream_values(stream: bytes) -> Iterator[object]:
    """Yield the values of a stream of React server components: rows `id:JSON`, and `id:Tlength,text`, bytes in hex."""
    position = 0
    while row := _STREAM_ROW.match(stream, position):
        start = row.end()
        if row[1]:
            position = start + int(row[1], 16)
            yield stream[start:position].decode("utf-8", "replace")
            continue
        end = stream.find(b"\n", start)
        position = len(stream) if end < 0 else end + 1
        if stream[start : start + 1] in (b"[", b"{"):
            yield _parse_json(stream[start:position].decode("utf-8", "replace"))
