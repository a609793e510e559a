"""Results of contracts in one sentence each, where a person can correct what they say; a bug keeps its traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands.check import TextTestResult
from scrapy.exceptions import ContractFail, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from saaf.crawler.guards.failure_reasons import failure_of, is_request_failure

if TYPE_CHECKING:
    from types import TracebackType
    from unittest import TestCase

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class ContractResults(TextTestResult):
    """Scrapy's results of `scrapy check`, with a sentence for a page that did not come or a contract that is broken."""

    def addError(self, test: TestCase, err: ExcInfo) -> None:
        """Add an error; that of a request in one sentence."""
        super().addError(test, err)
        if err[1] is not None and (reason := request_failure_reason(err[1])):
            self.errors[-1] = (test, f"{reason}\n")

    def addFailure(self, test: TestCase, err: ExcInfo) -> None:
        """Add a contract that does not hold, in its own words where it has some."""
        super().addFailure(test, err)
        if isinstance(err[1], ContractFail) and str(err[1]):
            self.failures[-1] = (test, f"{err[1]}\n")


def request_failure_reason(error: BaseException) -> str | None:
    """Return why a request of a contract got no page, None where the error is none of a request."""
    if isinstance(error, HttpError):
        return f"{error.response.url}: HTTP status {error.response.status}"
    if isinstance(error, IgnoreRequest) or is_request_failure(error):
        return failure_of(error)[1]
    return None
