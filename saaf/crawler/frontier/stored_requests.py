"""Requests as the frontier holds them: most are a URL alone, the others have their difference from that in JSON."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.utils.request import request_from_dict

from saaf.crawler.pages import FETCHED_AT

if TYPE_CHECKING:
    from scrapy import Spider

FALLBACK = "saaf_fallback"  # key of request.meta: the URL that is requested where this one gets no answer
KIND = "saaf_kind"  # key of request.meta: what the URL is asked for as
LASTMOD = "saaf_lastmod"  # key of request.meta: the date of the last change that a sitemap or feed states
PARENT = "saaf_parent"  # key of request.meta: id of the URL on whose page the request was found
OFFSITE = "saaf_offsite"  # key of request.meta: whether the request was refused because of its host
CUT = "saaf_cut"  # key of request.meta: why the body of the response was cut off, as WARC-Truncated has it
PART_OF = "saaf_part_of"  # key of request.meta: the address of the first page of the article that the URL is a part of
PART = "saaf_part"  # key of request.meta: the number of that part, from 2
CONDITIONAL = "saaf_conditional"  # key of request.meta: the validators are the crawl's, of the earlier response

VALIDATORS = ("If-None-Match", "If-Modified-Since")
"""The headers that make a request conditional (RFC 9110, section 13.1)."""

_COLUMNS = {"depth", KIND, LASTMOD, PARENT}
_NOTES = {CONDITIONAL, CUT, FETCHED_AT, "is_start_request", "download_latency", "download_fail_on_dataloss"}
_LEFT_OUT = _COLUMNS | _NOTES
_TAG = "__saaf__"
_PLAIN = (str, int, float, bool, type(None))


class UnstorableRequestError(Exception):
    """A request that cannot be stored: its callback is no method of the spider, or its metadata is no plain data."""


def encode_request(request: Request, spider: Spider, *, referer: str | None = None) -> str | None:
    """Return what distinguishes a request from a plain one of its URL, as JSON; None where nothing does.

    Left out are the priority, metadata that has columns of its own or that Scrapy notes while it downloads, validators
    that the crawl added, and a Referer header that is `referer`. Raises `UnstorableRequestError`.
    """
    fields: dict[str, Any] = {}
    for name in ("callback", "errback"):
        if (function := getattr(request, name)) is not None:
            fields[name] = _method_name(function, spider)
    headers = {name.decode("latin-1"): request.headers.getlist(name) for name in request.headers}
    if request.meta.get(CONDITIONAL):
        headers = {name: values for name, values in headers.items() if name not in VALIDATORS}
    if referer is not None and headers.get("Referer") == [referer.encode()]:
        del headers["Referer"]
        fields["referer"] = True
    if headers:
        fields["headers"] = _plain(headers)
    if meta := {name: value for name, value in request.meta.items() if name not in _LEFT_OUT}:
        fields["meta"] = _plain(meta)
    if "#" in request.url:
        fields["url"] = request.url
    if type(request) is Request and request.method == "GET" and not request.body and not request.cookies:
        for name in ("dont_filter", "cb_kwargs", "flags"):
            if value := getattr(request, name):
                fields[name] = _plain(value)
    else:
        names = set(request.attributes) - {"url", "callback", "errback", "headers", "meta", "priority"}
        whole = {name: getattr(request, name) for name in sorted(names)}
        kind = type(request)
        fields["whole"] = _plain(whole if kind is Request else whole | {"_class": f"{kind.__module__}.{kind.__name__}"})
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if fields else None


def decode_request(url: str, text: str | None, spider: Spider, *, referer: str | None = None) -> Request:
    """Return the request of a URL and what `encode_request` returned for it.

    Raises ValueError where the spider has no method of the callback's name any more.
    """
    if text is None:
        return Request(url)
    fields = {name: _restored(value) for name, value in _fields(text).items()}
    if fields.pop("referer", False) and referer is not None:
        fields.setdefault("headers", {})["Referer"] = [referer]
    whole = fields.pop("whole", None)
    return request_from_dict({"url": url, **(whole or {}), **fields}, spider=spider)


@lru_cache(maxsize=1024)
def _fields(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    return fields


def _method_name(function: Any, spider: Spider) -> str:
    name = getattr(function, "__name__", None)
    if name is None or getattr(function, "__self__", None) is not spider or getattr(spider, name, None) != function:
        raise UnstorableRequestError(f"its callback {name or function!r} is no method of the spider")
    return str(name)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, types that JSON lacks with a tag; raise `UnstorableRequestError` for others."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return [_plain(item) for item in value]
    if kind is dict:
        if all(type(name) is str and name != _TAG for name in value):
            return {name: _plain(item) for name, item in value.items()}
        return {_TAG: ["dict", [[_plain(name), _plain(item)] for name, item in value.items()]]}
    if kind is tuple or kind is set:
        return {_TAG: [kind.__name__, [_plain(item) for item in value]]}
    if kind is bytes:
        return {_TAG: ["bytes", b64encode(value).decode()]}
    if kind is datetime:
        return {_TAG: ["datetime", value.isoformat()]}
    raise UnstorableRequestError(f"its metadata holds a value of type {kind.__name__}, which is no plain data")


def _restored(value: Any) -> Any:
    """Return what `_plain` was given."""
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {name: _restored(item) for name, item in value.items()}
    kind, content = value[_TAG]
    if kind == "bytes":
        return b64decode(content)
    if kind == "datetime":
        return datetime.fromisoformat(content)
    if kind == "dict":
        return {_restored(name): _restored(item) for name, item in content}
    items = [_restored(item) for item in content]
    return tuple(items) if kind == "tuple" else set(items)
