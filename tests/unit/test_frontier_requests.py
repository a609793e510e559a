"""Requests in the frontier: what is stored comes back as it was, and what cannot be stored says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import FormRequest, Request, Spider
from scrapy.http import JsonRequest

from saaf.crawler.frontier.stored_requests import (
    CONDITIONAL,
    KIND,
    UnstorableRequestError,
    decode_request,
    encode_request,
)

URL = "https://a.example/1"


class Site(Spider):
    name = "site"

    def article(self, response: Any) -> None:
        """A callback."""

    def failed(self, failure: Any) -> None:
        """An errback."""


SPIDER = Site()


def test_a_plain_request_needs_no_more_than_its_url() -> None:
    request = Request(URL, priority=3, meta={"depth": 2, KIND: "page", "is_start_request": True})
    assert encode_request(request, SPIDER) is None
    assert decode_request(URL, None, SPIDER).url == URL


@pytest.mark.parametrize(
    "request_",
    [
        Request(URL, callback=SPIDER.article, errback=SPIDER.failed, dont_filter=True),
        Request(URL, meta={"page": 3, "when": datetime(2025, 1, 1, tzinfo=UTC), "pair": (1, b"\xff"), "by": {1: "a"}}),
        Request(URL, cb_kwargs={"names": ["अ", None, True, 1.5]}, headers={"X-Key": ["a", "b"]}, flags=["seen"]),
        Request(URL + "#top", method="POST", body=b"\x00\xff", cookies={"a": "b"}),
        FormRequest(URL, formdata={"q": "tide"}, callback=SPIDER.article),
        JsonRequest(URL, data={"q": 1}, meta={"depth": 1, "a": 1}),
    ],
    ids=["methods", "meta", "arguments", "post", "form", "json"],
)
def test_a_request_comes_back_as_it_was(request_: Request) -> None:
    encoded = encode_request(request_, SPIDER)
    assert encoded is not None
    again = decode_request(URL, encoded, SPIDER)
    assert type(again) is type(request_)
    for name in (
        "url",
        "method",
        "body",
        "callback",
        "errback",
        "headers",
        "cookies",
        "dont_filter",
        "flags",
        "cb_kwargs",
    ):
        assert getattr(again, name) == getattr(request_, name), name
    assert again.meta == {name: value for name, value in request_.meta.items() if name != "depth"}


def test_a_referer_that_is_the_parent_s_and_validators_of_the_crawl_are_not_stored() -> None:
    headers = {"Referer": "https://a.example/", "If-None-Match": '"1"'}
    request = Request(URL, headers=headers, meta={CONDITIONAL: True})
    encoded = encode_request(request, SPIDER, referer="https://a.example/")
    assert encoded == '{"referer":true}'
    again = decode_request(URL, encoded, SPIDER, referer="https://a.example/")
    assert again.headers.to_unicode_dict() == {"Referer": "https://a.example/"}


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request(URL, callback=print), "no method of the spider"),
        (Request(URL, errback=Site().failed), "no method of the spider"),
        (Request(URL, meta={"item": object()}), "type object"),
    ],
)
def test_what_cannot_be_stored_says_why(request_: Request, why: str) -> None:
    with pytest.raises(UnstorableRequestError, match=why):
        encode_request(request_, SPIDER)


def test_a_callback_that_the_spider_has_no_more_is_an_error() -> None:
    with pytest.raises(ValueError, match="gone"):
        decode_request(URL, '{"callback":"gone"}', SPIDER)
