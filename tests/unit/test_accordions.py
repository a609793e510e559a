"""The titles of an accordion are headings, though they are buttons, and stay with their answers."""

import pytest

from saaf.cleaning import Page, clean_html
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.types import Kind

ANSWERS = {
    "Who may use the oven?": "All who live in the village may use it on Fridays, and guests may, with their own wood.",
    "How hot does it get?": "After three hours of fire the stones have about 400 degrees, enough for twenty loaves.",
    "What does it cost?": "It costs nothing, but whoever bakes sweeps the floor, and brings in wood for the next.",
}


@pytest.mark.parametrize(
    "title",
    ["<h3><button aria-expanded='false'>{}</button></h3>", "<button><h3>{}</h3></button>", "<h3><span>{}</span></h3>"],
)
def test_questions_in_buttons_stay_with_their_answers(title: str) -> None:
    items = "".join(
        f"<div>{title.format(q)}<div class='panel' hidden><p>{a}</p></div></div>" for q, a in ANSWERS.items()
    )
    intro = (
        "<p>The oven of the upper village is built of clay, and the baker answers here what visitors ask her most.</p>"
    )
    html = f"<title>The oven</title><body><main><h1>The oven</h1>{intro}{items}</main><button>Send</button></body>"
    text = clean_html(html.encode()).text
    assert [line for pair in ANSWERS.items() for line in pair if line not in text] == []
    assert "Send" not in text


def test_other_buttons_are_parts_of_forms() -> None:
    html = "<body><h2><button>Clay</button></h2><div><button>Send</button></div><button><b>Search</b></button></body>"
    document = read_html(Page(url=None, body=html.encode()))
    kinds = {document.text[block.start : block.end]: block.kind for block in document.blocks}
    assert kinds == {"Clay": Kind.HEADING, "Send": Kind.FORM, "Search": Kind.FORM}
