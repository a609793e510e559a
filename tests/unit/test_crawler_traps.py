"""Crawler traps: what has no end is abandoned, and articles never are."""

from __future__ import annotations

import random
import time

import pytest

from saaf.cleaning.html.outline import read_outline
from saaf.crawler.discovery import traps
from saaf.crawler.discovery.lineage import LINEAGE, FairOrder, Lineage
from saaf.crawler.discovery.templates import MOST_NAMES, Templates, template_of
from saaf.crawler.discovery.traps import Traps, trap_in_url

HOST = "https://a.example"
WORDS = ("harbour", "bridge", "market", "choir", "ferry", "lantern", "orchard", "school", "window", "river", "boat")
MENU = "".join(f"<li><a href='/s/{number}'>The section on the {word}</a></li>" for number, word in enumerate(WORDS))


def text_of(body: str) -> bytes:
    return read_outline(f"<html><body><ul>{MENU}</ul>{body}</body></html>".encode()).text


def story(seed: int, words: int = 40) -> str:
    drawn = random.Random(seed)
    return f"<h1>Story {seed}</h1><p>{' '.join(drawn.choice(WORDS) for _ in range(words))}.</p>"


def fed(count: int, url: str, body: str, *, seen: Traps | None = None) -> Traps:
    """Return traps after pages at `url` with `body`, in which "{}" is the number of the page."""
    seen = seen or Traps()
    for number in range(count):
        seen.add(HOST + url.format(number), text_of(body.format(number)))
    return seen


@pytest.mark.parametrize(
    "path",
    ["/a/b/a/b/a/b", "/x/a/a/a", "/a/b/c/a/b/c/a/b/c/d", "/a/1/a/2/a/3/a/4/a/5", "/" + "x" * 2_050, "/a" + "/1/b" * 13,
     "/l?" + "&".join(f"f{number}={number}" for number in range(17))],
)  # fmt: skip
def test_some_addresses_are_traps_by_their_form(path: str) -> None:
    assert trap_in_url(HOST + path)


@pytest.mark.parametrize(
    "path",
    ["/a/b/a/b/c", "/01/01/01/story", "/a/1/a/2/a/3/a/4", "/" + "x" * 2_000, "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t",
     "/l?" + "&".join(f"f{number}={number}" for number in range(16)), "/new-york/new-york/hotels", "http://[bad"],
)  # fmt: skip
def test_long_addresses_alone_are_none(path: str) -> None:
    assert trap_in_url(HOST + path) is None


@pytest.mark.parametrize(
    ("path", "template", "group"),
    [
        ("/2026/01/31/the-old-bridge-opens", "/N/N/N/S", "/N/N/N/*"),
        ("/article/4711", "/article/N", "/article/*"),
        ("/s/0123456789abcdef/cart", "/s/H/cart", "/s/H/*"),
        ("/t/aB3dE5gH7jK9/x", "/t/T/x", "/t/T/*"),
        ("/list?color=red&size=3", "/list?color&size", "/list?*"),
        ("/story12.html", "/storyN.html", "/*"),
        ("/%E0%A4%AE%E0%A5%87", "/S", "/*"),
        ("/about", "/about", "/*"),
    ],
)
def test_templates_have_what_pages_of_one_kind_share(path: str, template: str, group: str) -> None:
    assert template_of(HOST + path) == (f"a.example{template}", f"a.example{group}")


SESSION = "<p>Welcome to the shop; your session is {0:016x}, it is the year {0}, and it lasts for one hour.</p>"
CALENDAR = "<h2>Month {0}</h2><p>There are no events in this month; please choose another one.</p>"


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/loop/{0:016x}/home", SESSION),
        ("/calendar/{}/", CALENDAR),
        ("/search?q={}&page={}", "<p>Nothing was found.</p>"),
    ],
    ids=["session", "calendar", "search"],
)
def test_a_template_is_abandoned_after_twenty_pages_without_new_text(url: str, body: str) -> None:
    url = url.replace("{}&page={}", "{0}&page={0}")
    next_url = HOST + url.format(10**9)
    # The first page is new, the twenty after it are not.
    assert fed(traps.PAGES, url, body).refusal(next_url) is None
    assert "brought no new text" in (fed(traps.PAGES + 1, url, body).refusal(next_url) or "")


def test_ids_of_sessions_make_no_text_new() -> None:
    drawn, seen = random.Random(3), Traps()
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    for _ in range(traps.PAGES + 1):
        ids = ["".join(drawn.choice(letters) for _ in range(24)) + "7" for _ in range(4)]
        body = f"<p>Your session is {ids[0]}, {ids[1]}.</p><a href=x>go on with {ids[2]}</a><p>Bought: {ids[3]}</p>"
        seen.add(f"{HOST}/s/{ids[0]}/home", text_of(body))
    assert seen.refusal(f"{HOST}/s/{ids[1]}/home")


