"""The offline fixtures are what they say: complete, closed in themselves, and hard where they mean to be hard."""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import lxml.etree
import lxml.html
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = Path(__file__).parents[2] / "seeds"
GOLD = Path(__file__).parents[1] / "golden" / "sites"
SITES = sorted(path.parent.name for path in SEEDS.glob("*/manifest.toml"))
WHOLE_SITES = [site for site in SITES if site != "broken"]
COPIES = [
    (copy["left"], copy["right"])
    for copy in tomllib.loads((GOLD / "syndicated.toml").read_text(encoding="utf-8"))["copy"]
]
TEXTS = {
    "000_ea40fb25f8e93f5a.txt": "eab2517787f8162840d098c8911df0aa153448607bd620dd7ed24f3067da5cae",
    "001_fd00f64407eb8168.txt": "71024fffd1a20af824718687ca38378f65809ee320f1bc9d2f1a3f898e8e139d",
    "002_17ccf73d9d5bbf05.txt": "608bbad5473604cb63e03a3d359a377dece0378b0b3ed5227dedb57b2def6e3a",
    "003_99106a1b009a324b.txt": "fcf305578b11f64e1a5df3824aefdf2d29e3ea1def17f81371791bc34c58c8eb",
    "004_6c95415e13a1eb0b.txt": "af4378d797442192879c7e5dbf47fec866b8c4787e88a15f75bf3212400af8f5",
}


def manifest(directory: Path) -> dict[str, Any]:
    return tomllib.loads((directory / "manifest.toml").read_text(encoding="utf-8"))


def charset_of(response: dict[str, Any]) -> str:
    message = Message()
    message["Content-Type"] = response["content_type"]
    return message.get_content_charset("utf-8")


def tree_of(site: str, response: dict[str, Any]) -> lxml.html.HtmlElement:
    text = (SEEDS / site / response["file"]).read_bytes().decode(charset_of(response))
    return lxml.html.fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))


def html_responses(site: str) -> list[dict[str, Any]]:
    return [entry for entry in manifest(SEEDS / site)["response"] if entry["content_type"].startswith("text/html")]


def links(site: str) -> Iterator[str]:
    for response in html_responses(site):
        for href in tree_of(site, response).xpath("//a/@href | //link[@rel='alternate']/@href"):
            if not href.startswith(("#", "mailto:", "whatsapp:")):
                yield urldefrag(urljoin(response["url"], href)).url


@pytest.mark.parametrize(("name", "checksum"), TEXTS.items())
def test_the_five_texts_are_as_they_came(name: str, checksum: str) -> None:
    assert hashlib.sha256((SEEDS / name).read_bytes()).hexdigest() == checksum


def test_the_five_texts_are_replayed_under_a_host_that_cannot_resolve() -> None:
    responses = manifest(SEEDS)["response"]
    assert {entry["url"]: entry["file"] for entry in responses} == {
        f"https://seeds.invalid/{name}": name for name in TEXTS
    }
    assert {entry["content_type"] for entry in responses} == {"text/plain; charset=utf-8"}


@pytest.mark.parametrize("directory", [SEEDS, *(SEEDS / site for site in SITES)], ids=lambda path: path.name)
def test_every_entry_says_what_replay_needs(directory: Path) -> None:
    content = manifest(directory)
    urls = [entry["url"] for entry in content["response"]]
    assert len(set(urls)) == len(urls)
    for entry in content["response"]:
        assert entry.keys() <= {"url", "file", "content_type", "status", "fetched_at", "headers", "bytes"}
        url = urlsplit(entry["url"])
        assert url.scheme == "https"
        assert (url.hostname or "").rpartition(".")[2] in {"example", "invalid"}
        if "site" in content:
            assert url.hostname == content["site"]["host"]
        assert isinstance(entry["fetched_at"], datetime)
        assert entry["fetched_at"].tzinfo is not None


@pytest.mark.parametrize("directory", [SEEDS, *(SEEDS / site for site in SITES)], ids=lambda path: path.name)
def test_listed_and_present_files_are_the_same(directory: Path) -> None:
    present = {path.name for path in directory.iterdir() if path.is_file()} - {"manifest.toml", "README.md"}
    listed = {entry["file"] for entry in manifest(directory)["response"]}
    if directory.name == "broken":  # on purpose: one of each
        assert (listed - present, present - listed) == ({"missing.html"}, {"not-listed.html"})
    else:
        assert listed == present


@pytest.mark.parametrize("site", WHOLE_SITES)
def test_pages_decode_as_they_declare(site: str) -> None:
    for entry in manifest(SEEDS / site)["response"]:
        text = (SEEDS / site / entry["file"]).read_bytes().decode(charset_of(entry))
        assert "\ufffd" not in text
        assert not any("\x80" <= character <= "\x9f" for character in text)


