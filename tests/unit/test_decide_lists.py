"""Lists of beginnings of other articles go, lists that are the article stay."""

import pytest

from saaf.cleaning import Page, clean_html
from saaf.cleaning.readers.html import read_html
from tests.unit.decision_helpers import decided
from tests.unit.threshold_pairs import Threshold, check, sides

ARTICLE = """<p>The town library will open on Sundays from March on, the council decided on Tuesday evening after a long
debate about heating costs, with nine votes to four.</p><p>Two librarians have agreed to work every second weekend, and
volunteers will look after the reading room, where the newspapers lie and where children do their homework.</p>
<p>“We had asked for this for six years,” said the head of the friends of the library, who had collected two thousand
signatures in front of the baker's, the station and the swimming pool.</p>"""
SURE = dict.fromkeys(("The town library", "Two librarians", "“We had asked"), 0.97)
ITEM = """<div class="item"><a href="/n/{0}">Council news {0} from the {1} town</a><p>In part {0} of our report we
tell how the street was paved, who paid for the stones, and why the lamps will only come in summer.</p></div>"""
PAGE = (
    "<html><head><title>Library open on Sundays</title></head><body><div class='menu'><a href='/'>Home</a></div>"
    "<div class='content'><h1>Library open on Sundays</h1>{article}</div><div class='newsline'>{items}</div></body>"
)


TEASERS = (
    ("Lamps for the harbour street", ("The harbour street gets forty new lamps this summer, after shopkeepers had "
     "complained about dark corners.")),
    ("Choir looks for young voices", ("Once a week the children of the old town sing in the chapel, and there is room "
     "for a dozen more.")),
    ("A bakery closes after ninety years", ("On Saturday the oven at the corner of Mill Lane goes cold, because nobody "
     "wants to take over the shop.")),
    ("Floods: what the insurance pays", ("Cellars full of water are an annual nuisance by the river, but few owners "
     "read their policy before it rains.")),
    ("Bus line 7 runs late again", ("Roadworks near the station hold up the buses for another month, says the "
     "transport company, and asks for patience.")),
    ("Tournament in the sports hall", ("Eleven teams from four towns play for the cup on Sunday, among them the "
     "champions of the last three years.")),
)  # fmt: skip


PLACES = ("old", "upper", "lower", "new", "harbour", "mill", "market", "river", "garden", "station", "castle", "bridge")


def item(number: int) -> str:
    return ITEM.format(number, PLACES[number % len(PLACES)])


def cleaned(article: str, count: int) -> str:
    items = "".join(item(number) for number in range(count))
    return clean_html(PAGE.format(article=article, items=items)).text


def test_beginnings_of_other_articles_go_and_the_article_stays() -> None:
    items = "".join(f"<div class='item'><a href='/n'>{head}</a><p>{first}</p></div>" for head, first in TEASERS)
    text = clean_html(PAGE.format(article=ARTICLE.replace("<p>", "<p>Yesterday, ") + ARTICLE, items=items)).text
    assert "two thousand" in text
    assert not [first for _, first in TEASERS if first in text]


def test_what_stands_at_the_places_of_a_list_belongs_to_it() -> None:
    short, shown = "Read what the mayor says.", "Council news 7 from the market town"
    items = "".join(item(number) for number in range(6)) + item(7).replace("In part", short + "</p><p>")
    document = read_html(Page(url=None, body=PAGE.format(article=ARTICLE, items=items).encode()))
    sure = SURE | {"In part": 0.7, short: 0.95, shown: 0.95}
    text = "\n".join(decided(document, sure))
    assert "Two librarians" in text
    assert short not in text
    assert shown not in text


def test_where_they_are_all_there_is_they_stay() -> None:
    assert "In part 3" in cleaned("", 6)


@pytest.mark.parametrize(("time", "stays"), [("10:17 ", False), ("", True)])
def test_a_list_of_news_with_times_goes_though_the_model_is_sure_of_it(time: str, stays: bool) -> None:
    items = "".join(item(number).replace("Council", f"{time}Council") for number in range(6))
    document = read_html(Page(url=None, body=PAGE.format(article=ARTICLE, items=items).encode()))
    sure = SURE | {"In part": 0.97, f"{time}Counc": 0.95}
    text = "\n".join(decided(document, sure))
    assert "Two librarians" in text
    assert ("In part 3" in text) == stays
    alone = read_html(Page(url=None, body=PAGE.format(article="", items=items).encode()))
    assert "In part 3" in "\n".join(decided(alone, sure))


def list_goes(headlines: list[str]) -> bool:
    """Return whether paragraphs in doubt under these links go as the beginnings of other articles."""
    items = "".join(
        f'<div class="item"><a href="/n/{number}">{headline}</a><p>In part {number} of our report we tell how the '
        "street was paved, who paid for the stones, and why the lamps will only come in summer.</p></div>"
        for number, headline in enumerate(headlines)
    )
    document = read_html(Page(url=None, body=PAGE.format(article=ARTICLE, items=items).encode()))
    text = "\n".join(decided(document, SURE | {"In part": 0.7}))
    assert "Two librarians" in text
    return "In part 3" not in text


def distinct(count: int) -> list[str]:
    """Return ten headlines of which so many are distinct."""
    return [f"News of the {PLACES[number if number < count else 0]} street" for number in range(10)]


@pytest.mark.parametrize(
    ("headlines", "goes"),
    [
        ([f"Why the {place} street waits" for place in PLACES], True),
        (["पुरानी गली में नई बत्तियाँ " + place for place in PLACES], True),
        # What every entry of an article has is no headline.
        (["Continue reading the main story"] * 10, False),
        ([f"View on the market $ {number}" for number in range(10)], False),
        ([f"# {number} · Jan 3, 2024" for number in range(10)], False),
        # Nor is the number of an entry: "ten streets", from the first to the last, or the other way round.
        ([f"{number}. The {place} street" for number, place in enumerate(PLACES, 1)], False),
        ([f"#{20 - number} The {place} street" for number, place in enumerate(PLACES)], False),
        ([f"{number * number} lamps in the {place} street" for number, place in enumerate(PLACES, 1)], True),
        (distinct(6), True),
        (distinct(5), False),
    ],
)
def test_a_list_has_headlines_of_other_articles(headlines: list[str], goes: bool) -> None:
    assert list_goes(headlines) == goes


def headlines_differ(count: int) -> bool:
    return list_goes(distinct(count))


def headlines_of_letters(letters: int) -> bool:
    return list_goes([f"to {sign * 2} {sign * (letters - 4)}" for sign in "abcdefghij"])


THRESHOLDS = (
    Threshold(name="groups._MIN_DISTINCT", shows=headlines_differ, true=6, false=5),
    Threshold(name="groups._MIN_HEADLINE_LETTERS", shows=headlines_of_letters, true=6, false=5),
)
CASES = sides(THRESHOLDS)


@pytest.mark.parametrize(("one", "side"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_threshold_is_what_its_pages_show(one: Threshold, side: bool) -> None:
    check(one, side)