def test_articles_are_never_abandoned() -> None:
    seen = Traps()
    for number in range(300):
        url = f"{HOST}/article/{number}"
        assert seen.refusal(url) is None
        seen.add(url, text_of(story(number)))


def test_short_texts_are_new_too() -> None:
    seen = Traps()
    for number in range(100):
        seen.add(f"{HOST}/{number}", text_of(f"<p>{story(number, 14)}</p>"))
        assert seen.refusal(f"{HOST}/1000") is None


def test_chinese_articles_are_never_abandoned() -> None:
    signs = "老桥的修缮工程历时三周终于完工市民今天早上重新走上面许多人带着孩子前来参观并合影留念"
    seen = Traps()
    for number in range(100):
        drawn = random.Random(number)
        seen.add(f"{HOST}/{number}", text_of(f"<p>{''.join(drawn.choice(signs) for _ in range(30))}。</p>"))
    assert seen.refusal(f"{HOST}/1000") is None


def test_a_list_that_prints_its_articles_takes_nothing_from_them() -> None:
    seen = Traps()
    for number in range(0, 60, 10):
        seen.add(f"{HOST}/page/{number}", text_of("".join(story(number + each) for each in range(10))))
    for number in range(60):
        assert seen.refusal(f"{HOST}/article/{number}") is None
        seen.add(f"{HOST}/article/{number}", text_of(story(number)))


def test_lists_of_headlines_go_on_while_their_headlines_are_new() -> None:
    seen = Traps()
    for number in range(100):
        drawn = random.Random(number)
        lines = (" ".join(drawn.choice(WORDS) for _ in range(7)) for _ in range(10))
        seen.add(f"{HOST}/page/{number}", text_of("".join(f"<li><a href='/x'>{line}</a></li>" for line in lines)))
    assert seen.refusal(f"{HOST}/page/1000") is None


def test_articles_stay_beside_a_trap_of_the_same_group() -> None:
    seen = Traps()
    for number in range(200):
        seen.add(f"{HOST}/?color={number}&size=1", text_of("<p>Boots, shoes and coats for every weather.</p>"))
        if number % 60 == 0:
            seen.add(f"{HOST}/?p={number}", text_of(story(number)))
    assert seen.refusal(f"{HOST}/?color=9&size=2")
    assert seen.refusal(f"{HOST}/?p=77") is None


def test_combinations_of_facets_are_one_trap() -> None:
    seen = Traps()
    names = ["color", "size", "sort", "brand", "price", "shop"]
    drawn, asked = random.Random(1), 0
    for _ in range(2_000):
        chosen = sorted(drawn.sample(names, drawn.randint(1, 6)))
        url = f"{HOST}/list?{'&'.join(f'{name}={drawn.randint(0, 99)}' for name in chosen)}"
        if seen.refusal(url) is None:
            asked += 1
            seen.add(url, text_of("<p>Boots, shoes and coats for every weather.</p>"))
    assert asked <= 4 * traps.PAGES


def test_zero_abandons_nothing_but_what_the_address_shows() -> None:
    seen = fed(100, "/calendar/{}/", CALENDAR, seen=Traps(limit=0))
    assert seen.refusal(f"{HOST}/calendar/1000/") is None
    assert seen.refusal(f"{HOST}/a/b/a/b/a/b")


def test_the_memory_of_traps_is_bounded() -> None:
    seen = Traps()
    started = time.process_time()
    for number in range(2_000):
        seen.add(f"{HOST}/kind-of-{number}/x", text_of(story(number, 20)))
    assert len(seen._groups) <= 512
    assert time.process_time() - started < 10


NAMED, INHERITED, RECURRENT = Lineage(), Lineage(recurrences=2), Lineage(recurrences=2, is_recurrent=True)


def note(number: int, *, prices: int) -> bytes:
    drawn = random.Random(number)
    sold = "".join(f"<p>Sack {each} of wheat cost {drawn.randrange(200, 1_900)} today.</p>" for each in range(prices))
    return text_of(f"<h1>Price note {number}</h1><p>On this day the market of the valley town was open.</p>{sold}")


def test_pages_that_a_list_names_are_no_trap_however_much_they_are_alike() -> None:
    seen = Traps()
    for number in range(100):
        seen.add(f"{HOST}/note/{number}", note(number, prices=0), NAMED)
    assert seen.refusal(f"{HOST}/note/100") is None
    for number in range(100, 120):
        seen.add(f"{HOST}/note/{number}", note(number, prices=0), INHERITED)
    assert seen.refusal(f"{HOST}/note/120") is not None


