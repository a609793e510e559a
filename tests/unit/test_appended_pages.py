"""Articles appended from pages that the crawl knows: cut where all the evidence is there, left where some is not."""

from __future__ import annotations

import pytest

from saaf.cleaning import CleanDocument, clean_text
from saaf.cleaning.site.appended_pages import cut_appended_page, later_digests, opening_digests, paragraphs

FIRST = """The old bridge is rebuilt before winter
The council voted on Monday to rebuild the old bridge over the river before the winter comes.
Work on the bridge begins in May, the mayor said, and it will take about seven months in all.
The ferry carries everybody until then, and it leaves every hour on the hour from the old quay."""
TITLE = "Museum shows forgotten paintings from Lisbon"
BODY = """The museum has opened an exhibition of paintings that lay forgotten in a cellar in the city of Lisbon.
They were found when the cellar was drained in the spring, eleven of them, each in a box of its own.
Nobody knows who painted them, the director said, and it may well be that nobody ever finds out."""
BYLINE = "By our own correspondent"


def document(text: str, name: str) -> CleanDocument:
    return clean_text(text, url=f"https://gazette.example/{name}")


OTHER = document(f"{TITLE}\n{BODY}", "paintings")


@pytest.mark.parametrize("head", [TITLE, f"{TITLE}\n{BYLINE}", f"Read also:\n{TITLE}"])
def test_the_other_pages_article_is_cut_with_its_headline_and_named(head: str) -> None:
    cut = cut_appended_page(document(f"{FIRST}\n{head}\n{BODY}", "bridge"), OTHER)
    assert cut.text == FIRST
    assert cut.removals[-1].rule == "appended.known"
    assert cut.flags[-1] == f"appended:{OTHER.document.id}"


REPORT = """The exchange of the islands closed {points} points higher on {day}, at {index}, brokers on the quay said.
Herring rose by {points} percent to {index} a barrel, and salt was sold at {points} for each of the {index} sacks.
About {index} people came to the hall of the exchange on {day}, and {points} of them stayed until the bell rang."""


def test_a_report_that_differs_from_another_pages_in_its_numbers_is_not_cut() -> None:
    title = "The market of the islands on"
    friday = REPORT.format(points=12, index=3456, day="Friday")
    other = document(f"{title} 3 May\n{friday.replace('12', '1.2').replace('3456', '4711')}", "friday")
    own = document(f"{FIRST}\n{title} 10 May\n{friday}", "bridge")
    assert cut_appended_page(own, other) == own
    same = document(f"{title} 10 May\n{friday}", "friday")
    assert cut_appended_page(own, same).text == FIRST


def test_a_label_glued_to_a_paragraph_on_one_of_the_pages_hides_nothing() -> None:
    glued = document(f"{TITLE}\nLEAVE A REPLY{BODY}", "paintings")
    assert "LEAVE A REPLY" in glued.document.text
    assert "LEAVE A REPLY" not in glued.text
    cut = cut_appended_page(document(f"{FIRST}\n{TITLE}\n{BODY}", "bridge"), glued)
    assert (cut.text, cut.flags[-1:]) == (FIRST, (f"appended:{glued.document.id}",))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{FIRST}\n{BODY}", "no headline, no cue: the article may quote"),
        (f"{FIRST}\n{TITLE}\n{BODY.splitlines()[0]}", "a teaser of one paragraph is the other rules' business"),
        (f"{FIRST}\n{TITLE}\n{BODY.splitlines()[0]}\n{FIRST.replace('bridge', 'school')}", "the page goes on"),
        (f"{BODY}\n{TITLE}\n{BODY}", "the same story before and after"),
    ],
)
def test_without_all_of_the_evidence_nothing_is_cut(text: str, why: str) -> None:
    page = document(text, "bridge")
    if "teaser" in why:
        assert "appended.known" not in {
            removal.rule for removal in cut_appended_page(page, document(FIRST, "x")).removals
        }
    else:
        assert cut_appended_page(page, OTHER) == page, why


def test_a_page_is_not_cut_by_itself_nor_by_another_capture_of_it() -> None:
    assert cut_appended_page(OTHER, OTHER) is OTHER
    later = document(f"{FIRST}\n{TITLE}\n{BODY}", "paintings")
    assert cut_appended_page(later, OTHER) is later


def test_a_copy_of_the_whole_article_at_another_address_is_not_emptied() -> None:
    copy = document(f"{TITLE}\n{BODY}", "copy-of-paintings")
    assert cut_appended_page(copy, OTHER) is copy


def test_a_page_is_recognised_by_its_first_paragraphs_and_follows_with_the_others() -> None:
    found = paragraphs(document(f"{FIRST}\n{TITLE}\n{BODY}", "bridge"))
    assert set(opening_digests(paragraphs(OTHER))) <= set(later_digests(found))
    assert opening_digests(found)[0] not in later_digests(found)
