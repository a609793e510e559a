"""Each threshold of site profiles has a page, or a site, on either side of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning import Page, clean, clean_text
from saaf.cleaning.html.path_names import normalize_path
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.site.appended_pages import cut_appended_page
from saaf.cleaning.site.fingerprints import beginning, fingerprint, first_word, paragraph_digest
from saaf.cleaning.site.profile import (
    LineRecord,
    PageSketch,
    PathRecord,
    SiteProfile,
    distinct_articles,
    kept_blocks,
    merge_profiles,
    profile_page,
)
from saaf.cleaning.site.repeated_blocks import find_repeated_blocks
from saaf.cleaning.site.template import PathClass, boilerplate_paths, match_template
from saaf.cleaning.types import Removal
from tests.unit.threshold_pairs import Threshold, check, sides, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from saaf.cleaning import CleanDocument

LETTERS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "hi": "कखगघचछजझटठडढतथदधनपफबभमयरलवसह",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
}
STEMS = {"en": "harbour", "hi": "बंदरगाह", "ar": "ميناءنا"}
IDS = tuple(f"{number:016d}" for number in range(100))
STOP = {"en": ".", "hi": "।", "ar": "."}


def paragraph(number: int, script: str = "en") -> str:
    """Return a sentence of 100 characters that no other number has."""
    letters = LETTERS[script]
    return " ".join(f"{STEMS[script]}{letters[number]}{letters[place]}" for place in range(10)) + STOP[script]


def paragraphs(start: int, stop: int, script: str = "en") -> list[str]:
    return [paragraph(number, script) for number in range(start, stop)]


# Articles appended from other pages.

HEADLINE = "Museum shows forgotten paintings from Lisbon"


def document(lines: Sequence[str], name: str) -> CleanDocument:
    return clean_text("\n".join(lines), url=f"https://gazette.example/{name}")


def is_cut(
    after: Sequence[str], *, before: Sequence[str] = (), other: Sequence[str] = (), title: str = HEADLINE
) -> bool:
    """Return whether a page is cut that goes on with `after`; paragraphs 0 to 3 are its own, 10 to 21 the other's."""
    article = document(other or [title, *paragraphs(10, 22)], "other")
    metadata = replace(article.document.metadata, title=title)
    article = replace(article, document=replace(article.document, metadata=metadata))
    own = document(["Ferry to the outer islands", *(before or paragraphs(0, 4)), *after], "own")
    return cut_appended_page(own, article) != own


def a_page_is_cut_that_goes_on_with_paragraph(number: int) -> bool:
    return is_cut([HEADLINE, *paragraphs(9 + number, 21)])


def a_page_is_cut_with_lines_below_the_headline(count: int) -> bool:
    return is_cut([HEADLINE, *words(count, "hi"), *paragraphs(10, 22)])


def a_page_is_cut_with_removed_lines_below_the_headline(count: int) -> bool:
    return is_cut([HEADLINE, *["Share"] * count, *paragraphs(10, 22)])


def a_page_is_cut_of_which_are_the_other_page_s(share: tuple[int, int]) -> bool:
    shared, count = share
    after = [*paragraphs(10, 10 + shared), *paragraphs(0, count - shared, "ar")]
    return is_cut([HEADLINE, *after])


def a_page_is_cut_that_begins_with_paragraphs_of_the_other(share: tuple[int, int]) -> bool:
    shared, count = share
    before = [*paragraphs(0, count - shared, "ar"), *paragraphs(19, 19 + shared)]
    return is_cut([HEADLINE, *paragraphs(10, 19)], before=before)


def a_page_is_cut_at_a_headline_of_letters(count: int) -> bool:
    title = "जझटठडढतथदधनप"[:count]
    return is_cut([title, *paragraphs(10, 22)], title=title)


# Fingerprints.


def a_fingerprint_is_readable_of_characters(count: int) -> bool:
    return "…" not in fingerprint("ж" * count)


