"""Challenge pages are told from articles that mention, or embed, a CAPTCHA."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, Response

from saaf.crawler.guards.challenges import challenge_of

PROSE = "".join(
    f"<p>The harbour wall was repaired by forty people over three weekends, as the council said in report {number}.</p>"
    for number in range(6)
)
RECAPTCHA = (
    "<div class='g-recaptcha' data-sitekey='k'></div><script src='https://www.google.com/recaptcha/api.js'></script>"
)
HCAPTCHA = "<div class='h-captcha'></div><script src='https://js.hcaptcha.com/1/api.js' async></script>"
TURNSTILE = (
    "<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script><div class='cf-turnstile'></div>"
)


def page(body: str, *, title: str = "", status: int = 200, **headers: str) -> HtmlResponse:
    text = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return HtmlResponse("https://a.example/", status=status, headers=fields, body=text.encode())


CHALLENGES = {
    "Cloudflare": [
        page(PROSE, status=403, cf_mitigated="challenge"),
        page("<script>(function(){window._cf_chl_opt={cvId:'3'}})()</script>", title="Just a moment...", status=403),
        page("<form id='challenge-form' action='/?__cf_chl_f_tk=x'></form>", status=503),
        page("<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>"),
    ],
    "AWS WAF": [
        page("", status=202, x_amzn_waf_action="challenge"),
        page("<script src='https://x.token.awswaf.com/x/challenge.js'></script><noscript>JavaScript is off</noscript>"),
    ],
    "DataDome": [page("<script src='https://ct.captcha-delivery.com/c.js'></script>", status=403)],
    "PerimeterX": [page("<div id='px-captcha'></div>", title="Access to this page has been denied", status=403)],
    "Akamai": [page("<iframe src='/_sec/cp_challenge/crypto_message-3-1.htm'></iframe>", status=428)],
    "Sucuri": [page("<script>var sucuri_cloudproxy_js='';S='x'</script>", title="You are being redirected...")],
    "Imperva": [page("<iframe id='main-iframe' src='/_Incapsula_Resource?CWUDNSAI=9'></iframe>", status=403)],
    "Anubis": [page("<script id='anubis_challenge' type='application/json'>{}</script>", title="Making sure")],
    "a CAPTCHA": [
        page(f"<h1>One more step</h1><form action='/verify'><input type='hidden' name='r'>{HCAPTCHA}</form>"),
        page(f"<p>Please show that you are no robot</p>{RECAPTCHA}"),
        page(TURNSTILE, title="example.org"),
        page("<img src='/captcha.png'><input name='captcha_answer'><button>Go</button>"),
    ],
    "a check of browsers": [
        page("<h1>Checking your browser before accessing a.example</h1><script>go()</script>", status=503),
        page("<noscript>Enable JavaScript and cookies to continue</noscript>", title="Just a moment…"),
        page("<p>Please verify you are a human</p><form></form>"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("vendor", "response"), [(vendor, response) for vendor, found in CHALLENGES.items() for response in found]
)
def test_a_challenge_is_recognised(vendor: str, response: HtmlResponse) -> None:
    assert challenge_of(response) == vendor


@pytest.mark.parametrize(
    "response",
    [
        page(PROSE),
        page(PROSE + f"<form><textarea name='comment'></textarea>{RECAPTCHA}</form>"),
        page(PROSE + HCAPTCHA),
        page(PROSE + TURNSTILE, title="How we checked your browser: just a moment..."),
        page(PROSE + "<pre>&lt;script&gt;window._cf_chl_opt = {}&lt;/script&gt; px-captcha</pre>"),
        page(PROSE + "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
        page(PROSE + "<p>Sites say: checking your browser, are you a robot? That is a challenge by Cloudflare.</p>"),
        page(f"<form>Name <input name='name'> Mail <input type='email'><textarea></textarea>{RECAPTCHA}</form>"),
        page(f"<form>User <input type='text'> <input type='password'>{HCAPTCHA}</form>", title="Log in"),
        page("<p>Just a moment... a poem of one line</p>", title="Poem"),
        page("<p>gone</p>", status=404),
        page("<p>forbidden</p>", status=403, server="cloudflare", cf_ray="x"),
        page(PROSE, x_datadome="protected", set_cookie="datadome=x"),
        page("<p>我们不要求验证码（captcha）。</p>"),
        page(""),
    ],
)
def test_what_is_none_is_not(response: HtmlResponse) -> None:
    assert challenge_of(response) is None


def test_a_picture_is_none() -> None:
    assert challenge_of(Response("https://a.example/x.png", body=b"captcha just a moment...")) is None
