"""Types of pages, in several languages and scripts: small pages of each type, what they state, hostile pages."""

import hashlib
import json
from collections.abc import Mapping

import numpy
import pytest

from benchmarks import certificate
from benchmarks.page_type_recipe import NAME, PARAMETERS, ROUNDS
from saaf import clean_html, clean_text
from saaf.cleaning import Page, apply_profile, clean
from saaf.cleaning.model import page_type as trees
from saaf.cleaning.model.page_type_features import FEATURES, page_features
from saaf.cleaning.page_types import NO_CONTENT_TYPES, PAGE_TYPES
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.site.profile import SiteProfile
from tests.unit.page_type_helpers import OFFER, TEXTS, article, listing, page, sentences, sign_in, stating, thread

STATED: dict[str, Mapping[str, object]] = {
    "product": {"@type": "Product", "name": "x", "offers": OFFER},
    "recipe": {"@type": "Recipe", "name": "x", "recipeIngredient": ["a"]},
    "qa": {"@type": "QAPage", "mainEntity": {"@type": "Question", "acceptedAnswer": {"@type": "Answer"}}},
    "forum": {"@type": "DiscussionForumPosting", "headline": "x"},
    "listing": {"@type": "CollectionPage", "name": "x"},
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("make", [article, listing, thread, sign_in])
def test_small_pages_of_each_type_are_told_in_every_language(make, language: str) -> None:  # type: ignore[no-untyped-def]
    wanted = {article: "article", listing: "listing", thread: "forum", sign_in: "login"}[make]
    found = clean_html(make(language))
    assert (found.page_type, found.page_type_score is not None and 0 < found.page_type_score <= 1) == (wanted, True)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("wanted", STATED)
def test_a_page_that_states_its_type_is_of_it(wanted: str, language: str) -> None:
    found = clean_html(stating(language, STATED[wanted]))
    assert found.page_type == wanted
    assert found.page_type_score is not None
    assert found.page_type_score > 0.9


@pytest.mark.parametrize("language", TEXTS)
def test_what_an_article_embeds_is_not_its_type(language: str) -> None:
    review = {"@type": "NewsArticle", "headline": "x", "mentions": [{"@type": "Product", "offers": OFFER}]}
    related = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem"}]}
    collection = {"@type": "CollectionPage"}
    assert clean_html(stating(language, review, related, collection)).page_type == "article"


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("404 | Site", True), ("Error 404", True), ("404 Not Found", True), ("٤٠٤ - الموقع", True), ("४०४", True),
        ("404エラー", True), ("503 Service Unavailable", True), ("Internal Server Error", True),
        ("500 arrested in the capital", False), ("Gone", False), ("A4040", False), ("Room 405", False),
        ("The road 404 miles long", False),
    ],
)  # fmt: skip
def test_an_error_is_told_by_the_number_or_phrase_of_http(title: str, wanted: bool) -> None:
    found = clean_html(f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>…?</p></body></html>")
    assert (found.page_type == "error") is wanted


def test_an_article_about_an_error_is_no_error() -> None:
    body = "".join(f"<p>{one}</p>" for one in sentences("en", 9))
    assert clean_html(page("en", "404", f"<article><h1>404</h1>{body}</article>")).page_type != "error"
    brief = '<meta property="og:type" content="article">'
    assert clean_html(page("en", "404", f"<h1>404</h1><p>{TEXTS['en'][0]}</p>", brief)).page_type == "article"


@pytest.mark.parametrize(("status", "wanted"), [(404, "error"), (500, "error"), (200, "article")])
def test_the_status_of_the_answer_counts(status: int, wanted: str) -> None:
    found = clean(read_html(Page(url=None, body=article("en").encode(), status=status)))
    assert found.page_type == wanted


@pytest.mark.parametrize(("name", "wanted"), [("onetrust-consent-sdk", True), ("content", False)])
def test_a_request_for_consent_stands_in_the_container_of_a_consent_manager(name: str, wanted: bool) -> None:
    text = "".join(f"<p>{one}</p>" for one in sentences("en", 3))
    found = clean_html(f'<html><body><div id="{name}">{text}<button>OK</button></div></body></html>')
    assert (found.page_type == "consent") is wanted
    long = "".join(f"<p>{one}</p>" for one in sentences("en", 30))
    assert clean_html(f'<html><body>{long}<div id="{name}">{text}</div></body></html>').page_type != "consent"


def test_a_form_to_sign_in_has_a_field_for_a_password() -> None:
    with_field = sign_in("en")
    assert clean_html(with_field).page_type == "login"
    assert clean_html(with_field.replace('type="password"', 'type="text"')).page_type != "login"


@pytest.mark.parametrize("language", TEXTS)
def test_a_page_without_links_is_no_list(language: str) -> None:
    for text in ("…", *sentences(language, 3)):
        assert clean_html(f"<html><body><p>{text}</p></body></html>").page_type != "listing"
    assert clean_html(listing(language)).page_type == "listing"


def test_plain_text_has_no_type_and_the_profile_of_a_site_changes_none() -> None:
    assert (clean_text(TEXTS["en"][0]).page_type, clean_text(TEXTS["en"][0]).page_type_score) == (None, None)
    found = clean_html(article("en"))
    again = apply_profile(found, SiteProfile(site=""))
    assert (again.page_type, again.page_type_score) == (found.page_type, found.page_type_score)


def test_the_address_may_be_anything() -> None:
    for url in (None, "", "http://[::1", "not an address", "https://example.org/%zz?" + "a" * 9000, "file:///x"):
        assert clean_html(article("en"), url=url).page_type == "article"


@pytest.mark.parametrize(
    "source",
    [
        "<p>x",
        "<html><body>" + "<div>" * 3000 + "x",
        "<body class='" + "archive " * 50_000 + "'><p>x</p>",
        "<p>x</p>" + '<meta property="og:type" content="' + "a" * 100_000 + '">',
        "<p>x</p>" + "".join(f'<meta name="generator" content="g{n}x">' for n in range(5000)),
        "<p>x</p><div itemtype='https://schema.org/" + "a" * 50_000 + "'></div>",
        "<p>x</p><script type='application/ld+json'>" + '{"@type":["A","B"],"x":[' * 900 + "</script>",
        '<p>x</p><script type="application/ld+json">{"@type": 7, "mainEntity": [[{}]], "@graph": null}</script>',
        "<title>" + "404" * 40_000 + "</title><h1>" + "٤" * 9000 + "</h1>",
        "<p>x</p><input type=password><input type='" + "x" * 9000 + "'>",
    ],
)
def test_hostile_pages_have_a_type_too(source: str) -> None:
    found = clean_html(source)
    assert found.page_type in PAGE_TYPES
    assert found.page_type_score is not None
    assert 0 <= found.page_type_score <= 1


def test_the_features_are_finite_and_as_many_as_the_model_has() -> None:
    document = read_html(Page(url="https://example.org/a", body=article("hi").encode()))
    values = page_features(document)
    assert len(values) == len(FEATURES) == len(set(FEATURES)) <= 256
    assert numpy.isfinite(values).all()
    model = trees.load_shipped()
    assert len(model.split_feature) % len(trees.TRAINED) == 0
    assert int(model.split_feature.max()) < len(FEATURES)
    assert set(trees.TRAINED) | {"qa", *NO_CONTENT_TYPES} == set(PAGE_TYPES)


def test_the_model_is_that_of_its_certificate() -> None:
    stated = json.loads((certificate.MODELS / NAME).read_text(encoding="utf-8"))
    data = (certificate.MODELS / trees.FILE).read_bytes()
    assert stated["sha256"] == hashlib.sha256(data).hexdigest()
    assert len(data) < 200_000
    assert stated["features"] == list(FEATURES)
    assert stated["types"] == list(trees.TRAINED)
    assert stated["parameters"] == json.loads(json.dumps(PARAMETERS | {"rounds": ROUNDS}))
