"""The place, agency and day before an article's first words stay where they have an element of their own."""

import pytest

from saaf.cleaning import Page
from saaf.cleaning.readers.html import read_html
from tests.unit.decision_helpers import decided
from tests.unit.threshold_pairs import sentence

DATELINES = (
    "LOWER SANDWICK (Coast Press) —",
    "LOWER SANDWICK (cp)",
    "SANDWICK, June 7",
    "SANDWICK, Coastland, 7 June –",
    "SANDWICK —",
    "Sandwick –",
    "सैंडविक (तट समाचार) —",
    "सैंडविक, 7 जून",
    "ساندوِک (ساحل پریس) —",
    "ساندويك، 7 يونيو",
    "ሳንድዊክ (የባሕር ዜና) –",
    "ሳንድዊክ፣ 7 ሰኔ",
    "（海岸社桑德威6月7日电）",
    "新华社北京6月7日电",
)
OTHERS = (
    "Sandwick, June 7",
    "7 June 2024",
    "Photo: Ann Example",
    "Read more:",
    "SANDWICK",
    "By Ann Example",
    "No. 12, 2024",
)


def stays(markup: str, line: str, following: float = 0.95) -> bool:
    """Return whether a line in doubt stays before an article whose first paragraph has the probability `following`."""
    lines = {sentence(20, "en", start): following if start == 0 else 0.95 for start in range(4)}
    body = markup.format(line) + "".join(f"<p>{text}</p>" for text in lines)
    html = f"<title>x</title><body><h1>x</h1><div class='story'>{body}</div></body>"
    document = read_html(Page(url=None, body=html.encode()), votes="fast")
    return line in decided(document, lines | {line: 0.4})


@pytest.mark.parametrize("line", DATELINES)
@pytest.mark.parametrize("markup", ["<span>{}</span>", "<p><strong>{}</strong></p>", "<div class='top'>{}</div>"])
def test_a_dateline_stays_before_the_first_paragraph(line: str, markup: str) -> None:
    assert stays(markup, line)
    assert not stays(markup, line, following=0.1)


@pytest.mark.parametrize("line", OTHERS)
def test_other_short_lines_do_not(line: str) -> None:
    assert not stays("<div class='top'>{}</div>", line)


@pytest.mark.parametrize(
    ("line", "is_dateline"), [("Sandwick, Coastland", True), ("7 June 2024", False), ("2024-06-07", False)]
)
def test_an_element_that_is_named_dateline_holds_one_but_for_a_date_alone(line: str, is_dateline: bool) -> None:
    assert stays("<span class='story-dateline'>{}</span>", line) == is_dateline
    assert not stays("<span class='story-lines'>{}</span>", line)
