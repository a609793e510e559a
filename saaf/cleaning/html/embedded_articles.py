"""Bodies that a page holds but does not show: for readers without scripts, in templates, and in the data of scripts.

Sites whose pages are made by scripts send the article as JSON or as markup in a string. A few shapes serve them all:
values of JSON are walked for the texts that stand under the same keys, whatever the keys are called.
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

from saaf.cleaning.html.density import running_text
from saaf.cleaning.html.segment import segment
from saaf.cleaning.text.folding import alignment_key, alignment_keys
from saaf.cleaning.text.scripts import unspaced_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning.html.segment import Segmentation

_ENOUGH: Final = 1_000  # characters of running text: pages that show more show their article, on 1,579 pages
_NOTHING: Final = 200  # letters: a loading notice and a menu
_DATA: Final = 1.25  # times its size: markup must hold as much more to be preferred to data
_OPENING: Final = 30  # letters: two texts that share as many at their beginning share it
_DESCRIPTIONS: Final = frozenset(("description", "og:description", "twitter:description"))
_PIECES: Final = frozenset(
    ("text", "value", "content", "children", "[]")
)  # of rich text: a paragraph is a list of them
_LEAST: Final = 400  # characters: what is shorter is a notice ("switch on JavaScript"), not an article
_MOST_PARSED: Final = 4_000_000  # characters of scripts; the largest page of 1,800 has 1,300,000
_MOST_VALUES: Final = 200_000
_MOST_ATTEMPTS: Final = 200  # places in one script where a value may begin
_MOST_NESTED: Final = 4  # JSON in a string in JSON: a forum's store has three levels
_MOST_GROUPS: Final = 5
_VALUE = re.compile(r"[=(]\s*(?=[\[{\"])")
_UNDEFINED = re.compile(r"(?<=[:\[,])undefined(?=[,}\]])")
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*+"')
_ROW = re.compile(rb"[0-9a-f]+:(?:T([0-9a-f]{1,7}),)?")
_MARKUP = re.compile(r"</[a-z]|<(?:p|br|div|li)\b", re.IGNORECASE)
_ESCAPED_MARKUP = re.compile(r"&lt;/?(?:p|br|div|li)\b", re.IGNORECASE)
_CODE = re.compile(r"[{}=<>;\\|$]")
_LONG_WORD = re.compile(r"[!-~]{60}")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedArticle:
    """A body found: `origin` is "noscript", "template" or "json", `element` an `article` that is in no tree."""

    origin: str
    element: HtmlElement
    walked: Segmentation

    @property
    def size(self) -> float:
        """Running text in characters, see `saaf.cleaning.votes.extractors.running_text`."""
        return running_text(self.walked)

    @property
    def spelled(self) -> str:
        """The letters of its text."""
        return alignment_key(" ".join(block.text for block in self.walked.blocks))


def find_embedded_article(root: HtmlElement, walked: Segmentation) -> EmbeddedArticle | None:
    """Return the article that the page holds but does not show, None where it shows one or holds none.

    `walked` is what the page shows. The tree is left as it is, and the work is bounded whatever the scripts hold.
    """
    shown = running_text(walked)
    if shown >= _ENOUGH:
        return None
    visible = alignment_key(" ".join(block.text for block in walked.blocks))
    openings = _openings(root)
    found = [
        body
        for body in (*_in_markup(root), *_in_json(root))
        if body.size >= max(_LEAST, 2 * shown) and not _is_shown(body, visible)
    ]
    announced = [body for body in found if any(opening in body.spelled for opening in openings)]
    # Stores of scripts also hold other articles, advertisements and terms: size alone decides on empty pages only.
    candidates = announced or (found if len(visible) < _NOTHING else [])
    # Data holds the text alone, markup also what stands around it: on forums, F1 0.9 in place of 0.4.
    return max(candidates, key=lambda body: body.size * (_DATA if body.origin == "json" else 1.0), default=None)


def _openings(root: HtmlElement) -> list[str]:
    """Return how the page's article begins, as its description for search engines and networks often says."""
    metas = (meta for meta in root.iter("meta"))
    named = (meta for meta in metas if (meta.get("name") or meta.get("property") or "").lower() in _DESCRIPTIONS)
    spelled = (alignment_key(html.unescape(meta.get("content") or ""))[:_OPENING] for meta in named)
    return [opening for opening in spelled if len(opening) == _OPENING]


def _is_shown(body: EmbeddedArticle, visible: str) -> bool:
    lines = [own for own in alignment_keys([block.text for block in body.walked.blocks]) if len(own) >= 15]
    return sum(len(line) for line in lines if line in visible) >= 0.3 * sum(map(len, lines))


