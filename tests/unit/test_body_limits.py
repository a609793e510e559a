"""Bodies that are cut off while they come: at the limit of size, and at that of time."""

from __future__ import annotations

import time

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, Response
from scrapy.utils.test import get_crawler
from twisted.web.iweb import UNKNOWN_LENGTH

from saaf.corpus.ledger import State
from saaf.crawler.capture.exchanges import cut_of, cut_refusal
from saaf.crawler.guards.body_limits import BodyLimits

URL = "https://a.example/"


def limits(**settings: object) -> BodyLimits:
    return BodyLimits.from_crawler(get_crawler(Spider, settings))


@pytest.mark.parametrize(("stated", "is_cut"), [(10, False), (11, True), (UNKNOWN_LENGTH, False)])
def test_a_stated_length_over_the_limit(stated: object, is_cut: bool) -> None:
    request = Request(URL)
    if not is_cut:
        limits(DOWNLOAD_MAXSIZE=10).headers_received(Headers(), stated, request)
        return
    with pytest.raises(StopDownload) as stopped:
        limits(DOWNLOAD_MAXSIZE=10).headers_received(Headers(), stated, request)
    assert not stopped.value.fail, "what there is of it is kept"
    assert cut_of(request, Response(URL, flags=["download_stopped"])) == "length"


def test_a_body_that_grows_over_the_limit_of_its_request() -> None:
    request, body_limits = Request(URL, meta={"download_maxsize": 10}), limits(DOWNLOAD_MAXSIZE=5)
    body_limits.headers_received(Headers(), UNKNOWN_LENGTH, request)
    body_limits.bytes_received(b"12345", request)
    body_limits.bytes_received(b"12345", request)
    with pytest.raises(StopDownload):
        body_limits.bytes_received(b"1", request)
    assert cut_refusal("length", request).state is State.OVER_BUDGET


def test_a_body_that_never_ends_is_cut_off_before_its_time_is_over() -> None:
    request, body_limits = Request(URL, meta={"download_timeout": 0.2, "download_latency": 0.0}), limits()
    body_limits.headers_received(Headers(), UNKNOWN_LENGTH, request)
    body_limits.bytes_received(b"1", request)
    time.sleep(0.2)
    with pytest.raises(StopDownload):
        body_limits.bytes_received(b"1", request)
    assert cut_of(request, Response(URL, flags=["download_stopped"])) == "time"


def test_a_body_that_ends_with_its_connection_is_whole_and_one_that_lacks_bytes_is_not() -> None:
    request = Request(URL)
    assert cut_of(request, Response(URL, flags=["partial"])) is None
    assert cut_of(request, Response(URL, flags=["dataloss"])) == "disconnect"
    assert cut_refusal("disconnect", request).state is State.FETCH_FAILED