def paragraphs_are_told_apart_by_character(place: int) -> bool:
    one, other = ("ж" * (place - 1) + last + "ж" * 50 for last in "щю")
    return paragraph_digest(one, 16, numbers_count=True) != paragraph_digest(other, 16, numbers_count=True)


def a_line_has_a_beginning_of_characters(count: int) -> bool:
    return beginning("संपादक राम " + "क" * (count - 11)) == fingerprint("संपादक राम")


def a_line_has_a_beginning_before_chinese_from_character(place: int) -> bool:
    return beginning(f"Edited by {'x' * (place - 12)} 王") != ""


def a_line_has_a_beginning_of_words(count: int) -> bool:
    return beginning(" ".join(words(count, "am"))) != ""


def a_line_has_a_beginning_of_so_many_words(count: int) -> bool:
    own = words(6, "ur")
    return beginning(" ".join(own)) == fingerprint(" ".join(own[:count]))


def the_first_word_is_known_of_words(count: int) -> bool:
    return first_word(" ".join(words(count, "am"))) is not None


def the_first_word_is_known_before_a_fourth_that_begins_at(character: int) -> bool:
    return first_word(f"aaa bbb {'x' * (character - 10)} d") is not None


def months_do_not_count_words_from_a_number(distance: int) -> bool:
    between = " ".join(words(distance - 1, "hi"))
    return fingerprint(f"नाव 12 {between} मार्च") == fingerprint(f"नाव 12 {between} जून")


# Profiles.


def a_profile_knows_all_of_pages(count: int) -> bool:
    parts = [profile_page(clean_text(f"Head {n}\nTell a friend", url=f"https://a.example/{n}")) for n in range(count)]
    return len(merge_profiles(parts).pages) == count


def a_line_is_recorded_as_block(number: int) -> bool:
    lines = [*[f"Entry {'ab'[n % 2]}" for n in range(number - 1)], "नदी के उस पार"]
    found = profile_page(clean_text("\n".join(lines), url="https://a.example/"))
    return any(line.fingerprint == fingerprint("नदी के उस पार") for line in found.lines)


def pages_show_one_article_that_share_paragraphs(shared: Sequence[int]) -> bool:
    """Return whether two pages are of one article that share the paragraphs of these ranks by length."""
    both = {rank: f"{'ж' * 30} {paragraph(rank, 'ar')} {'щ' * (60 - 10 * rank)}۔" for rank in range(1, 6)}
    pages = []
    for host, script in enumerate(("en", "hi")):
        own = [both[r] if r in shared else f"{paragraph(r, script)}{'ж' * (95 - 10 * r)}." for r in range(1, 6)]
        pages.append(profile_page(clean_text("\n".join(own), url=f"https://a.example/{host}")))
    profile = merge_profiles(pages)
    return len(set(distinct_articles(profile).values())) == 1


def a_line_is_amid_the_article_with_paragraphs_before(count: int) -> bool:
    return amid(count, 4)


def a_line_is_amid_the_article_with_paragraphs_behind(count: int) -> bool:
    return amid(4, count)


def amid(before: int, behind: int) -> bool:
    line = "And the sea rolls on"
    lines = [*paragraphs(0, before, "hi"), line, *paragraphs(10, 10 + behind, "hi")]
    found = profile_page(clean_text("\n".join(lines), url="https://a.example/"))
    return any(one.inside for one in found.lines if one.fingerprint == fingerprint(line))


# Repeated lines of an HTML page, by profiles of so many distinct articles with a line, or a path.

LABEL = "तट के लोगों की आवाज़"
NOTICE = "يصدر مكتب الميناء هذه الصحيفة كل يوم أحد، وهو يشكر القراء الذين يكتبون إليه ويدفعون ثمنها في موعده دائما."
LONG = f"{NOTICE} {NOTICE}"


def sketches(count: int = 100) -> tuple[PageSketch, ...]:
    """Return the pages of so many distinct articles."""
    return tuple(PageSketch(id=name, prose_digests=(name,)) for name in IDS[:count])


