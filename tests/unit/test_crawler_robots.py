"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import time

import pytest

from saaf.crawler.politeness.robots import MAX_FILES, MAX_MEMORY, RobotsFile, RobotsFiles
from saaf.crawler.politeness.robots_rules import MAX_BYTES, Rfc9309Parser, decode_robots, product_token

HOST = "https://a.example"


def allows(text: str | bytes, path: str, tokens: str = "saaf") -> bool:
    return Rfc9309Parser(text if isinstance(text, bytes) else text.encode()).allowed(HOST + path, tokens)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /fish", "/fish.html", False),
        ("Disallow: /fish", "/Fish", True),
        ("Disallow: fish", "/fish", False),
        ("Disallow: /fish/", "/fish", True),
        ("Disallow: /fish*", "/fishheads", False),
        ("Disallow: /*.php", "/a/b.php?c", False),
        ("Disallow: /*.php$", "/a.php", False),
        ("Disallow: /*.php$", "/a.php?c", True),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /a*b*c", "/a-c-b", True),
        ("Disallow: /a*b*c", "/a-b-b-c!", False),
        ("Disallow: /*?", "/a", True),
        ("Disallow: /*?", "/a?b", False),
        ("Disallow: /\nAllow: /p", "/page", True),
        ("Allow: /p\nDisallow: /", "/page", True),
        ("Allow: /folder\nDisallow: /folder", "/folder/page", True),
        ("Allow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("Allow: /$\nDisallow: /", "/", True),
        ("Allow: /$\nDisallow: /", "/page.htm", False),
        ("Disallow: /ümlaut", "/%C3%BCmlaut", False),
        ("Disallow: /%C3%BC", "/ü", False),
        ("Disallow: /a%2fb", "/a%2Fb", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /%7Euser", "/~user", False),
        ("Disallow: /path%2A", "/path*", False),
        ("Disallow: /path%2A", "/pathX", True),
        ("Disallow: /price%24", "/price$", False),
        ("Disallow: /a # all of it", "/a", False),
        ("# Disallow: /a", "/a", True),
        ("disAllow : /a", "/a", False),
        ("Noindex: /a", "/a", True),
        ("Disallow: /a\0b", "/ab", False),
    ],
)
def test_the_longest_rule_counts(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: SAAF\nDisallow: /", False),
        ("User-agent: saaf/0.2 (x)\nDisallow: /", False),
        ("User-agent: a\nDisallow: /", True),
        ("User-agent: saafari\nDisallow: /", True),
        ("User-agent: other\nUser-agent: saaf\nDisallow: /", False),
        ("User-agent: other\nDisallow: /\nUser-agent: saaf\nAllow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: saaf\nDisallow: /x", True),
        ("User-agent: saaf\nDisallow: /x\n\nUser-agent: saaf\nDisallow: /", False),
        ("User-agent: other\nCrawl-delay: 3\nUser-agent: saaf\nDisallow: /", False),
        ("User-agent: other\nSitemap: https://a.example/s\nUser-agent: saaf\nDisallow: /", False),
        ("Disallow: /", True),
        ("<html><body>User-agent: *</body></html>", True),
        ("User agent: *\nDissallow: /", False),
        ("user-agent:*\ndisallow:/", False),
    ],
)
def test_groups_are_chosen_by_the_whole_product_token(text: str, allowed: bool) -> None:
    assert allows(text, "/page") is allowed


def test_the_name_of_the_bot_counts_beside_that_of_the_software() -> None:
    text = "User-agent: *\nDisallow: /\nUser-agent: mybot\nAllow: /\nDisallow: /x\n"
    assert not allows(text, "/a", "saaf")
    assert allows(text, "/a", "saaf mybot")
    assert not allows(text, "/x", "mybot")
    both = "User-agent: saaf\nDisallow: /s\nUser-agent: mybot\nDisallow: /m\n"
    assert not allows(both, "/s", "saaf mybot")
    assert not allows(both, "/m", "saaf mybot")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    assert not allows(end.join(["User-agent: *", "Disallow: /ü", ""]).encode(encoding), "/%C3%BC")


def test_only_the_first_512_kib_count_and_no_line_is_cut() -> None:
    rule = b"Disallow: /private/a\n"
    text = b"User-agent: *\n"
    inside = text + b"#" * (MAX_BYTES - len(text) - len(rule) - 1) + b"\n" + rule
    assert len(inside) == MAX_BYTES
    assert not allows(inside, "/private/a")
    cut = text + b"#" * (MAX_BYTES - len(text) - len(rule) + 5) + b"\n" + rule + b"Disallow: /\n"
    assert allows(cut, "/private/a")
    assert allows(cut, "/private"), "half of a rule is none"
    assert decode_robots(b"x" * (MAX_BYTES + 1)) == ""


@pytest.mark.parametrize(
    ("lines", "delay"),
    [("Crawl-delay: 2.5", 2.5), ("Crawl-delay: 7,5", 7.5), ("crawl-delay:10 # s", 10.0), ("Crawl-delay: -1", None),
     ("Crawl-delay: nan", None), ("Crawl-delay: inf", None), ("Crawl-delay: soon", None), ("Crawl-delay:", None),
     ("Crawl-delay: 1\nCrawl-delay: 3", 3.0), ("Disallow: /", None)],
)  # fmt: skip
def test_crawl_delay(lines: str, delay: float | None) -> None:
    parser = Rfc9309Parser(f"User-agent: *\n{lines}\n".encode())
    assert parser.crawl_delay("saaf") == delay
    assert Rfc9309Parser(f"User-agent: other\n{lines}\n".encode()).crawl_delay("saaf") is None


def test_no_file_makes_matching_slow() -> None:
    patterns = [f"Disallow: /{'*a' * 100}{number}$" for number in range(2400)]
    parser = Rfc9309Parser("\n".join(["User-agent: *", *patterns]).encode())
    prefixes = Rfc9309Parser("\n".join(["User-agent: *", *(f"Disallow: /{n}" for n in range(30_000))]).encode())
    began = time.process_time()
    assert parser.allowed(f"{HOST}/{'a' * 2000}", "saaf")
    assert not prefixes.allowed(f"{HOST}/29999/{'a' * 2000}", "saaf")
    assert time.process_time() - began < 2


def test_product_tokens() -> None:
    assert product_token("MyBot/1.0 (+https://a.example)") == "mybot"
    assert product_token("") == product_token("(x)") == ""


def test_many_large_files_take_bounded_memory_and_small_ones_all_stay() -> None:
    files = RobotsFiles()
    large = RobotsFile(
        rules=Rfc9309Parser("\n".join(["User-agent: *", *(f"Disallow: /{n}" for n in range(30_000))]).encode())
    )
    for number in range(40):
        files.put(f"https://{number}.example", large)
        files.put("https://again.example", large)
    kept = [number for number in range(40) if files.get(f"https://{number}.example")]
    assert kept == list(range(kept[0], 40))
    assert MAX_MEMORY / 2 < files.size <= MAX_MEMORY
    few = RobotsFiles()
    for number in range(MAX_FILES + 1):
        few.put(f"https://{number}.example", RobotsFile(rules=None))
    assert few.get("https://0.example") is None
    assert few.get("https://1.example") is not None
