"""Contracts of spiders for sites, which `scrapy check` runs: on the live site, or on the pages of SAAF_FIXTURES."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.contracts import Contract
from scrapy.exceptions import ContractFail

from saaf.cleaning.types import Page
from saaf.corpus.ledger import Failure
from saaf.corpus.page_tasks import clean_page

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_CHARACTERS = 200
"""The number of characters from which the clean text of an article is one."""


class StartContract(Contract):
    """`@saaf_start`: the spider's first start URL leads somewhere: to links, or to an article of its own."""

    name = "saaf_start"

    def __init__(self, method: Callable[..., Any], *args: Any) -> None:
        super().__init__(method, *args)
        self._urls = list(getattr(getattr(method, "__self__", None), "start_urls", ()))

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """Ask for the start URL; raise ContractFail where the spider has none."""
        if not self._urls:
            raise ContractFail("the spider has no start URL to check")
        args["url"] = self._urls[0]
        return args

    def post_process(self, output: list[Any]) -> None:
        """Raise ContractFail where the page gave neither a request nor an article."""
        if not any(isinstance(one, Request | Page) for one in output):
            raise ContractFail(
                f"{self._urls[0]} gave neither a link to follow nor an article: has the site moved, or do `article` "
                "and `follow` not fit its URLs?"
            )


class ArticleContract(Contract):
    """`@saaf_article URL WORDS…`: the page is an article, and its clean text holds the words, if any are given."""

    name = "saaf_article"

    def __init__(self, method: Callable[..., Any], *args: Any) -> None:
        super().__init__(method, *args)
        self._url = args[0] if args else ""
        self._words = " ".join(args[1:])

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """Ask for the URL; raise ContractFail where there is none."""
        if not self._url:
            raise ContractFail("give the URL of an article: @saaf_article https://www.example.org/2026/01/story")
        args["url"] = self._url
        return args

    def post_process(self, output: list[Any]) -> None:
        """Raise ContractFail, which says why, where the page is no article or its text is not as expected."""
        pages = [one for one in output if isinstance(one, Page)]
        if not pages:
            raise ContractFail(f"{self._url} gave no article: does `article` fit its URL?")
        clean = clean_page(pages[0])
        if isinstance(clean, Failure):
            raise ContractFail(f"{self._url}: {clean.reason}")
        text = " ".join(clean.text.split())
        if len(text) < MIN_CHARACTERS:
            raise ContractFail(f"{self._url} has {len(text)} characters of clean text, fewer than {MIN_CHARACTERS}")
        if self._words not in text:
            raise ContractFail(f"the clean text of {self._url} does not hold “{self._words}”; it begins: {text[:100]}")