def html_page(*, top: str = "", amid: str = "", bottom: str = "") -> CleanDocument:
    """Return a page of six paragraphs with lines before them, amid and behind; nothing is removed from it."""
    own = [f"<p>{one}</p>" for one in paragraphs(0, 6, "hi")]
    body = "".join([top, *own[:3], amid, *own[3:], bottom])
    page = Page(url="https://gazette.example/a", body=f"<meta charset=utf-8><h1>Zebra</h1>{body}".encode())
    one = clean(read_html(page, votes="fast"))
    return replace(one, removals=(), first_decision=None)


def goes(
    line: str,
    page: CleanDocument,
    *,
    articles: int = 100,
    pages: int = 100,
    removed: int = 0,
    inside: int = 0,
    others: int = 0,
    begins: bool = False,
    path: PathRecord | None = None,
) -> bool:
    """Return whether a line of a page is removed by a profile in which it stands on so many pages.

    `others` are lines under its path that stand on one page each; with `begins` the profile knows the line's beginning.
    """
    text = page.document.text
    (block,) = [one for one in page.document.blocks if text[one.start : one.end] == line]
    own = normalize_path(block.path)
    known = beginning(line) if begins else fingerprint(line)
    records = [
        LineRecord(
            fingerprint=known,
            path=own,
            is_beginning=begins,
            pages=IDS[:pages],
            inside=IDS[:inside],
            removed=IDS[:removed],
        ),
        *(LineRecord(fingerprint=f"other {number}", path=own, pages=IDS[:1]) for number in range(others)),
    ]
    profile = SiteProfile(
        site="gazette.example",
        pages=sketches(articles),
        lines=tuple(records) if path is None else (),
        paths=(path,) if path else (),
    )
    found = find_repeated_blocks(page.document, (), profile)
    return any(removal.start <= block.start < removal.end for removal in found)


AT_END = html_page(bottom=f"<section><b>{LABEL}</b></section>")
AMID = html_page(amid=f"<section><b>{LABEL}</b></section>")
NOTICE_AT_END = html_page(bottom=f"<section><b>{NOTICE}</b></section>")
LONG_AT_END = html_page(bottom=f"<section><b>{LONG}</b></section>")
HEADING_AMID = html_page(amid=f"<section><h3>{LABEL}</h3></section>")


def a_site_is_known_of_articles(count: int) -> bool:
    return goes(LABEL, AT_END, articles=count, pages=count)


def a_label_goes_that_stands_on_pages(count: int) -> bool:
    return goes(LABEL, AT_END, pages=count)


def a_label_goes_that_stands_on_pages_of_eight(count: int) -> bool:
    return goes(LABEL, AT_END, articles=8, pages=count)


def a_paragraph_goes_that_stands_on_pages(count: int) -> bool:
    return goes(NOTICE, NOTICE_AT_END, pages=count)


def a_line_goes_whose_beginning_stands_on_pages(count: int) -> bool:
    return goes(LABEL, AT_END, pages=count, begins=True)


def a_label_amid_the_article_goes_that_stands_on_pages(count: int) -> bool:
    return goes(LABEL, AMID, pages=count)


def a_label_goes_though_lines_of_its_path_stand_on_one_page(count: int) -> bool:
    return goes(LABEL, AMID, pages=40, others=count)


def a_label_amid_articles_goes_that_was_removed_on_pages(count: int) -> bool:
    return goes(LABEL, AMID, inside=100, removed=count, others=100)


def a_long_line_goes_that_was_removed_on_pages(count: int) -> bool:
    return goes(LONG, LONG_AT_END, removed=count)


def a_copy_of_the_headline_stays_of_characters(count: int) -> bool:
    line = "ज़ेब्रा" + "!" * (count - 7)
    page = html_page(bottom=f"<section><b>{line}</b></section>")
    page = replace(page, document=replace(page.document, metadata=replace(page.document.metadata, title="ज़ेब्रा")))
    return not goes(line, page)


def a_heading_goes_that_was_removed_on_pages(count: int) -> bool:
    return goes(LABEL, HEADING_AMID, removed=count)


