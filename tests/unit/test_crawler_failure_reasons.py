"""Every way in which Scrapy and Twisted fail is put in words, and none with the name of a class."""

from __future__ import annotations

import inspect
import re

import pytest
from OpenSSL import SSL
from scrapy import exceptions
from scrapy.core.downloader.handlers.http11 import TunnelError
from twisted.internet import error
from twisted.python.failure import Failure
from twisted.web import _newclient, http

from saaf.corpus.ledger import State
from saaf.crawler.guards.failure_reasons import failure_of, failure_reason, is_host_failure, is_unreachable
from saaf.crawler.guards.refusals import RefusedRequest


def make(kind: type[BaseException]) -> BaseException:
    for arguments in ((), ("text",), ("text", b"data"), ("text", 80, OSError())):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    raise AssertionError(kind)


KINDS = sorted(
    {
        kind
        for module in (error, http, _newclient)
        for kind in vars(module).values()
        if inspect.isclass(kind)
        and issubclass(kind, Exception)
        and not issubclass(kind, Warning)
        and kind.__module__.startswith("twisted")
    },
    key=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
CLASS_NAME = re.compile(r"Error\b|Exception\b|<|\b[A-Z][a-z]+[A-Z]|_[a-z]")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_reason_has_the_name_of_a_class(kind: type[BaseException]) -> None:
    inner = make(kind) if not issubclass(kind, _newclient._WrapperException) else kind([])
    failed = exceptions.DownloadFailedError(repr(inner))
    failed.__cause__ = _newclient.ResponseFailed([Failure(inner)])  # type: ignore[no-untyped-call]
    for one in (inner, failed):
        reason = failure_reason(one)
        assert reason
        assert CLASS_NAME.search(re.sub(r"\(?[A-Z]+_[A-Z_]+\)?|Content-Length", "", reason)) is None, reason


@pytest.mark.parametrize(
    ("failure", "words", "of_host"),
    [
        (exceptions.DownloadTimeoutError("x"), "no answer in time", True),
        (exceptions.CannotResolveHostError("x"), "does not resolve", True),
        (exceptions.DownloadConnectionRefusedError("x"), "refused the connection", True),
        (exceptions.ResponseDataLossError(), "before the whole body had come", False),
        (TunnelError("x"), "the proxy", True),
        (SSL.Error([("a", "b", "c")]), "TLS handshake", True),
        (error.ConnectionLost(), "broke the connection off", True),
        (_newclient.ParseError("x", b"y"), "no HTTP", False),  # type: ignore[no-untyped-call]
        (http._MalformedChunkedDataError(), "chunks", False),
        (ValueError("x"), "a header", False),
        (RuntimeError("<twisted.internet.Error object>"), "does not know", False),
    ],
)
def test_reasons_by_class(failure: BaseException, words: str, of_host: bool) -> None:
    assert words in failure_reason(failure)
    assert is_host_failure(failure) is of_host
    assert failure_of(failure) == (State.FETCH_FAILED, failure_reason(failure))


def test_a_broken_page_is_not_a_broken_host() -> None:
    both = _newclient.ResponseFailed([Failure(error.ConnectionDone()), Failure(_newclient.ParseError("x", b"y"))])  # type: ignore[no-untyped-call]
    assert not is_host_failure(both)
    assert not is_unreachable(error.ConnectionLost())
    assert is_unreachable(error.NoRouteError())  # type: ignore[no-untyped-call]


def test_a_refusal_has_its_own_words() -> None:
    assert failure_of(RefusedRequest(State.TRAP, "why")) == (State.TRAP, "why")
    assert failure_of(exceptions.IgnoreRequest("why")) == (State.FETCH_FAILED, "why")
    assert failure_of(exceptions.IgnoreRequest())[1]