@pytest.mark.parametrize("site", WHOLE_SITES)
def test_a_site_has_what_a_crawl_meets(site: str) -> None:
    content = manifest(SEEDS / site)
    by_url = {entry["url"]: entry for entry in content["response"]}
    linked = set(links(site))
    robots = RobotFileParser()
    robots.parse((SEEDS / site / "robots.txt").read_text(encoding="utf-8").splitlines())
    assert set(content["site"]["start"]) <= by_url.keys()
    assert any(not robots.can_fetch("*", url) for url in linked & by_url.keys()), "a linked page closed by robots.txt"
    assert any(by_url[url].get("status") == 404 for url in linked & by_url.keys()), "a dead link"
    assert any(urlsplit(url).hostname != content["site"]["host"] for url in linked), "a link to another host"
    feeds = {url for url, entry in by_url.items() if entry["file"] == "feed.xml"}
    assert feeds, "a feed"
    assert feeds <= linked
    # Closed in itself: whatever a crawl of the site can ask for is there, so that a miss is always an error.
    assert {url for url in linked if urlsplit(url).hostname == content["site"]["host"]} <= by_url.keys()


@pytest.mark.parametrize("site", WHOLE_SITES)
def test_sitemap_and_feed_lead_to_the_articles(site: str) -> None:
    urls = {entry["url"] for entry in manifest(SEEDS / site)["response"]}
    sitemap = lxml.etree.parse(SEEDS / site / "sitemap.xml")
    listed = [element.text for element in sitemap.iter("{*}loc")]
    assert len(listed) >= 5
    assert set(listed) <= urls
    feed = lxml.etree.parse(SEEDS / site / "feed.xml").getroot()
    entries = [element.text or element.get("href") for element in feed.findall(".//{*}item/link")]
    entries += [element.get("href") for element in feed.findall(".//{*}entry/{*}link")]
    assert set(entries) == set(listed)


@pytest.mark.parametrize("site", WHOLE_SITES)
def test_pages_were_fetched_after_they_were_written(site: str) -> None:
    fetched_at = {entry["fetched_at"] for entry in manifest(SEEDS / site)["response"]}
    newest = max(str(element.text) for element in lxml.etree.parse(SEEDS / site / "sitemap.xml").iter("{*}lastmod"))
    assert min(fetched_at).date().isoformat() > newest


def test_legacy_encodings_are_among_the_pages() -> None:
    encodings = {charset_of(entry) for site in WHOLE_SITES for entry in html_responses(site)}
    assert encodings == {"utf-8", "windows-1256", "windows-1252", "shift_jis"}


# The independent measure: nothing below comes from the packages under test.

ONE_LETTER = str.maketrans("يىكه", "ییکہ", "\u0640\u200c\u200d\u093c")


def plain(text: str) -> str:
    return text.lower()


def folded(text: str) -> str:
    """One form for the letters, digits and marks that the copies write differently."""
    letters = unicodedata.normalize("NFKD", text.lower()).translate(ONE_LETTER)
    letters = "".join(character for character in letters if not "\u064b" <= character <= "\u0655")
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in letters)


def word_trigrams(text: str) -> set[tuple[str, ...]]:
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def jaccard(left: str, right: str) -> float:
    one, other = word_trigrams(left), word_trigrams(right)
    return len(one & other) / len(one | other)


def visible_text(name: str) -> str:
    site, _, page = name.partition("/")
    response = next(entry for entry in html_responses(site) if entry["file"] == f"{page}.html")
    tree = tree_of(site, response)
    return " ".join(tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))


def gold_text(name: str) -> str:
    lines = (GOLD / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("? "))


@pytest.mark.parametrize(("left", "right"), COPIES)
def test_residue_hides_a_syndicated_copy_before_cleaning(left: str, right: str) -> None:
    pages = visible_text(left), visible_text(right)
    assert jaccard(*map(plain, pages)) <= 0.6
    assert jaccard(*map(folded, pages)) <= 0.6  # folding alone does not find it


@pytest.mark.parametrize(("left", "right"), COPIES)
def test_a_syndicated_copy_is_a_near_duplicate_without_residue(left: str, right: str) -> None:
    assert jaccard(folded(gold_text(left)), folded(gold_text(right))) >= 0.85


@pytest.mark.parametrize(("left", "right"), [copy for copy in COPIES if copy[1].startswith(("akhbarnama", "mirsad"))])
def test_code_points_hide_a_copy_from_a_measure_that_does_not_fold(left: str, right: str) -> None:
    assert jaccard(plain(gold_text(left)), plain(gold_text(right))) < 0.4