def a_label_amid_goes_with_linked_letters_of_25(count: int) -> bool:
    line = "ж" * 25
    amid = f"<section><b><a href=/x>{line[:count]}</a>{line[count:]}</b></section>"
    return goes(line, html_page(amid=amid), others=100)


def a_path_goes_that_was_removed_on_pages(count: int) -> bool:
    return goes(LABEL, AMID, path=path_of(AMID, count))


def path_of(page: CleanDocument, removed: int, slashes: int | None = None) -> PathRecord:
    (path,) = [
        normalize_path(one.path) for one in page.document.blocks if LABEL in page.document.text[one.start : one.end]
    ]
    path = path if slashes is None else "/".join(path.split("/")[: slashes + 1])
    return PathRecord(path=path, kept=IDS[removed:], removed=IDS[:removed])


def a_path_goes_of_slashes(count: int) -> bool:
    return goes(LABEL, AMID, path=path_of(AMID, 100, count))


def paragraphs_go_beside_an_article_of(count: int) -> bool:
    """Return whether seven repeated paragraphs behind an article of so many as long go."""
    own, repeated = paragraphs(0, count), paragraphs(15, 22)
    markup = "".join(f"<p>{one}</p>" for one in own) + "".join(f"<div>{one}</div>" for one in repeated)
    page = Page(url="https://gazette.example/a", body=f"<meta charset=utf-8>{markup}".encode())
    one = replace(clean(read_html(page, votes="fast")), removals=())
    path = normalize_path(one.document.blocks[-1].path)
    lines = tuple(LineRecord(fingerprint=fingerprint(text), path=path, pages=IDS) for text in repeated)
    profile = SiteProfile(site="gazette.example", pages=sketches(), lines=lines)
    return bool(find_repeated_blocks(one.document, (), profile))


@pytest.mark.parametrize("same", [False, True])
def test_a_line_on_many_addresses_of_one_article_is_no_evidence(same: bool) -> None:
    """Thirty of a hundred pages have the line, of thirty articles or at thirty addresses of one."""
    path = normalize_path(next(one.path for one in AT_END.document.blocks if one.end == len(AT_END.document.text)))
    pages = tuple(PageSketch(id=name, prose_digests=("same" if same and name in IDS[:30] else name,)) for name in IDS)
    line = LineRecord(fingerprint=fingerprint(LABEL), path=path, pages=IDS[:30])
    profile = SiteProfile(site="gazette.example", pages=pages, lines=(line,))
    assert bool(find_repeated_blocks(AT_END.document, (), profile)) is not same


@pytest.mark.parametrize(("removed", "stays"), [(5, False), (4, True)])
def test_a_block_of_which_half_was_removed_is_not_kept(removed: int, stays: bool) -> None:
    text = document(["नदी के पार।"[:10]], "a").document
    assert text.blocks[0].end == 10
    assert kept_blocks(text, [Removal(start=0, end=removed, rule="line.date")]) == [stays]


@pytest.mark.parametrize("vetoed", [False, True])
def test_a_path_goes_unless_a_person_vetoed_that(vetoed: bool) -> None:
    assert goes(LABEL, AMID, path=replace(path_of(AMID, 100), user_veto=vetoed)) is not vetoed


def test_a_page_is_not_emptied_though_all_of_it_stands_at_a_path_that_was_removed() -> None:
    own = "".join(f"<p>{one}</p>" for one in paragraphs(0, 4, "hi"))
    for outside, is_emptied in (("", True), (f"<div><p>{paragraph(9)}</p></div>", False)):
        body = f"<meta charset=utf-8><main><section>{own}<p>{LABEL}</p></section></main>{outside}"
        page = clean(read_html(Page(url="https://gazette.example/a", body=body.encode()), votes="fast"))
        assert goes(LABEL, page, path=path_of(page, 100)) is not is_emptied


# Runs of lines in the same order, of pages of plain text.


