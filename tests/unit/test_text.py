"""The plain-text reader: lines are blocks, and what lines say of the text becomes its metadata."""

from datetime import UTC, datetime

import pytest

from saaf.cleaning.metadata.text import split_tags
from saaf.cleaning.readers.plain import document_from_text, read_text
from saaf.cleaning.types import Kind, Page, Track

LEAD = "The old bridge in the middle of the town opened to traffic on Friday after two years of repairs."
TITLE = "Old bridge opens after two years"


def test_blocks_are_the_lines_that_are_not_blank() -> None:
    document = document_from_text(f"{TITLE}\n\n{LEAD}\n- a rope\n")
    assert [document.text[block.start : block.end] for block in document.blocks] == [TITLE, LEAD, "- a rope"]
    assert [block.kind for block in document.blocks] == [Kind.HEADING, Kind.PARAGRAPH, Kind.LIST_ITEM]
    assert document.track is Track.TEXT


def test_line_breaks_become_one_kind_and_nul_goes_and_nothing_else_changes() -> None:
    assert document_from_text(" a\u200b\tb \r\n\r\nc\0d\r").text == " a\u200b\tb \n\ncd\n"


def test_bytes_are_decoded_as_declared() -> None:
    page = Page(
        url="https://www.example.org/a.txt",
        body="Größe und Maß".encode("cp1252"),
        headers=(("Content-Type", "text/plain; charset=iso-8859-1"),),
    )
    document = read_text(page)
    assert document.text == "Größe und Maß"
    assert document.site == "example.org"


def test_an_empty_text_is_an_empty_document() -> None:
    document = document_from_text("")
    assert (document.text, document.blocks, document.metadata.title) == ("", (), None)


def test_metadata_come_from_labels_with_their_origins() -> None:
    metadata = document_from_text(
        f"{TITLE}\nBy Jane Roe\nPublished: 14 December 2024\nUpdated: 15 December 2024\n{LEAD}\n"
        "Source: Island Post\nTags: bridge, old town, bridge"
    ).metadata
    assert metadata.title == TITLE
    assert metadata.author == "Jane Roe"
    assert metadata.published == "2024-12-14"
    assert metadata.modified == "2024-12-15"
    assert metadata.source == "Island Post"
    assert metadata.tags == ("bridge", "old town")
    assert dict(metadata.origins)["published"] == "label: en.published"
    assert {field for field, _ in metadata.origins} == {"title", "author", "published", "modified", "source", "tags"}


def test_a_date_line_before_the_text_is_its_date() -> None:
    assert document_from_text(f"{TITLE}\n14 ديسمبر، 2024\n{LEAD}").metadata.published == "2024-12-14"


def test_a_date_after_the_fetch_is_no_publication_date() -> None:
    text = f"{TITLE}\nPublished: 14 December 2024\n{LEAD}"
    assert document_from_text(text, fetched_at=datetime(2024, 1, 1, tzinfo=UTC)).metadata.published is None


def test_the_appended_article_says_nothing_of_the_first() -> None:
    text = (
        f"{TITLE}\n{LEAD}\nThe work cost four million, the mayor said, and the bridge will stand for fifty years.\n"
        "Read also:\nMuseum shows forgotten paintings from Lisbon\n3 March 2024\n"
        "The museum has opened an exhibition of paintings that lay forgotten in a cellar in Lisbon.\n"
        "The paintings were found when the cellar was drained last winter, the museum said on Friday.\n"
        "Source: Other Post\nWritten by: John Doe"
    )
    metadata = document_from_text(text).metadata
    assert (metadata.title, metadata.source, metadata.author, metadata.published) == (TITLE, None, None, None)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{TITLE}\n{LEAD}", TITLE),
        (f"{TITLE}\n\n{TITLE}\n\n{LEAD}", TITLE),
        (f"Home\nNews\nLatest News\n{TITLE}\n14 December 2024\n{LEAD}", TITLE),
        (LEAD, None),
        (f"{LEAD}\n{TITLE}", None),
        (f"Oslo, Norway (Reuters)\n{LEAD}", None),
        (f"14 December 2024\n{LEAD}", None),
        ("The boats lie still,\nthe bells are rung", None),
        ("", None),
    ],
)
def test_the_title_is_a_line_before_the_text_or_none(text: str, title: str | None) -> None:
    assert document_from_text(text).metadata.title == title


@pytest.mark.parametrize(("one", "other"), [("day 1", "day 2"), ("दिन १", "दिन २"), ("اليوم ١", "اليوم ٢")])
def test_headlines_of_two_days_are_no_headline_printed_twice(one: str, other: str) -> None:
    name = "Wanderers, "
    assert document_from_text(f"Hut\n{name}{one}\n{name}{other}\n{LEAD}").metadata.title is None
    assert document_from_text(f"Hut\n{name}{one}\n{name}{one}\n{LEAD}").metadata.title == f"{name}{one}"


def test_tags_without_commas_are_told_by_their_use_in_the_text() -> None:
    value = "bridge Old Town mayor"
    assert split_tags(value, f"The mayor of Old Town came.\nTags: {value}") == ("bridge", "Old Town", "mayor")
