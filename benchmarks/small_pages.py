"""Small pages without any statement of their type, to train the classifier of page types: most pages of a template
engine's first example look so, and no data set has them.

They are made of the titles and paragraphs of gold texts: an article, a list, a thread or a form to sign in, with or
without a menu, a footer, and links beside it. The same name and entries give the same page.
"""

from __future__ import annotations

import random
import zlib
from html import escape
from typing import TYPE_CHECKING

from benchmarks.list_pages import entries_html
from saaf.cleaning.types import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.list_pages import Entry

TYPES = ("article", "article", "article", "listing", "listing", "forum", "login")
_BRIEF = 0.3  # probability that paragraphs are cut short


def small_page(own: Entry, entries: Sequence[Entry], name: str) -> tuple[str, Page]:
    """Return a type and a page of it; an article and a thread are of the entry `own`."""
    choose = random.Random(zlib.crc32(name.encode()))
    kind = choose.choice(TYPES)
    make = {"article": _article, "listing": _listing, "forum": _thread, "login": _sign_in}[kind]
    title, content = make(own, entries, choose)
    parts = [_menu(entries, choose), f"<{choose.choice(('main', 'div', 'section'))} class=c>{content}</div>"]
    if choose.random() < 0.3:
        links = "".join(f"<li>{_link(each.title)}</li>" for each in choose.sample(list(entries), min(5, len(entries))))
        parts.append(f"<aside><ul>{links}</ul></aside>")
    if choose.random() < 0.6:
        parts.append(_footer(entries, choose))
    source = (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title></head><body>{''.join(parts)}</body>"
    )
    headers = (("content-type", "text/html; charset=utf-8"),)
    return kind, Page(url=None, body=source.encode("utf-8", "ignore"), headers=headers)


def _footer(entries: Sequence[Entry], choose: random.Random) -> str:
    """Return a line of rights, and at times a sentence about the site, links, and a request to accept cookies."""
    sentence, cookies = (escape(choose.choice(entries).teaser[: choose.randint(60, 240)]) for _ in range(2))
    parts = [f"<p>© {choose.randint(1999, 2026)} {_words(choose.choice(entries), 3)}</p>"]
    if choose.random() < 0.6:
        parts.insert(0, f"<p>{sentence}</p>")
    if choose.random() < 0.5:
        parts.append("".join(f"<a href='/{place}'>{_words(choose.choice(entries), 2)}</a> | " for place in range(5)))
    bar = f"<div class=cookie>{cookies} <button>OK</button></div>" if choose.random() < 0.3 else ""
    tag = choose.choice(("footer", "div"))
    return f"<{tag} class=footer>{''.join(parts)}</{tag}>{bar}"


def _words(entry: Entry, count: int) -> str:
    """Return the first words of a title; of a title without spaces as many letters."""
    words = entry.title.split()
    return escape(" ".join(words[:count]) if len(words) > 2 else entry.title[: 2 * count])


def _link(text: str) -> str:
    return f'<a href="/{zlib.crc32(text.encode())}">{escape(text)}</a>'


def _menu(entries: Sequence[Entry], choose: random.Random) -> str:
    count = choose.choice((0, 0, 2, 4, 7))
    links = [f"<li><a href='/{place}'>{_words(choose.choice(entries), 1)}</a></li>" for place in range(count)]
    tag = choose.choice(("nav", "header", "div"))
    return f"<{tag}><ul>{''.join(links)}</ul></{tag}>" if links else ""


def _date(choose: random.Random) -> str:
    day = f"{choose.randint(2005, 2026)}-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}"
    return f"<time datetime={day}>{day}</time>" if choose.random() < 0.6 else f"<span class=date>{day}</span>"


def _paragraphs(own: Entry, choose: random.Random) -> list[str]:
    chosen = list(own.paragraphs[: choose.randint(1, 8)])
    return [one[: choose.randint(40, 160)] for one in chosen] if choose.random() < _BRIEF else chosen


def _article(own: Entry, _entries: Sequence[Entry], choose: random.Random) -> tuple[str, str]:
    title = escape(own.title)
    date = f"<p>{_date(choose)}</p>" if choose.random() < 0.6 else ""
    text = "".join(f"<p>{escape(one)}</p>" for one in _paragraphs(own, choose))
    return title, f"<article><h1>{title}</h1>{date}{text}</article>"


def _listing(_own: Entry, entries: Sequence[Entry], choose: random.Random) -> tuple[str, str]:
    title = _words(choose.choice(entries), 2)
    chosen = choose.sample(list(entries), min(choose.choice((2, 3, 4, 5, 6, 8, 12, 20)), len(entries)))
    heading = f"<h1>{title}</h1>" if choose.random() < 0.7 else ""
    return title, heading + (entries_html(chosen, choose) if choose.random() < 0.7 else _rows(chosen, choose))


def _rows(chosen: Sequence[Entry], choose: random.Random) -> str:
    """Return entries whose title and beginning stand in one element, as in tables of old sites."""
    length, tag = choose.randint(40, 200), choose.choice(("div", "td", "p", "li"))
    more = f" {_link(_words(chosen[0], 2))}" if choose.random() < 0.5 else ""
    rows = [f"<{tag}>{_link(each.title)}<br>{escape(each.teaser[:length])}...{more}</{tag}>" for each in chosen]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>" if tag == "td" else "".join(rows)


def _thread(own: Entry, entries: Sequence[Entry], choose: random.Random) -> tuple[str, str]:
    title, texts = escape(own.title), _paragraphs(own, choose)
    while len(texts) < 3:
        texts.append(choose.choice(entries).teaser)
    tag, name = (
        choose.choice(("div", "article", "li", "section")),
        choose.choice(("post", "message", "comment", "reply")),
    )
    posts = [
        f"<{tag} class={name} id={name}-{place}><div class=user>{_words(choose.choice(entries), 1)}</div>"
        f"{_date(choose)}<div class=body><p>{escape(text)}</p></div></{tag}>"
        for place, text in enumerate(texts)
    ]
    reply = "<form><textarea name=reply></textarea><button>↵</button></form>" if choose.random() < 0.6 else ""
    return title, f"<h1>{title}</h1>{''.join(posts)}{reply}"


def _sign_in(_own: Entry, entries: Sequence[Entry], choose: random.Random) -> tuple[str, str]:
    title, labels = _words(choose.choice(entries), 1), [_words(choose.choice(entries), 1) for _ in range(3)]
    kind = choose.choice(("text", "email"))
    fields = f"<label>{labels[0]} <input type={kind}></label><label>{labels[1]} <input type=password></label>"
    more = f"<p>{_link(labels[2])}</p>" if choose.random() < 0.5 else ""
    return title, f"<h1>{title}</h1><form method=post>{fields}<button>{title}</button></form>{more}"