def run_goes(
    run: Sequence[str],
    *,
    pages: int = 3,
    before: int = 4,
    behind: int = 0,
    between: int = 0,
) -> bool:
    """Return whether the lines of `run` go, which so many of eight pages have in this order, from the first of them.

    It stands between `before` and `behind` paragraphs; after its third line the page has `between` lines of its own.
    """
    texts = []
    for number in range(8):
        own = [f"{paragraph(place, 'ar')[:-1]} {LETTERS['hi'][number] * 3}." for place in range(before + behind)]
        changed = [f"{LETTERS['hi'][number] * 4} {LETTERS['en'][place] * 4}" for place in range(between)]
        lines = [*run[:3], *changed, *run[3:]] if number < pages else []
        texts.append("\n".join([*own[:before], *lines, *own[before:]]))
    documents = [clean_text(text, url=f"https://a.example/{number}") for number, text in enumerate(texts)]
    profile = merge_profiles(map(profile_page, documents))
    found = clean(documents[0].document, profile=profile)
    return "profile.run" in {one.rule for one in found.removals} and run[-1] not in found.text.split("\n")


RUN = [f"{' '.join(words(5, 'hi', start))} {LETTERS['en'][start] * 3}" for start in range(14)]


def a_run_goes_of_two_pages_of_lines(count: int) -> bool:
    return run_goes(RUN[:count], pages=2)


def a_run_goes_of_three_pages_of_lines(count: int) -> bool:
    return run_goes(RUN[:count], pages=3)


def a_run_of_six_lines_goes_of_pages(count: int) -> bool:
    return run_goes(RUN[:6], pages=count)


def a_run_goes_before_the_article_of_lines(count: int) -> bool:
    return run_goes(RUN[:count], before=0, behind=4)


def a_run_goes_with_lines_that_changed(count: int) -> bool:
    return run_goes(RUN[:5], pages=2, between=count)


def a_run_goes_behind_which_stand_paragraphs(count: int) -> bool:
    return run_goes(RUN[:5], behind=count)


def a_run_goes_with_three_lines_of_code_of(count: int) -> bool:
    return run_goes([*(f"{line};" for line in RUN[:3]), *RUN[3:count]])


# Templates.

STORY, MENU, OTHER = "html/body/div.story/p", "html/body/div.menu/li", "html/body/div.other/p"


def classes(
    *, story_removed: int = 0, menu_removed: int = 100, unknown: int = 0, story: int = 6, articles: int = 100
) -> list[PathClass] | None:
    """Return the classes of the blocks of a page of 100-character paragraphs, a menu, and an unknown path."""
    profile = SiteProfile(
        site="a.example",
        pages=sketches(articles),
        paths=(
            PathRecord(path=MENU, kept=IDS[menu_removed:], removed=IDS[:menu_removed]),
            PathRecord(path=STORY, kept=IDS[story_removed:], removed=IDS[:story_removed]),
        ),
    )
    rest = 1000 - 100 * story - unknown
    lines = [*paragraphs(0, story), "ж" * rest, *(["щ" * unknown] if unknown else [])]
    return match_template(lines, [*[STORY] * story, MENU, *([OTHER] if unknown else [])], profile)


def a_path_is_boilerplate_that_was_removed_on_pages(count: int) -> bool:
    return PathClass.BOILERPLATE in (classes(menu_removed=count, story=9) or classes(menu_removed=count) or ())


def a_path_is_the_article_s_that_was_removed_on_pages(count: int) -> bool:
    return classes(story_removed=count) is not None


def a_template_is_known_with_unknown_characters_of_1000(count: int) -> bool:
    return classes(unknown=count) is not None


def a_template_is_known_with_paragraphs(count: int) -> bool:
    return classes(story=count) is not None


def a_menu_is_known_of_articles(count: int) -> bool:
    paths = (PathRecord(path=MENU, removed=IDS[:count]),)
    return bool(boilerplate_paths(SiteProfile(site="a.example", pages=sketches(count), paths=paths)))