def build_article(name: str, paragraphs: Sequence[str]) -> HtmlElement:
    """Return an `article` of plain or marked-up paragraphs, its id the name of where they come from."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    source = "".join(_marked_up(paragraph) for paragraph in paragraphs).replace("\x00", "")
    article = fragment_fromstring(source.encode("utf-8", "replace"), create_parent="article", parser=parser)
    article.set("id", name)
    return article


def _marked_up(text: str) -> str:
    if _ESCAPED_MARKUP.search(text) and not _MARKUP.search(text):
        text = html.unescape(text)
    if _MARKUP.search(text):
        return f"<div>{text}</div>"
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())


def _in_markup(root: HtmlElement) -> Iterator[EmbeddedArticle]:
    for element in root.iter("noscript", "template", "script"):
        if element.tag == "script":
            kind, source = (element.get("type") or "").lower(), element.text or ""
            if ("template" in kind or "html" in kind) and len(source) >= _LEAST and _MARKUP.search(source):
                yield from _measured("template", source)
        elif len(etree.tostring(element, encoding="unicode", with_tail=False)) >= _LEAST:
            article = deepcopy(element)
            article.tag, article.tail = "article", None
            article.set("id", element.tag)
            yield EmbeddedArticle(origin=element.tag, element=article, walked=segment(article))


def _measured(origin: str, *paragraphs: str) -> Iterator[EmbeddedArticle]:
    try:
        article = build_article(origin, paragraphs)
    except etree.ParserError:  # nothing in it
        return
    yield EmbeddedArticle(origin=origin, element=article, walked=segment(article))


def _in_json(root: HtmlElement) -> Iterator[EmbeddedArticle]:
    texts = _Texts()
    for value in _values(root):
        texts.collect(value)
    groups = [list(dict.fromkeys(group)) for group in texts.groups()]
    groups.sort(key=lambda group: -sum(map(len, group)))
    for group in groups[:_MOST_GROUPS]:
        if sum(map(len, group)) >= _LEAST:
            yield from _measured("json", *group)


@dataclass(slots=True)
class _Texts:
    """The texts in values of JSON, by the keys on the way to them: one list for all items of a list."""

    found: dict[tuple[str, ...], dict[int, list[str]]] = field(default_factory=dict)
    seen: int = 0

    def collect(self, value: object) -> None:
        """Take the texts of a value, in order, without recursion."""
        pending: list[tuple[object, tuple[str, ...], int, int]] = [(value, (), 0, 0)]
        while pending and self.seen < _MOST_VALUES:
            current, path, owner, nested = pending.pop()
            self.seen += 1
            if isinstance(current, dict):
                pending += [(each, (*path, key), owner, nested) for key, each in reversed(current.items())]
            elif isinstance(current, list):
                pending += [(each, (*path, "[]"), self.seen, nested) for each in reversed(current)]
            elif isinstance(current, str):
                inner = _parsed(current) if current[:1] in ("{", "[") and nested < _MOST_NESTED else None
                if inner is not None:
                    pending.append((inner, path, owner, nested + 1))
                elif _is_text(current):
                    self.found.setdefault(path[-8:], {}).setdefault(owner, []).append(current)

    def groups(self) -> Iterator[list[str]]:
        """Yield the paragraphs under each way of keys; pieces in a list within a list are one paragraph."""
        for path, owners in self.found.items():
            marked_up = any(_MARKUP.search(piece) for pieces in owners.values() for piece in pieces)
            joined = path.count("[]") > 1 and path[-1] in _PIECES and not marked_up
            for_each = (["".join(pieces)] if joined else pieces for pieces in owners.values())
            yield [piece for pieces in for_each for piece in pieces]


def _is_text(value: str) -> bool:
    """Tell text or markup from addresses, code and encoded data."""
    if len(value) < 2 or value.startswith(("http:", "https:", "data:", "/")):
        return False
    if _MARKUP.search(value) or _ESCAPED_MARKUP.search(value):
        return True
    if " " not in value and not unspaced_pattern().search(value):
        return False
    return len(_CODE.findall(value)) <= 0.02 * len(value) and not _LONG_WORD.search(value)


def _parsed(source: str) -> object:
    try:
        return _DECODER.decode(source)
    except (ValueError, RecursionError):
        return None


def _values(root: HtmlElement) -> Iterator[object]:
    """Yield the values of JSON in the page's scripts and attributes."""
    left, stream = _MOST_PARSED, []
    for element in root.iter():
        sources = [value for value in element.attrib.values() if len(value) >= _LEAST and value[:1] in ("{", "[")]
        if element.tag == "script" and element.text:
            sources.append(element.text)
        for source in sources:
            left -= len(source)
            if left < 0:
                break
            for value in _values_in(source):
                if isinstance(value, list) and value[:1] == [1] and len(value) == 2 and isinstance(value[1], str):
                    stream.append(value[1])  # Next.js sends its components as the pieces of one stream
                else:
                    yield value
    yield from _rows("".join(stream).encode("utf-8", "surrogatepass"))


def _values_in(source: str) -> Iterator[object]:
    """Yield the values that a script assigns or hands over, or at least its literals."""
    if source.lstrip()[:1] in ("{", "[") and (whole := _parsed(source)) is not None:
        yield whole
        return
    if "undefined" in source:
        source = _UNDEFINED.sub("null", source)
    position, left, any_found = 0, 2 * len(source), False
    for _ in range(_MOST_ATTEMPTS):
        start = _VALUE.search(source, position)
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
    if not any_found and len(source) >= _LEAST:
        literals = (_parsed(literal) for literal in _LITERAL.findall(source) if len(literal) >= _LEAST)
        yield [literal for literal in literals if literal is not None]


def _rows(stream: bytes) -> Iterator[object]:
    """Yield the values of a component stream: rows `id:JSON`, and texts `id:Tlength,text` of so many bytes (hex)."""
    position = 0
    while row := _ROW.match(stream, position):
        start = row.end()
        if row[1]:
            position = start + int(row[1], 16)
            yield stream[start:position].decode("utf-8", "replace")
            continue
        end = stream.find(b"\n", start)
        position = len(stream) if end < 0 else end + 1
        if stream[start : start + 1] in (b"[", b"{"):
            yield _parsed(stream[start:position].decode("utf-8", "replace"))
