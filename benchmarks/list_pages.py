"""List pages made of the templates of real article pages, to train the classifier of page types.

The body of an article, found by its gold text, gives way to entries: titles and beginnings of other articles of the
same language, with links. What names the page an article (JSON-LD, Open Graph, its dates and its title) is taken out,
and its address becomes that of a front page or of a section. The same page and entries give the same list page.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import lxml.html

from saaf.cleaning.html.decode import decode
from saaf.cleaning.types import Page
from saaf.corpus.evaluation.metrics import comparison_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.html import HtmlElement

_MIN_SHARE = 0.7  # of the gold text that the body holds
_ENTRIES = (6, 30)
_MIN_TEASER = 60  # characters
_MAX_PARAGRAPHS = 8
_SECTIONS = ("news", "world", "a", "section/1", "tag/x", "2024", "kategorie/politik", "sport/", "index.php?s=3")
_ARTICLE_META = ("og:type", "article:published_time", "article:modified_time", "article:author", "date", "author")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A title and the paragraphs of its article; `teaser` is one of these."""

    title: str
    teaser: str
    paragraphs: tuple[str, ...]


def list_page(page: Page, gold: str, entries: Sequence[Entry], name: str) -> Page | None:
    """Return the page with a list of some `entries` in place of its body; None where its body cannot be told.

    `name` decides what the list looks like.
    """
    choose = random.Random(zlib.crc32(name.encode()))
    source = decode(page.body, page.header("content-type")).text.replace("\0", "").encode("utf-8", "ignore")
    root = lxml.html.document_fromstring(source, parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=True))
    body = _body(root, gold)
    if body is None or len(entries) < _ENTRIES[0]:
        return None
    _without_article(root, choose)
    kind = body.tag
    body.clear()
    body.tag = kind if kind in ("div", "section", "main", "article", "td") else "div"
    body.set("class", choose.choice(("list", "content", "posts", "archive-list", "c1")))
    chosen = choose.sample(list(entries), min(choose.randint(*_ENTRIES), len(entries)))
    body.append(lxml.html.fragment_fromstring(entries_html(chosen, choose), create_parent="div"))
    return Page(
        url=_address(page.url, choose),
        body=lxml.html.tostring(root, encoding="utf-8"),
        headers=(("content-type", "text/html; charset=utf-8"),),
    )


def _body(root: HtmlElement, gold: str) -> HtmlElement | None:
    """Return the innermost element that holds most of the gold text."""
    key = comparison_key(gold)
    lines = [line for line in (comparison_key(line) for line in gold.split("\n")) if len(line) >= 20]
    found = root.body
    if found is None or not lines or len(key) < 200:
        return None
    while True:
        for child in found:
            text = comparison_key("".join(child.itertext())) if isinstance(child.tag, str) else ""
            if sum(len(line) for line in lines if line in text) >= _MIN_SHARE * sum(map(len, lines)):
                found = child
                break
        else:
            return None if found is root.body else found


def _without_article(root: HtmlElement, choose: random.Random) -> None:
    """Take out what names the page an article; a heading of the page may stay, as the name of a section does."""
    for meta in list(root.iter("meta")):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in _ARTICLE_META:
            if name == "og:type":
                meta.set("content", "website")
            else:
                meta.drop_tree()
    for element in list(root.iter("script", "title", "h1", "time")):
        if element.tag == "title" or (element.tag == "h1" and choose.random() < 0.5):
            words = "".join(element.itertext()).split()
            for child in list(element):
                element.remove(child)
            element.text = " ".join(words[-2:])
        elif element.tag != "script" or "ld+json" in (element.get("type") or ""):
            element.drop_tree()


def entries_html(chosen: Sequence[Entry], choose: random.Random) -> str:
    """Return the HTML of a list: of links alone, with headings, teasers, dates and pictures, as chance has it."""
    heading, outer = choose.choice(("h2", "h3", "h4", "p", "div", "span")), choose.choice(("li", "div", "article"))
    has_teaser, has_date, has_picture = (choose.random() < share for share in (0.55, 0.4, 0.5))
    all_linked, length = choose.random() < 0.3, choose.randint(60, 260)
    parts = []
    for number, entry in enumerate(chosen):
        title = f'<a href="/a/{number}{choose.randint(100, 99999)}">{escape(entry.title)}</a>'
        picture = f'<a href="/a/{number}"><img src="/i/{number}.jpg"></a>' if has_picture else ""
        cut = entry.teaser[:length] + choose.choice(("…", "...", ""))
        inner = f'<a href="/a/{number}">{escape(cut)}</a>' if all_linked else escape(cut)
        teaser = f"<p>{inner}</p>" if has_teaser else ""
        date = f"<span class=d>{choose.randint(1, 28)}.{choose.randint(1, 12)}.2024</span>" if has_date else ""
        parts.append(f"<{outer} class=item>{picture}<{heading}>{title}</{heading}>{date}{teaser}</{outer}>")
    return f"<ul>{''.join(parts)}</ul>" if outer == "li" else "".join(parts)


def _address(url: str | None, choose: random.Random) -> str | None:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}/{choose.choice(('', '', *_SECTIONS))}" if parts.netloc else None


def entry_of(record: Mapping[str, object]) -> Entry | None:
    """Return the entry of a labelled page, its first words where it states no title; None without a paragraph."""
    paragraphs = [line for line in str(record.get("gold_text") or "").split("\n") if len(line) >= _MIN_TEASER]
    if not paragraphs:
        return None
    title = str(record.get("gold_title") or paragraphs[0][:_MIN_TEASER])
    return Entry(title=title, teaser=paragraphs[-1], paragraphs=tuple(paragraphs[:_MAX_PARAGRAPHS]))
