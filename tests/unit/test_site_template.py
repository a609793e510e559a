"""Pages of a template that their site profile knows: read without votes, boilerplate paths as one block each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saaf.cleaning import Document, clean, read
from saaf.cleaning.site.profile import SiteProfile, merge_profiles, profile_page
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.types import Page

SUBJECTS = ("river", "market", "harvest", "bridge", "school", "festival", "museum", "orchard")
SCRIPTS = {
    "en": "The {} of the old town, {}, opens again on Friday, said the mayor, who had waited for it for a year.",
    "hi": "पुराने शहर का {} यानी {} शुक्रवार को फिर खुलेगा, महापौर ने कहा, जो एक साल से इसकी प्रतीक्षा कर रहे थे और अब प्रसन्न हैं।",
    "ar": "يفتح {} المدينة القديمة، أي {}، أبوابه من جديد يوم الجمعة، كما قال العمدة الذي انتظر ذلك عاما كاملا.",
    "zh": "老城的{}，也就是{}，将于星期五重新开放，等了整整一年的市长在接受记者采访时这样说道，并感谢了所有人。",
}
MENU = "".join(
    f"<li><a href=/{name}>{name}</a></li>\n"
    for name in ("News", "Sport", "Weather", "Ferries", "Tides", "Maps", "Jobs")
)


def page(subject: str, language: str = "en", *, inside: str = "") -> Page:
    text = "".join(
        f"<p>{SCRIPTS[language].format(subject, f'{subject}{letter}')}</p>" for letter in "abcdefghijklmnopqrst"
    )
    html = (
        f"<!doctype html><html><head><title>The {subject}</title></head><body><div class=top><ul>{MENU}</ul></div>"
        f"<div class=story><h1>The {subject}</h1>{text}{inside}</div>"
        f"<div class=beside><h4>More of the day</h4><ul>{MENU}</ul><script>var hidden = 1;</script>"
        "</div></body></html>"
    )
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Page(url=f"https://gazette.example/{language}/{subject}", body=html.encode(), headers=headers)


def learned(language: str = "en") -> SiteProfile:
    pages = [page(subject, language) for subject in SUBJECTS[:-1]]
    return merge_profiles(profile_page(clean(read(one))) for one in pages)


def known(one: Page, profile: SiteProfile) -> Document:
    document = read(one, profile=profile)
    assert KNOWN_TEMPLATE in document.flags
    return document


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_known_template_keeps_what_all_methods_together_keep(language: str) -> None:
    one, profile = page(SUBJECTS[-1], language), learned(language)
    document = known(one, profile)
    assert clean(document, profile=profile).text == clean(read(one)).text
    assert document.language == read(one).language


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_page_of_a_known_template_has_the_type_that_it_has_without(language: str) -> None:
    one, profile = page(SUBJECTS[-1], language), learned(language)
    assert clean(known(one, profile), profile=profile).page_type == clean(read(one)).page_type == "article"


def test_what_never_holds_an_article_is_one_block_of_all_its_words() -> None:
    one, profile = page(SUBJECTS[-1]), learned()
    texts = [line for line in known(one, profile).text.split("\n") if "News" in line]
    assert texts == ["News Sport Weather Ferries Tides Maps Jobs", f"More of the day {texts[0]}"]
    assert all(word in read(one).text for word in texts[1].split())


def test_a_menu_of_thousands_of_lines_with_a_script_is_read_line_by_line() -> None:
    one, profile = page(SUBJECTS[-1]), learned()
    many = "".join(f"<li>Entry {number}</li>" for number in range(6_000))
    body = one.body.replace(b"<div class=beside>", f"<div class=beside><ul>{many}</ul>".encode())
    document = known(replace(one, body=body), profile)
    assert "Entry 5999" in document.text.split("\n")
    assert "hidden" not in document.text


def test_every_character_of_a_known_page_stays_or_has_its_reason() -> None:
    one, profile = page(SUBJECTS[-1]), learned()
    document = known(one, profile)
    cleaned = clean(document, profile=profile)
    removed = "".join(document.text[removal.start : removal.end] for removal in cleaned.removals)
    assert sorted(removed + cleaned.text) == sorted(document.text)
    assert {removal.rule for removal in cleaned.removals} == {"profile.template"}


def test_a_date_beside_the_article_is_found_under_a_boilerplate_path() -> None:
    def dated(subject: str) -> Page:
        one = page(subject)
        box = b"</h1><div class=meta><span>14 December 2024</span></div>"
        return replace(one, body=one.body.replace(b"</h1>", box))

    profile = merge_profiles(profile_page(clean(read(dated(subject)))) for subject in SUBJECTS[:-1])
    document = known(dated(SUBJECTS[-1]), profile)
    assert document.metadata.published == "2024-12-14"


def test_a_paragraph_under_an_unknown_path_stays_beside_the_article() -> None:
    said = (
        "<blockquote><p>We have waited for this for a year, and now it is here, and we are glad of it.</p></blockquote>"
    )
    document = known(page(SUBJECTS[-1], inside=said), learned())
    assert "We have waited" in clean(document, profile=learned()).text


def test_a_page_of_another_template_is_read_as_if_there_were_no_profile() -> None:
    other = replace(page(SUBJECTS[-1]), body=page(SUBJECTS[-1]).body.replace(b"class=story", b"class=gallery"))
    assert read(other, profile=learned()) == read(other)


def test_a_path_that_a_person_vetoed_is_read_line_by_line() -> None:
    profile = learned()
    vetoed = replace(
        profile, paths=tuple(replace(record, user_veto="beside" in record.path) for record in profile.paths)
    )
    lines = read(page(SUBJECTS[-1]), profile=vetoed).text.split("\n")
    assert lines.count("Weather") >= 1


def test_a_page_of_a_known_template_has_its_structure() -> None:
    rows = "<table><tr><th>Year<th>Cost<tr><td>2023<td>|5</table><ol><li>The <b>first</b> item of the list</ol>"
    one, profile = page(SUBJECTS[-1], inside=rows), learned()
    document = read(one, profile=profile, structure=True)
    assert KNOWN_TEMPLATE in document.flags
    assert document == known(one, profile)
    assert document.structure is not None
    by_text = {
        document.text[block.start : block.end]: own
        for block, own in zip(document.blocks, document.structure.blocks, strict=True)
    }
    assert by_text[f"The {SUBJECTS[-1]}"].level == 1
    assert [document.text[cell.start : cell.end] for cell in by_text["2023 | |5"].cells] == ["2023", "|5"]
    assert by_text["The first item of the list"].containers[0].number == 1
    (bold,) = (one for one in document.structure.spans if one.kind == "strong")
    assert document.text[bold.start : bold.end] == "first"
