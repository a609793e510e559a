"""Articles of several pages become one document, in which each removal still takes out what it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from saaf import cleaning
from saaf.cleaning.types import CleanDocument, Page
from saaf.corpus.joined_pages import JoinedPart, article_key, join, join_site
from saaf.corpus.records import PartOf, Record

FIRST = "https://a.example/bridge"
WORDS = {
    1: "The old bridge was opened again on Sunday, and the whole town walked over it with flags and music",
    2: "The masons had worked on its arches for three years, and two of them married in the meantime",
    3: "What it cost is known to the council alone, which will publish its accounts in the autumn",
}


def made(number: int, *, day: int = 1, url: str | None = None, text: str | None = None) -> tuple[Record, CleanDocument]:
    """Return page `number` of the article, with its menu, which cleaning takes out."""
    url = url or (FIRST if number == 1 else f"{FIRST}?page={number}")
    said = text or WORDS[number]
    body = "".join(f"<p>{said}, as the report says in paragraph {each} of page {number}.</p>" for each in range(6))
    menu = "<nav><ul><li><a href=/>Home</a><li><a href=/s>Sport</a><li><a href=/c>Contact us</a></ul></nav>"
    html = f"<html><head><title>The bridge</title></head><body>{menu}<article>{body}</article></body></html>"
    page = Page(
        url=url,
        body=html.encode(),
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        fetched_at=datetime(2026, 1, day, tzinfo=UTC),
    )
    name = "w" if url.startswith(FIRST) else url
    part_of = PartOf(first=FIRST + "/", number=number) if number > 1 else None
    record = Record(file_path=f"{name}#{number}-{day}", page=page, part_of=part_of)
    return record, cleaning.clean(cleaning.read(page))


def joined(
    *members: tuple[Record, CleanDocument], known: int = 1
) -> tuple[list[tuple[Record, CleanDocument]], list[JoinedPart]]:
    numbers = {record.part_of.number for record, _ in members if record.part_of} | set(range(2, known + 1))
    return join_site(members, {article_key(FIRST): numbers} if numbers else {})


def test_the_text_is_that_of_the_pages_in_order_and_removals_stay_in_their_pages() -> None:
    pages = [made(number) for number in (1, 2, 3)]
    ((record, whole),), found = joined(*reversed(pages))
    assert record is pages[0][0]
    assert whole.text == "\n".join(clean.text for _, clean in pages)
    assert whole.document.url == FIRST
    assert whole.document.id == pages[0][1].document.id
    assert "joined" in whole.document.flags
    assert len(whole.removals) == sum(len(clean.removals) for _, clean in pages) >= 3
    own = [one for _, clean in pages for one in clean.removals]
    texts = [clean.document.text[one.start : one.end] for _, clean in pages for one in clean.removals]
    assert [whole.document.text[one.start : one.end] for one in whole.removals] == texts
    assert [one.rule for one in whole.removals] == [one.rule for one in own]
    blocks = [clean.document.text[one.start : one.end] for _, clean in pages for one in clean.document.blocks]
    assert [whole.document.text[one.start : one.end] for one in whole.document.blocks] == blocks
    reasons = {part.record.key: part.reason for part in found}
    assert reasons.keys() == {"w#2-1", "w#3-1"}
    assert reasons["w#3-1"] == f"page 3 of {FIRST}, to whose text it is joined"


@pytest.mark.parametrize(("numbers", "known"), [((1, 2), 3), ((1, 3), 3), ((1,), 2)])
def test_an_article_is_joined_as_far_as_it_goes_and_says_so(numbers: tuple[int, ...], known: int) -> None:
    documents, found = joined(*(made(number) for number in numbers), known=known)
    first = documents[0][1].document
    assert "joined_incomplete" in first.flags
    assert ("joined" in first.flags) is (2 in numbers)
    assert len(documents) + len(found) == len(numbers)


def test_a_page_without_its_first_page_stays_a_document() -> None:
    pages = [made(2), made(3)]
    assert joined(*pages) == (pages, [])


def test_a_page_that_repeats_the_article_is_not_joined() -> None:
    copy = made(2, text=WORDS[1])
    same = replace(copy[1], document=replace(made(1)[1].document, url=copy[1].document.url, id="0" * 16))
    documents, found = joined(made(1), (copy[0], same))
    assert not found
    assert [clean.document.flags[-1:] for _, clean in documents] == [("joined_incomplete",), same.document.flags[-1:]]


def test_the_latest_captures_are_joined_and_older_ones_of_a_part_are_no_documents() -> None:
    documents, found = joined(made(1), made(2, text="An older text of this page that nobody reads"), made(2, day=2))
    ((_, whole),) = documents
    assert "The masons" in whole.text
    assert "An older text" not in whole.text
    assert sorted(part.record.key for part in found) == ["w#2-1", "w#2-2"]


def test_other_pages_pass_as_they_come() -> None:
    other = made(1, url="https://a.example/other")
    beyond = made(1, url="https://b.example/bridge")
    documents, _ = joined(other, made(1), made(2), beyond)
    assert [clean.document.url for _, clean in documents] == [other[1].document.url, FIRST, beyond[1].document.url]
    assert documents[0] == other


def test_one_page_alone_is_joined_to_nothing() -> None:
    _, clean = made(1)
    assert join([clean], incomplete=False) == replace(clean, first_decision=None)