@pytest.mark.parametrize(
    ("lineage", "prices", "goes_on"),
    [(INHERITED, 1, True), (INHERITED, 0, False), (RECURRENT, 4, True), (RECURRENT, 3, False)],
)
def test_pages_that_differ_in_numbers_alone_are_new(lineage: Lineage, prices: int, goes_on: bool) -> None:
    seen = Traps()
    for number in range(60):
        seen.add(f"{HOST}/note/{number}", note(number, prices=prices), lineage)
    assert (seen.refusal(f"{HOST}/note/60") is None) is goes_on


@pytest.mark.parametrize(("prices", "goes_on"), [(1, True), (0, False)])
def test_a_list_without_words_of_its_own_goes_on_while_what_it_names_is_new(prices: int, goes_on: bool) -> None:
    seen, lineage = Traps(), Lineage()
    asked = 0
    for page in range(1, 60):
        url = f"{HOST}/notes?page={page}"
        if seen.refusal(url):
            break
        asked += 1
        seen.add(url, text_of("<h1>Notes</h1>"), lineage)
        for number in range(page * 10, page * 10 + 10):
            found = seen.order.lineage(f"{HOST}/note/{number}", url, lineage)
            seen.add(f"{HOST}/note/{number}", note(number, prices=prices), found)
        lineage = seen.order.lineage(f"{HOST}/notes?page={page + 1}", url, lineage)
    assert (asked == 59) is goes_on


def test_a_page_that_only_repeats_its_address_says_nothing_new() -> None:
    seen = Traps()
    for number in range(traps.PAGES + 1):
        drawn = random.Random(number)
        words = " ".join(drawn.choice(WORDS) for _ in range(6))
        url = f"{HOST}/find/{words.replace(' ', '-')}"
        seen.add(url, text_of(f"<p>Nothing was found for {words}, or at {url}; what else are you looking for?</p>"))
    assert seen.refusal(f"{HOST}/find/the-bridge-of-boats")


def test_random_names_become_one_template() -> None:
    templates = Templates()
    first = [templates.of(f"{HOST}/name{chr(97 + number)}/x") for number in range(26)]
    assert len(set(first)) == 26
    later = {templates.of(f"{HOST}/other-{chr(97 + number)}/x") for number in range(MOST_NAMES - 26 + 20)}
    assert ("a.example/*/x", "a.example/*/*") in later
    assert templates.of(f"{HOST}/namea/x") == first[0], "what was met first stays itself"


def ranks(order: FairOrder, page: str, lineage: Lineage, links: list[str]) -> list[Lineage]:
    return [order.lineage(HOST + link, HOST + page, lineage) for link in links]


def test_a_chain_that_names_ever_more_of_itself_falls_behind() -> None:
    order, trap, pages = FairOrder(Templates()), Lineage(), Lineage()
    for number in range(20):
        (trap, *_) = ranks(
            order, f"/t/a-b-{number}", trap, [f"/t/a-b-{number + 1}", "/t/x-y-1", "/t/x-y-2", "/t/x-y-3"]
        )
        order.praise(f"{HOST}/t/a-b-{number}", trap)
        own, *named = ranks(
            order, f"/s?page={number}", pages, [f"/s?page={number + 1}", *(f"/n/{n}" for n in range(5))]
        )
        for item, url in zip(named, range(5), strict=True):
            order.praise(f"{HOST}/n/{number * 5 + url}", item)
        pages = own
    assert pages.rank < 10_000, "a list of articles goes on quickly"
    assert trap.rank > 60_000, "a chain of its own kind has one page a step, with all that it names"


@pytest.mark.parametrize(
    ("page", "link", "recurrent"),
    [
        ("/", "/note/1", False),
        ("/list/1", "/note/1", False),
        ("/calendar/2026/11", "/calendar/2026/12", True),
        ("/shop", "/shop?colour=red", True),
        ("/shop?colour=red", "/shop?colour=red&size=m", True),
        ("/?page=1", "/?article=2", False),
        ("/f/red/big/", "/f/red/big/new/", True),
        ("/f/red/", "/f/red/big/", False),
        ("/news/", "/news/the-old-bridge-opens", False),
        ("/en/world/", "/en/world/the-old-bridge-opens", False),
        ("/world", "/the-old-bridge-opens", False),
    ],
)
def test_a_trap_leads_on_to_itself(page: str, link: str, recurrent: bool) -> None:
    found = FairOrder(Templates()).lineage(HOST + link, HOST + page, Lineage())
    assert found.is_recurrent is recurrent
    assert Lineage.of_meta({LINEAGE: found.to_meta()}) == found


def test_what_is_no_lineage_is_that_of_a_start_url() -> None:
    for value in (None, [], "x", [1, 2], ["a", 1, 2, 3], [1, 2, 3, 4, "k"]):
        assert Lineage.of_meta({LINEAGE: value}) == Lineage()
