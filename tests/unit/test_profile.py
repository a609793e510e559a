"""Site profiles: what is learned of a site, from any pages in any order, and what a page loses by it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from saaf.cleaning import CleanDocument, Removal, apply_profile, clean, clean_text, read
from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.site.fingerprints import beginning, fingerprint
from saaf.cleaning.site.profile import MOST_PAGES, SiteProfile, merge_profiles, profile_page
from saaf.cleaning.site.profile_json import ProfileError, from_json, to_json
from saaf.cleaning.types import Page

SUBJECTS = ("river", "market", "harvest", "bridge", "school", "festival", "museum", "orchard")
NUMBERS = ("one", "two", "three", "four", "five", "six")
SHARE = "Tell a friend about the paper"
NOTICE = "The Harbour Gazette gives no warranty for what is printed here, and asks its readers to write to it at once."
LONG = (
    f"{NOTICE} Nobody may print it again anywhere without having asked the house for leave in writing, and who asks "
    "is told by return of post which of its articles may be printed, for how long, in which papers, and at what price."
)


def article(subject: str, count: int = 4) -> list[str]:
    """Return paragraphs that no other subject shares."""
    words = [f"{subject}{letter}" for letter in "abcdefghijkl"]
    return [
        f"Paragraph {NUMBERS[number]} says that the {subject}, {words[number]}, is near "
        f"{words[number + 1]} and {words[number + 2]}, and that {words[number + 3]} is going to be rebuilt at last."
        for number in range(count)
    ]


def page(subject: str, *, body: str = "", top: str = "", bottom: str = "", host: str = "gazette.example") -> Page:
    paragraphs = body or "".join(f"<p>{paragraph}</p>" for paragraph in article(subject))
    html = (
        f"<!doctype html><html lang=en><head><title>The {subject} in spring</title></head><body>"
        f"<article><h1>The {subject} in spring</h1>{top}{paragraphs}{bottom}</article></body></html>"
    )
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Page(url=f"https://{host}/{subject}", body=html.encode(), headers=headers)


def cleaned(*pages: Page) -> list[CleanDocument]:
    return [clean(read(one)) for one in pages]


def learned(*pages: Page) -> SiteProfile:
    return merge_profiles(profile_page(one) for one in cleaned(*pages))


def rules_of(one: CleanDocument) -> set[str]:
    return {removal.rule for removal in one.removals}


def test_a_line_at_the_end_of_every_page_goes_and_the_articles_stay() -> None:
    pages = [page(subject, bottom=f"<p>{SHARE}</p><p>{NOTICE}</p>") for subject in SUBJECTS]
    profile = learned(*pages)
    for one, subject in zip(pages, SUBJECTS, strict=True):
        text = clean(read(one), profile=profile).text
        assert SHARE not in text
        assert NOTICE not in text
        assert text.split("\n")[-1] == article(subject)[-1]
        assert all(paragraph in text for paragraph in article(subject))


def test_numbers_dates_and_names_may_differ_from_page_to_page() -> None:
    lines = [
        f"<p>Edited by {name} of the desk</p><p>{number} readers liked this on {number % 27 + 1} {month} 2024</p>"
        for name, number, month in zip(
            ("Ada", "Bo", "Cyd", "Dee", "Eli", "Fay", "Gus", "Hal"),
            range(101, 109),
            ("March", "April", "May", "June", "July", "March", "April", "May"),
            strict=True,
        )
    ]
    pages = [page(subject, bottom=line) for subject, line in zip(SUBJECTS, lines, strict=True)]
    profile = learned(*pages)
    for one in pages:
        text = clean(read(one), profile=profile).text
        assert "readers liked" not in text
        assert "Edited by" not in text


def test_four_pages_are_too_few_to_know_a_site() -> None:
    pages = [page(subject, bottom=f"<p>{NOTICE}</p>") for subject in SUBJECTS[:4]]
    assert "profile.repeated" not in rules_of(clean(read(pages[0]), profile=learned(*pages)))


def test_a_long_paragraph_survives_though_every_page_ends_with_it() -> None:
    pages = [page(subject, bottom=f"<p>{LONG}</p>") for subject in SUBJECTS]
    profile = learned(*pages)
    for one in pages:
        assert (LONG in clean(read(one), profile=profile).text) == (LONG in clean(read(one)).text)


@pytest.mark.parametrize("said", [NOTICE, LONG])
def test_a_quotation_amid_the_article_survives_on_every_page(said: str) -> None:
    quotation = f"<blockquote><p>{said}</p></blockquote>"
    pages = []
    for subject in SUBJECTS:
        paragraphs = [f"<p>{paragraph}</p>" for paragraph in article(subject, 6)]
        pages.append(page(subject, body="".join([*paragraphs[:3], quotation, *paragraphs[3:]])))
    profile = learned(*pages)
    assert all(said in clean(read(one), profile=profile).text for one in pages)


def test_a_series_introduces_itself_and_survives() -> None:
    intro = "Every Sunday our reporter walks through one parish and writes down what people there have to say."
    pages = [page(subject, top=f"<p>{intro}</p>") for subject in SUBJECTS]
    profile = learned(*pages)
    assert all(intro in clean(read(one), profile=profile).text for one in pages)


def test_a_refrain_and_the_headings_of_recipes_survive() -> None:
    def song(subject: str) -> str:
        end = "<p>And the sea rolls on</p>"
        verses = [f"<p>{paragraph}</p><p>And the sea rolls on</p>" for paragraph in article(subject, 3)]
        return (
            "".join(verses) + f"<p>Last of all the {subject} sleeps, and the boats of {subject}land come home.</p>{end}"
        )

    def recipe(subject: str) -> str:
        steps = "".join(f"<li>{paragraph}</li>" for paragraph in article(subject, 2))
        things = f"<li>2 cups of {subject} meal</li><li>1 pinch of salt</li><li>{subject} leaves, cut small</li>"
        return f"<p>{article(subject)[3]}</p><h2>Ingredients</h2><ul>{things}</ul><h2>Method</h2><ol>{steps}</ol>"

    for body, line in ((song, "And the sea rolls on"), (recipe, "Ingredients"), (recipe, "1 pinch of salt")):
        pages = [page(subject, body=body(subject)) for subject in SUBJECTS]
        profile = learned(*pages)
        for one in pages:
            without = clean(read(one)).text.count(line)
            assert clean(read(one), profile=profile).text.count(line) == without


def test_ten_addresses_of_one_article_are_no_evidence() -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in article("river"))
    copies = [page(f"river-{number}", body=body, host="gazette.example") for number in range(10)]
    profile = learned(*copies, *(page(subject) for subject in SUBJECTS[1:]))
    for one in copies:
        assert clean(read(one), profile=profile).text == clean(read(one)).text


def test_a_path_that_was_never_the_article_goes_whatever_its_text() -> None:
    def beside(subject: str, links: bool) -> str:
        line = f"The other {subject} of the week that you should not miss"
        return f"<div class=picks-of-desk><p>{f'<a href=/x>{line}</a>' if links else line}</p></div>"

    pages = [page(subject, bottom=beside(subject, links=True)) for subject in SUBJECTS]
    profile = learned(*pages)
    late = clean(read(page("lighthouse", bottom=beside("lighthouse", links=False))), profile=profile)
    assert "The other lighthouse" not in late.text
    assert all(paragraph in late.text for paragraph in article("lighthouse"))


def test_text_without_markup_is_cleaned_with_a_profile_too() -> None:
    texts = ["\n".join([f"The {subject} in spring", *article(subject), SHARE, NOTICE]) for subject in SUBJECTS]
    urls = [f"https://gazette.example/{subject}.txt" for subject in SUBJECTS]
    documents = [clean_text(text, url=url) for text, url in zip(texts, urls, strict=True)]
    profile = merge_profiles(profile_page(one) for one in documents)
    for one, subject in zip(documents, SUBJECTS, strict=True):
        text = clean(one.document, profile=profile).text
        assert text == "\n".join([f"The {subject} in spring", *article(subject)])


def test_the_order_and_the_grouping_of_pages_do_not_matter() -> None:
    parts = [profile_page(one) for one in cleaned(*(page(s, bottom=f"<p>{SHARE}</p>") for s in SUBJECTS[:4]))]
    whole = merge_profiles(parts)
    assert all(merge_profiles(order) == whole for order in permutations(parts))
    assert merge_profiles([merge_profiles(parts[:2]), merge_profiles(parts[2:])]) == whole
    assert merge_profiles([whole, whole, parts[0]]) == whole, "a page shown again counts once"


def test_a_profile_remembers_a_bounded_number_of_pages() -> None:
    parts = [
        profile_page(clean_text(f"Head {n}\n{SHARE}", url=f"https://gazette.example/{n}"))
        for n in range(MOST_PAGES + 30)
    ]
    whole = merge_profiles(parts)
    assert len(whole.pages) == MOST_PAGES
    half = merge_profiles([merge_profiles(parts[:50]), merge_profiles(parts[50:])])
    assert half == whole
    assert max(len(line.pages) for line in whole.lines) == MOST_PAGES


def test_profiles_of_two_sites_do_not_merge() -> None:
    one, other = (profile_page(clean_text("Some text", url=f"https://{host}/x")) for host in ("a.example", "b.example"))
    with pytest.raises(ValueError, match=r"a\.example, b\.example"):
        merge_profiles([one, other])


def test_a_profile_comes_back_from_its_file_and_a_veto_holds() -> None:
    pages = [page(subject, bottom=f"<p>{SHARE}</p>") for subject in SUBJECTS]
    profile = learned(*pages)
    text = to_json(profile)
    assert from_json(text) == profile
    assert to_json(from_json(text)) == text
    line = next(line for line in text.split("\n") if fingerprint(SHARE) in line and "begins" not in line)
    vetoed = from_json(text.replace(line, line.replace('"pages"', '"keep": true, "pages"')))
    grown = merge_profiles([vetoed, learned(page("lighthouse", bottom=f"<p>{SHARE}</p>"))])
    assert any(line.user_veto for line in grown.lines)
    assert SHARE in clean(read(pages[0]), profile=grown).text
    assert SHARE not in clean(read(pages[0]), profile=profile).text


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 9, "site": "a"}', '{"format": 1, "site": 3'])
def test_a_file_that_is_no_profile_says_so(text: str) -> None:
    with pytest.raises(ProfileError, match="delete the file"):
        from_json(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Published 3 March 2024, 10:15", "Published: 28 December 2023 – 9:05"),
        ("نُشر في ١٢ مارس ٢٠٢٤", "نشر في 7 أبريل 2023"),
        ("प्रकाशित: 12 मार्च 2024", "प्रकाशित: 3 जून 2023"),
        ("SHARE  THIS (12)", "share this (7)"),
        ("发布时间：2024年3月12日", "发布时间：2023年11月2日"),
    ],
)
def test_lines_that_differ_in_numbers_and_dates_have_one_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other) != ""


def test_long_lines_that_differ_at_their_end_have_two_fingerprints() -> None:
    assert fingerprint(f"{LONG} Yes.") != fingerprint(f"{LONG} No.")


def test_what_begins_a_line_is_its_label_or_its_first_words() -> None:
    assert beginning("Photo: Mary Miller/Agency") == "photo"
    assert beginning("记者：王小明") == "记者"
    assert beginning("Edited by Mary Miller") == "edited by"
    assert beginning("Edited by") == ""
    assert beginning(NOTICE) == ""


def test_a_normalized_path_does_not_change_with_the_page() -> None:
    one = "html.no-js/body.postid-17/div#post-4711.post.post-4711.category-art/p.first"
    other = "html.js/body.postid-9/div#post-12.post.post-12.category-sport.tag-cup/p"
    assert normalize_path(one) == normalize_path(other) == "html/body/div#post-0.post.post-0/p"


def bare(subject: str, *, before: str = "", amid: str = "", after: str = "") -> CleanDocument:
    paragraphs = article(subject, 6)
    text = "\n".join(filter(None, [before, *paragraphs[:3], amid, *paragraphs[3:], after]))
    return clean_text(text, url=f"https://gazette.example/{subject}")


NEWS = (
    "20:58 A pier is to be built in Saltmouth\n17:04 Ropes cost twice as much as a year before\n"
    "14:42 What the keeper of the light saw\n12:01 Herring, but no boats\n11:56 The mayor is the mayor again"
)
STANZA = (
    "O keeper of the northern light,\nlook down upon the sailing men,\nand lead them home from out the night,\n"
    "and let them put to sea again,\nand bless the nets, and bless the bread."
)
LISTING = "from harbour import tides\nday = tides.today()\nfor tide in day:\n    print(tide.height);\n    wait(tide)"


@pytest.mark.parametrize("where", ["before", "after"])
def test_of_bare_texts_lines_in_the_same_order_go_where_two_pages_have_them(where: str) -> None:
    pages = [bare(subject, **({where: NEWS} if number < 2 else {})) for number, subject in enumerate(SUBJECTS)]
    profile = merge_profiles(map(profile_page, pages))
    for one, subject in zip(pages[:2], SUBJECTS, strict=False):
        after = clean(one.document, profile=profile)
        assert after.text.strip() == "\n".join(article(subject, 6))
        assert "profile.run" in rules_of(after)


def test_an_item_of_a_list_that_changed_does_not_end_the_run() -> None:
    lists = [NEWS.replace("12:01 Herring", "12:15 No herring") if number % 2 else NEWS for number in range(8)]
    pages = [bare(subject, after=news) for subject, news in zip(SUBJECTS, lists, strict=True)]
    profile = merge_profiles(map(profile_page, pages))
    assert clean(pages[0].document, profile=profile).text == "\n".join(article(SUBJECTS[0], 6))


@pytest.mark.parametrize(
    ("kept", "where"),
    [
        pytest.param(STANZA, "amid", id="a hymn amid the article"),
        pytest.param(LISTING, "after", id="a listing"),
        pytest.param("\n".join(article("series", 4)), "before", id="a series introduces itself"),
    ],
)
def test_of_bare_texts_what_is_repeated_on_purpose_survives(kept: str, where: str) -> None:
    pages = [bare(subject, **({where: kept} if number < 2 else {})) for number, subject in enumerate(SUBJECTS)]
    profile = merge_profiles(map(profile_page, pages))
    for one in pages[:2]:
        assert "profile.run" not in rules_of(clean(one.document, profile=profile))
        assert kept in clean(one.document, profile=profile).text


def test_rows_of_a_table_that_differ_in_their_figures_survive() -> None:
    rows = ("Mean temperature of the month", "Mean height of the tides", "Days with fog in the harbour")
    pages = [
        bare(subject, amid="\n".join(f"{row}: {number}.{place}" for place, row in enumerate(rows)))
        for number, subject in enumerate(SUBJECTS)
    ]
    profile = merge_profiles(map(profile_page, pages))
    assert all(clean(one.document, profile=profile).text.count("Mean ") == 2 for one in pages)


def test_the_order_of_lines_survives_the_file_and_does_not_depend_on_how_parts_are_merged() -> None:
    pages = [bare(subject, after=NEWS) for subject in SUBJECTS]
    parts = [profile_page(one) for one in pages]
    whole = merge_profiles(parts)
    assert merge_profiles([merge_profiles(parts[3:]), merge_profiles(parts[:4])]) == whole
    assert from_json(to_json(whole)) == whole
    assert all(page.line_digests for page in whole.pages)


@pytest.mark.parametrize("track", ["html", "text"])
def test_a_page_cleaned_by_itself_gets_its_profile_later_with_the_same_result(track: str) -> None:
    pages = [page(subject, bottom=f"<p>{SHARE}</p><p>{NOTICE}</p>") for subject in SUBJECTS]
    alone = cleaned(*pages)
    if track == "text":
        alone = [clean_text(one.document.text, url=one.document.url) for one in alone]
    profile = merge_profiles(profile_page(one) for one in alone)
    for one in alone:
        later, at_once = apply_profile(one, profile), clean(one.document, profile=profile)
        assert (later.removals, later.flags) == (at_once.removals, at_once.flags)
    assert any(apply_profile(one, profile).removals != one.removals for one in alone)


def test_what_was_decided_about_the_blocks_is_not_decided_again() -> None:
    pages = [page(subject, bottom=f"<p>{SHARE}</p>") for subject in SUBJECTS]
    profile = learned(*pages)
    (one,) = cleaned(pages[0])
    first = Removal(start=0, end=one.document.blocks[1].start, rule="html.sidebar")
    decided = replace(one, first_decision=(first,))
    assert "html.sidebar" in rules_of(apply_profile(decided, profile))
