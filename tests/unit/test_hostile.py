"""Hostile pages: each ends within its budget of time and memory, keeps its text, and costs no other page."""

from __future__ import annotations

import time
from itertools import chain

import pytest

from saaf.cleaning import CleanDocument, Page, clean_html
from saaf.corpus.ledger import Failure, State
from saaf.corpus.process_limits import Limits
from saaf.corpus.workers import clean_pages

SENTENCE = "A sentence, with a comma, that says something of a length to be kept. "
ARTICLE = f"<h1>What the council said</h1>{f'<p>{SENTENCE}</p>' * 5}".encode()
SECONDS = 15.0  # of CPU: none of the pages takes a fifth of it, and before the bounds most took minutes

PAGES = {
    "64,000 spans": b"<p>" + b"<span>word </span>" * 64_000 + b"last",
    "100,000 levels": b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000 + b"<p>last</p>",
    "100,000 inline levels": b"<p>" + b"<b>" * 100_000 + b"deep<p>last",
    "400 levels of 100 classes": b"".join(b'<div class="%s"><p>x' % (b"c%d " % n * 100) for n in range(400)) + b"last",
    "a text of 2.1 MB": b"<p>" + SENTENCE.encode() * 30_000 + b"</p><p>last</p>",
    "a text before any tag": b"word " * 6_000 + b"last",
    "a text after a sign": b"<p>1 < 2 " + b"word " * 6_000 + b"last</p>",
    "a word of 3 MB": b"<p>" + b"a" * 3_000_000 + b"</p><p>last</p>",
    "illegal references": b"<p>" + b"&#0; &#xD800; &#1114112; &#x80; &no; &#99999999999; &amp" * 5_000 + b"</p><p>last",
    "19,000 letters": b"<p>a</p>" * 19_000 + b"<p>last",
    "4,000 labels": b"".join(b"<p>%d x</p>" % number for number in range(4_000)) + b"<p>last",
    "100,000 attributes": b"<p " + b" ".join(b"a%d=%d" % (n, n) for n in range(100_000)) + b">x</p><p>last",
    "60,000 bare attributes": b"<p " + b" ".join(b"a%d" % n for n in range(60_000)) + b">x</p><p>last",
    "400 tables in tables": b"<table><tr><td>" * 400 + b"last",
    "500,000 brackets": b"<" * 500_000 + b"<p>last</p>",
    "articles in JSON-LD": b'<script type="application/ld+json">{"articleBody":"%s"}</script>' % (b"x " * 500) * 500
    + b"<p>last</p>",
    "deep JSON": b'<script type="application/json">' + b'{"a":[' * 50_000 + b"</script><p>last</p>",
    "half a UTF-8 character": "<p>कथा</p><p>last</p>".encode() + b"<p>\xe0\xa4",
    "UTF-8 called UTF-16": "<meta charset=utf-16><p>कथा</p><p>last</p>".encode(),
    "bytes of no encoding": b"<meta charset=euc-jp><p>" + bytes(range(128, 256)) * 20 + b"</p><p>last</p>",
    "an encoding nobody knows": b"<meta charset=x-klingon><p>caf\xe9</p><p>last</p>",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_ends_in_time_and_keeps_its_text(name: str) -> None:
    start = time.process_time()
    document = clean_html(PAGES[name]).document
    assert time.process_time() - start < SECONDS
    assert "last" in document.text


def test_hostile_pages_cost_no_other_page() -> None:
    """The first takes four times the limit of CPU time to clean, and the article a tenth of it, cold."""
    hostile = [b"<p>" + SENTENCE.encode() * 220_000, b"%PDF-1.7 ", b"<html></html>"]
    bodies = [*chain.from_iterable((ARTICLE, body) for body in hostile), ARTICLE]
    pages = [Page(url=f"https://www.example.org/{number}", body=body) for number, body in enumerate(bodies)]
    results = list(clean_pages(pages, workers=1, limits=Limits(cpu_seconds=0.6)))
    assert all(isinstance(result, CleanDocument) and SENTENCE.strip() in result.text for result in results[::2])
    failures = [result for result in results[1::2] if isinstance(result, Failure)]
    assert [failure.state for failure in failures] == [State.OVER_BUDGET, State.UNREADABLE, State.UNREADABLE]
    assert "0.6 seconds of CPU time" in failures[0].reason
    assert all(failure.reason for failure in failures)
    assert [failure.url for failure in failures] == [page.url for page in pages[1::2]]
