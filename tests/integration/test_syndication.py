"""An article, its copies on other sites and its extracted text: hidden from each other by residue, found when clean."""

from __future__ import annotations

import tomllib
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from saaf.cleaning import CleanDocument, Page, clean, read
from saaf.cleaning.site.profile import merge_profiles, profile_page
from saaf.dedupe import find_duplicates

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
GOLD = ROOT / "tests" / "golden" / "sites"
COPIES = {
    (copy["left"], copy["right"])
    for copy in tomllib.loads((GOLD / "syndicated.toml").read_text(encoding="utf-8"))["copy"]
}
PAGES = sorted(path.relative_to(GOLD).with_suffix("").as_posix() for path in GOLD.glob("*/*.txt"))
TEXTS = {
    "000_ea40fb25f8e93f5a": "samachar/isis-ko-mauka-nahin-baghdad",
    "001_fd00f64407eb8168": "lokpatra/siriyai-videsh-mantri-moscow",
    "002_17ccf73d9d5bbf05": "khabar/sham-karwaiyan-qazaqistan",
    "003_99106a1b009a324b": "udaan/iran-iraq-sambandh",
    "004_6c95415e13a1eb0b": "shabaka/washington-daesh-syria",
}


def response(directory: Path, file: str) -> Page:
    entries = tomllib.loads((directory / "manifest.toml").read_text(encoding="utf-8"))["response"]
    entry = next(entry for entry in entries if entry["file"] == file)
    headers = (("Content-Type", entry["content_type"]),)
    return Page(url=entry["url"], body=(directory / file).read_bytes(), headers=headers, fetched_at=entry["fetched_at"])


@cache
def cleaned() -> dict[str, CleanDocument]:
    """Every article page of the sites, cleaned beside the others of its site as a build does, and the five texts."""
    pages = {name: response(SEEDS / name.partition("/")[0], f"{name.partition('/')[2]}.html") for name in PAGES}
    pages |= {name: response(SEEDS, f"{name}.txt") for name in TEXTS}
    alone = {name: clean(read(page)) for name, page in sorted(pages.items())}
    profiles = {
        site: merge_profiles(profile_page(document) for document in alone.values() if document.document.site == site)
        for site in {document.document.site for document in alone.values()}
    }
    return {name: clean(one.document, profile=profiles[one.document.site]) for name, one in alone.items()}


def together(texts: dict[str, str]) -> set[frozenset[str]]:
    """Every two names that end in one cluster."""
    names = list(texts)
    clusters = find_duplicates([texts[name] for name in names]).clusters
    return {
        frozenset((names[left], names[right]))
        for cluster in clusters
        for left, right in combinations(cluster.members, 2)
    }


@pytest.fixture(scope="module")
def before() -> set[frozenset[str]]:
    return together({name: document.document.text for name, document in cleaned().items()})


@pytest.fixture(scope="module")
def after() -> set[frozenset[str]]:
    return together({name: document.text for name, document in cleaned().items()})


@pytest.mark.parametrize("copy", sorted(COPIES), ids=" ".join)
def test_a_copy_is_found_only_after_cleaning(
    copy: tuple[str, str], before: set[frozenset[str]], after: set[frozenset[str]]
) -> None:
    assert frozenset(copy) not in before
    assert frozenset(copy) in after


@pytest.mark.parametrize("text", TEXTS)
def test_an_extracted_text_is_found_again_as_the_page_it_came_from(text: str, after: set[frozenset[str]]) -> None:
    assert frozenset((text, TEXTS[text])) in after


def test_no_two_other_pages_are_taken_for_copies(after: set[frozenset[str]]) -> None:
    article = {page: page for page in PAGES} | TEXTS | {right: left for left, right in COPIES}
    assert {pair for pair in after if len({article[name] for name in pair}) > 1} == set()
