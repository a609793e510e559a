"""Challenge pages: recognition of answers that ask to prove that the reader is human, whatever their status.

By headers and structure, never by a mention: an article about CAPTCHAs, or with one in its comment form, is a document.
Vendors' marks are those that their pages have had for years; what a site builds itself is recognised where a short page
without prose has a widget, or says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.http import HtmlResponse

if TYPE_CHECKING:
    from scrapy.http import Response

MAX_PROSE = 300
"""Letters of paragraphs with which a page is no challenge, as `discovery.PROSE` makes a page a document."""
MAX_TEXT = 1_000
"""Letters of visible text with which a page that names a check is no challenge."""
_HEAD_BYTES = 24_000  # of a page: its marks stand there, and pages that are challenges have hardly more
_PARAGRAPH = 60  # letters of one element, as `discovery.PROSE_LINE`

# (header, what its value begins with, who sends it)
_HEADERS = (
    ("cf-mitigated", b"challenge", "Cloudflare"),
    ("x-amzn-waf-action", b"challenge", "AWS WAF"),
    ("x-amzn-waf-action", b"captcha", "AWS WAF"),
    ("x-vercel-mitigated", b"challenge", "Vercel"),
)
_HEADER_NAMES = frozenset(name.title().encode() for name, _, _ in _HEADERS)
# (marker in the bytes, as a cheap first test; XPath that must hold; who sends it)
_STRUCTURES = (
    (b"_cf_chl_opt", "//script[contains(., '_cf_chl_opt')]", "Cloudflare"),
    (b"/orchestrate/", "//script[contains(., '/orchestrate/') or contains(@src, '/orchestrate/')]", "Cloudflare"),
    (b"__cf_chl_", "//form[@id='challenge-form' or contains(@action, '__cf_chl_')]", "Cloudflare"),
    (b"captcha-delivery.com", "//*[self::script or self::iframe][contains(@src, 'captcha-delivery.com')]", "DataDome"),
    (b"px-captcha", "//*[@id='px-captcha']", "PerimeterX"),
    (b"/_sec/cp_challenge/", "//*[contains(@src | @action, '/_sec/cp_challenge/')]", "Akamai"),
    (b"sec-if-cpt-container", "//*[@id='sec-if-cpt-container' or @id='sec-if-container']", "Akamai"),
    (b"sucuri_cloudproxy", "//script[contains(., 'sucuri_cloudproxy')]", "Sucuri"),
    (b"_Incapsula_Resource", "//*[contains(@src, '_Incapsula_Resource')][ancestor::head or self::iframe]", "Imperva"),
    (b"awswaf.com", "//script[contains(@src, 'awswaf.com')]", "AWS WAF"),
    (b"anubis_challenge", "//script[@id='anubis_challenge']", "Anubis"),
    (b"ddos-guard", "//script[contains(@src, '/ddos-guard/') or contains(@src, '.ddos-guard.net')]", "DDoS-Guard"),
    (b"captcha-form", "//form[@id='captcha-form']", "Google"),
)  # fmt: skip
# Bytes, in lower case, of which a page with a widget, or one that says so, has one: a cheap first test, where the
# expressions below take 5 ms for 41 KB.
_WIDGET_MARKS = (b"captcha", b"cf-turnstile", b"challenges.cloudflare.com")
_SAYS_SO_MARKS = (
    b"checking ",
    b"just a moment",
    b"javascript and cookies",
    b"security check",
    b"unusual traffic",
    b"human",
    b"robot",
    b"attention required",
    b"access to this page",
)
_WIDGETS = (
    "//*[contains(concat(' ', @class, ' '), ' h-captcha ') or contains(concat(' ', @class, ' '), ' g-recaptcha ')"
    " or contains(concat(' ', @class, ' '), ' cf-turnstile ')]"
    " | //script[contains(@src, 'hcaptcha.com') or contains(@src, '/recaptcha/')"
    " or contains(@src, 'challenges.cloudflare.com/turnstile')]"
    " | //iframe[contains(@src, 'hcaptcha.com') or contains(@src, '/recaptcha/')"
    " or contains(@src, 'challenges.cloudflare.com')]"
    " | //img[contains(@src, 'captcha')] | //input[contains(@name, 'captcha')]"
)
# Fields of forms that readers fill in: a page with one is for something else, a comment or a log-in, say.
_FIELDS = (
    "//textarea[not(contains(@name, 'captcha'))]"
    " | //input[not(@type) or @type='text' or @type='email' or @type='password' or @type='search' or @type='tel']"
    "[not(contains(@name, 'captcha'))]"
)
_SAYS_SO = re.compile(
    r"checking (?:if )?(?:your browser|the site connection is secure)|just a moment\s*(?:\.\.\.|…)"
    r"|verify(?:ing)? (?:that )?you are (?:a |not a )?(?:human|robot)|are you (?:a )?(?:human|robot)\?"
    r"|confirm (?:that )?you(?:'| a)re (?:human|not a robot)|enable javascript and cookies to continue"
    r"|complete the (?:captcha|security check)|unusual traffic|prove (?:that )?you(?:'| a)re (?:human|not a robot)"
    r"|attention required! \| cloudflare|access to this page has been denied|human verification",
    re.IGNORECASE,
)
_SAYS_SO_BYTES = re.compile(_SAYS_SO.pattern.replace("…", "\\xe2\\x80\\xa6").encode())
_VISIBLE = "//body//text()[not(ancestor::script or ancestor::style or ancestor::template)]"
_ACTS = "//script | //form | //iframe | //noscript | //meta[@http-equiv]"


def challenge_of(response: Response) -> str | None:
    """Return who challenges the reader in a response, such as "Cloudflare"; None where it is no challenge page."""
    if not _HEADER_NAMES.isdisjoint(dict.keys(response.headers)):
        for name, value, vendor in _HEADERS:
            if (response.headers.get(name) or b"").strip().lower().startswith(value):
                return vendor
    if not isinstance(response, HtmlResponse):
        return None
    body = response.body[:_HEAD_BYTES]
    for marker, path, vendor in _STRUCTURES:
        if marker in body and response.xpath(path) and _has_little_prose(response):
            return vendor
    lower = body.lower()
    if (
        any(mark in lower for mark in _WIDGET_MARKS)
        and response.xpath(_WIDGETS)
        and not response.xpath(_FIELDS)
        and _has_little_prose(response)
    ):
        return "a CAPTCHA"
    if any(mark in lower for mark in _SAYS_SO_MARKS) and _SAYS_SO_BYTES.search(lower) and _says_so(response):
        return "a check of browsers"
    return None


def _has_little_prose(response: HtmlResponse) -> bool:
    """Return whether the paragraphs of a page are fewer than those of an article."""
    lengths = (len(_letters(path.xpath("string()").get() or "")) for path in response.xpath("//body//p | //body//li"))
    blocks = (len(_letters(text)) for text in response.xpath(f"{_VISIBLE}[not(ancestor::p or ancestor::li)]").getall())
    return sum(length for length in (*lengths, *blocks) if length >= _PARAGRAPH) < MAX_PROSE


def _says_so(response: HtmlResponse) -> bool:
    """Return whether a short page that acts by itself says in its title or text that it checks the reader."""
    text = " ".join(" ".join(response.xpath(_VISIBLE).getall()).split())
    if len(_letters(text)) >= MAX_TEXT or not response.xpath(_ACTS) or response.xpath(_FIELDS):
        return False
    title = " ".join(response.xpath("//title//text()").getall())
    return _SAYS_SO.search(f"{title} {text}") is not None and _has_little_prose(response)


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())
