"""A class name of the article's own wrapper does not speak against the article; names beside and inside it do."""

import pytest

from saaf.cleaning import Page
from saaf.cleaning.readers.html import read_html
from tests.unit.decision_helpers import decided
from tests.unit.threshold_pairs import Threshold, check, sentence, sides

SURE = 0.95
IN_DOUBT = 0.75  # below what a block with a class name against it must have
NOTICE = "Have every new part of this series sent to you, on the day on which it appears."


def stays(
    wrapper: str, *, inside: int = 6, beside: int = 4, script: str = "en", probability: float = SURE
) -> list[str]:
    """Return which of a paragraph in doubt in a `wrapper` of so many paragraphs, with others beside the wrapper, and
    of a notice with a class name stay.
    """
    size = 60 if script == "zh" else 20
    lines = {sentence(size, script, start): probability for start in range(inside)}
    others = {sentence(size, script, 20 + start): probability for start in range(beside)}
    doubtful = sentence(size, script, 50)
    inner = "".join(f"<p>{line}</p>" for line in (*list(lines)[:1], doubtful, *list(lines)[1:]))
    outer = "".join(f"<p>{line}</p>" for line in others)
    notice = f"<div class='subscribe'><p>{NOTICE}</p></div>"
    html = f"<title>x</title><body><div><div {wrapper}>{inner}</div><section>{outer}</section></div>{notice}</body>"
    document = read_html(Page(url=None, body=html.encode()), votes="fast")
    kept = decided(document, lines | others | {doubtful: IN_DOUBT, NOTICE: IN_DOUBT})
    return [name for name, line in {"doubtful": doubtful, "notice": NOTICE}.items() if line in kept]


@pytest.mark.parametrize("script", ["en", "hi", "ur", "am", "zh"])
@pytest.mark.parametrize("name", ["newsletter-page", "paywall access", "content-aside", "sidebar", "overlay"])
def test_the_name_of_the_articles_wrapper_says_nothing(name: str, script: str) -> None:
    assert stays(f"class='{name}'", script=script) == ["doubtful"]
    assert not stays(f"class='{name}'", script=script, inside=2, beside=6)


def holds(paragraphs: int) -> bool:
    return "doubtful" in stays("class='sidebar'", inside=paragraphs, beside=4)


def is_sure(probability: float) -> bool:
    return "notice" not in stays("class='sidebar'", probability=probability)


def has_words(count: int) -> bool:
    """Return whether a sidebar with so many sure words, and nothing beside it, keeps a paragraph in doubt."""
    first, doubtful = sentence(count, "ur"), sentence(30, "ur", 3)
    others = {sentence(20, "ur", start): 0.69 for start in range(6, 12)}
    paragraphs = "".join(f"<p>{line}</p>" for line in others)
    body = f"<div class='sidebar'><p>{first}</p><p>{doubtful}</p></div><div>{paragraphs}</div>"
    html = f"<title>x</title><body>{body}</body>"
    document = read_html(Page(url=None, body=html.encode()), votes="fast")
    return doubtful in decided(document, others | {first: SURE, doubtful: 0.69})


def names_stay_unreliable(boxes: int) -> bool:
    """Return whether a notice stays where, beside the wrapper of the article, so many other boxes have a name."""
    lines = {sentence(20, "en", start): SURE for start in range(6)}
    others = {sentence(20, "hi", start): SURE for start in range(boxes)}
    inner = "".join(f"<p>{line}</p>" for line in lines)
    outer = "".join(f"<div class='related' id='r{n}'><p>{line}</p></div>" for n, line in enumerate(others))
    html = f"<title>x</title><body><div class='sidebar'>{inner}</div>{outer}<aside><p>{NOTICE}</p></aside></body>"
    document = read_html(Page(url=None, body=html.encode()), votes="fast")
    return NOTICE in decided(document, lines | others | {NOTICE: 0.79})


THRESHOLDS = (
    Threshold(name="thresholds.STILL_UNRELIABLE_NAMES", shows=names_stay_unreliable, true=2, false=1),
    Threshold(name="reliable_names._MOST", shows=holds, true=4, false=3),
    Threshold(name="reliable_names._SURE", shows=is_sure, true=0.71, false=0.69),
    Threshold(name="reliable_names._MIN_SURE_WORDS", shows=has_words, true=60, false=59),
)


@pytest.mark.parametrize(("_name", "one", "side"), sides(THRESHOLDS))
def test_a_threshold_is_what_its_pages_show(_name: str, one: Threshold, side: bool) -> None:
    check(one, side)
