"""Cleaning as a whole: spans, line breaks, reasons, and what is done with a text that is residue only."""

import pytest

from saaf.cleaning import clean_html, clean_text

ONE = "The old bridge in the middle of the town opened to traffic on Friday after two years of repairs."
TWO = "The work cost four million, the mayor said, and the bridge will now stand for another fifty years."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{ONE}\n\nADVERTISEMENT\n\n{TWO}", f"{ONE}\n\n{TWO}"),
        (f"{ONE}\nADVERTISEMENT\n\n{TWO}", f"{ONE}\n\n{TWO}"),
        (f"{ONE}\nADVERTISEMENT\n{TWO}", f"{ONE}\n{TWO}"),
        (f"ADVERTISEMENT\n\n{ONE}", ONE),
        (f"{ONE}\n\n\nHot Topics\n\nRelated Articles\n\n\n", ONE),
        (f"{ONE}\n\nShare this:\nFacebook\nTwitter\n\n{TWO}", f"{ONE}\n\n{TWO}"),
        (f"Related Articles{ONE}\n{TWO}", f"{ONE}\n{TWO}"),
    ],
)
def test_lines_go_with_their_breaks_and_leave_no_piles_of_blank_lines(text: str, left: str) -> None:
    assert clean_text(text).text == left


def test_a_text_that_is_residue_only_is_kept_and_flagged() -> None:
    clean = clean_text("LEAVE A REPLY\nPlease enter your comment!")
    assert clean.removals == ()
    assert clean.flags == ("all_residue",)


def test_a_clean_text_is_left_alone() -> None:
    clean = clean_text(f"{ONE}\n{TWO}")
    assert (clean.removals, clean.flags, clean.text) == ((), (), f"{ONE}\n{TWO}")


def test_removals_are_those_of_the_document_as_read() -> None:
    """A rule that looks after others have taken lines away still gives spans of the whole text."""
    clean = clean_text(f"{ONE}\nHot Topics\nLEAVE A REPLY\nPlease enter your comment!\n–\nAB/CD")
    whole = clean.document.text
    spans = {removal.rule: whole[removal.start : removal.end].strip() for removal in clean.removals}
    assert spans["en.popular"] == "Hot Topics"
    assert spans["line.initials"] == "AB/CD"
    assert all(whole[removal.start : removal.end].strip() for removal in clean.removals)


def test_rules_look_at_what_is_left_of_a_page_too() -> None:
    paragraphs = (ONE, "Also Read: Ten ways to cook rice", TWO)
    page = f"<article><h1>Old bridge opens after two years</h1>{''.join(f'<p>{p}</p>' for p in paragraphs)}</article>"
    clean = clean_html(page, url="https://news.example/bridge")
    assert ONE in clean.text
    assert TWO in clean.text
    assert "Ten ways to cook rice" not in clean.text