THRESHOLDS = (
    Threshold(
        name="appended_pages._OPENING_PARAGRAPHS", shows=a_page_is_cut_that_goes_on_with_paragraph, true=2, false=3
    ),
    Threshold(
        name="appended_pages._MAX_HEAD_BLOCKS", shows=a_page_is_cut_with_lines_below_the_headline, true=3, false=4
    ),
    Threshold(
        name="appended_pages._MAX_BLOCKS_BETWEEN",
        shows=a_page_is_cut_with_removed_lines_below_the_headline,
        true=11,
        false=12,
    ),
    Threshold(
        name="appended_pages._MIN_SHARED_AFTER",
        shows=a_page_is_cut_of_which_are_the_other_page_s,
        true=(6, 10),
        false=(7, 12),
    ),
    Threshold(
        name="appended_pages._MAX_SHARED_BEFORE",
        shows=a_page_is_cut_that_begins_with_paragraphs_of_the_other,
        true=(1, 5),
        false=(3, 14),
    ),
    Threshold(name="appended_pages._MIN_TITLE_LETTERS", shows=a_page_is_cut_at_a_headline_of_letters, true=8, false=7),
    Threshold(
        name="fingerprints._READABLE_CHARACTERS", shows=a_fingerprint_is_readable_of_characters, true=120, false=121
    ),
    Threshold(
        name="fingerprints._MAX_DIGEST_CHARACTERS", shows=paragraphs_are_told_apart_by_character, true=2000, false=2001
    ),
    Threshold(
        name="fingerprints._MAX_BEGINNING_CHARACTERS", shows=a_line_has_a_beginning_of_characters, true=240, false=241
    ),
    Threshold(
        name="fingerprints._SCRIPT_SAMPLE_CHARACTERS",
        shows=a_line_has_a_beginning_before_chinese_from_character,
        true=41,
        false=40,
    ),
    Threshold(name="fingerprints._MAX_BEGINNING_WORDS", shows=a_line_has_a_beginning_of_words, true=14, false=15),
    Threshold(name="fingerprints._BEGINNING_WORDS", shows=a_line_has_a_beginning_of_so_many_words, true=2, false=3),
    Threshold(name="fingerprints._BEGINNING_WORDS", shows=a_line_has_a_beginning_of_words, true=3, false=2),
    Threshold(name="fingerprints._WHOLE_WORDS", shows=the_first_word_is_known_of_words, true=4, false=3),
    Threshold(
        name="fingerprints._HEAD_CHARACTERS",
        shows=the_first_word_is_known_before_a_fourth_that_begins_at,
        true=80,
        false=81,
    ),
    Threshold(name="fingerprints._DATE_REACH", shows=months_do_not_count_words_from_a_number, true=2, false=3),
    Threshold(name="profile.MOST_PAGES", shows=a_profile_knows_all_of_pages, true=64, false=65),
    Threshold(name="profile.LEAST_PAGES", shows=a_site_is_known_of_articles, true=5, false=4),
    Threshold(name="profile.LEAST_PAGES", shows=a_menu_is_known_of_articles, true=5, false=4),
    Threshold(name="profile._MAX_BLOCKS", shows=a_line_is_recorded_as_block, true=1000, false=1001),
    Threshold(
        name="profile._MAX_PROSE_DIGESTS", shows=pages_show_one_article_that_share_paragraphs, true=(2, 3), false=(3, 4)
    ),
    Threshold(
        name="profile._MIN_SHARED_PROSE_DIGESTS",
        shows=pages_show_one_article_that_share_paragraphs,
        true=(1, 2),
        false=(1,),
    ),
    Threshold(
        name="profile._MIN_PROSE_ON_EITHER_SIDE",
        shows=a_line_is_amid_the_article_with_paragraphs_before,
        true=2,
        false=1,
    ),
    Threshold(
        name="profile._MIN_PROSE_ON_EITHER_SIDE",
        shows=a_line_is_amid_the_article_with_paragraphs_behind,
        true=2,
        false=1,
    ),
    Threshold(name="evidence.LEAST_ARTICLES", shows=a_label_goes_that_stands_on_pages_of_eight, true=3, false=2),
    Threshold(
        name="evidence._MIN_CONSTANT_SHARE",
        shows=a_label_goes_though_lines_of_its_path_stand_on_one_page,
        true=10,
        false=11,
    ),
    Threshold(name="evidence.RUN_THRESHOLDS", shows=a_run_goes_of_two_pages_of_lines, true=5, false=4),
    Threshold(name="evidence.RUN_THRESHOLDS", shows=a_run_goes_of_three_pages_of_lines, true=3, false=2),
    Threshold(name="evidence.RUN_THRESHOLDS", shows=a_run_of_six_lines_goes_of_pages, true=2, false=1),
    Threshold(name="repeated_blocks._MIN_SHARE_LABEL", shows=a_label_goes_that_stands_on_pages, true=20, false=19),
    Threshold(name="repeated_blocks._MIN_SHARE_PROSE", shows=a_paragraph_goes_that_stands_on_pages, true=50, false=49),
    Threshold(
        name="repeated_blocks._MIN_SHARE_PROSE", shows=a_line_goes_whose_beginning_stands_on_pages, true=50, false=49
    ),
    Threshold(
        name="repeated_blocks._MIN_SHARE_CONSTANT_PATH",
        shows=a_label_amid_the_article_goes_that_stands_on_pages,
        true=40,
        false=39,
    ),
    Threshold(
        name="repeated_blocks._MIN_REMOVED_SHARE_LINE",
        shows=a_label_amid_articles_goes_that_was_removed_on_pages,
        true=50,
        false=49,
    ),
    Threshold(
        name="repeated_blocks._MIN_REMOVED_SHARE_PATH", shows=a_path_goes_that_was_removed_on_pages, true=70, false=69
    ),
    Threshold(
        name="repeated_blocks._RARELY_REMOVED_SHARE",
        shows=a_long_line_goes_that_was_removed_on_pages,
        true=11,
        false=10,
    ),
    Threshold(
        name="repeated_blocks._RARELY_REMOVED_SHARE", shows=a_heading_goes_that_was_removed_on_pages, true=11, false=10
    ),
    Threshold(
        name="repeated_blocks._MAX_HEADLINE_PUNCTUATION",
        shows=a_copy_of_the_headline_stays_of_characters,
        true=34,
        false=35,
    ),
    Threshold(
        name="repeated_blocks._MIN_LINK_DENSITY", shows=a_label_amid_goes_with_linked_letters_of_25, true=13, false=12
    ),
    Threshold(name="repeated_blocks._MAX_REPEATED_SHARE", shows=paragraphs_go_beside_an_article_of, true=7, false=6),
    Threshold(name="repeated_blocks._WHOLE_PAGE_DEPTH", shows=a_path_goes_of_slashes, true=3, false=2),
    Threshold(name="repeated_runs._MIN_LEADING_LINES", shows=a_run_goes_before_the_article_of_lines, true=5, false=4),
    Threshold(name="repeated_runs._MAX_GAP", shows=a_run_goes_with_lines_that_changed, true=2, false=3),
    Threshold(
        name="repeated_runs._MIN_PROSE_ON_EITHER_SIDE",
        shows=a_run_goes_behind_which_stand_paragraphs,
        true=1,
        false=2,
    ),
    Threshold(name="repeated_runs._MIN_CODE_SHARE", shows=a_run_goes_with_three_lines_of_code_of, true=13, false=12),
    Threshold(
        name="template._MIN_CERTAIN_SHARE", shows=a_path_is_boilerplate_that_was_removed_on_pages, true=80, false=79
    ),
    Threshold(
        name="template._MIN_CERTAIN_SHARE", shows=a_path_is_the_article_s_that_was_removed_on_pages, true=20, false=21
    ),
    Threshold(
        name="template._MAX_UNKNOWN_SHARE", shows=a_template_is_known_with_unknown_characters_of_1000, true=50, false=51
    ),
    Threshold(name="template._MIN_ARTICLE_PARAGRAPHS", shows=a_template_is_known_with_paragraphs, true=2, false=1),
)
CASES = sides(THRESHOLDS)


@pytest.mark.parametrize(("one", "side"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_threshold_is_what_its_pages_show(one: Threshold, side: bool) -> None:
    check(one, side)
