"""Each page of the sites in `seeds/`, and of `forms/`, against its gold: what must be kept is kept once, and nothing
else stays. `forms/` has what is no article: live blogs, a forum's thread.

`sites/<site>/<page>.txt`, or `forms/<page>.txt` beside the page, holds the lines to keep, the headline first. A line
that begins with "? " (the caption of a picture, an agency's signature) may stay or go. Only letters, marks and digits
are compared, so that a line may be broken or joined differently without harm.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from saaf.cleaning import CleanDocument, Page, clean, read

SEEDS = Path(__file__).parents[2] / "seeds"
GOLD = Path(__file__).parent / "sites"
FORMS = Path(__file__).parent / "forms"
PAGES = [
    *sorted(path.relative_to(GOLD).with_suffix("").as_posix() for path in GOLD.glob("*/*.txt")),
    *sorted(f"forms/{path.stem}" for path in FORMS.glob("*.txt")),
]
GAP = "\n"


def letters(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character)[0] in "LMN")


def gold(page: str) -> tuple[list[str], list[str]]:
    """Return the lines that must stay and the lines that may."""
    path = FORMS.parent / f"{page}.txt" if page.startswith("forms/") else GOLD / f"{page}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("? ")], [line[2:] for line in lines if line.startswith("? ")]


@cache
def cleaned(page: str) -> CleanDocument:
    site, _, name = page.partition("/")
    if site == FORMS.name:
        return clean(read(Page(url=f"https://example.org/{name}.html", body=(FORMS / f"{name}.html").read_bytes())))
    responses = tomllib.loads((SEEDS / site / "manifest.toml").read_text(encoding="utf-8"))["response"]
    response = next(entry for entry in responses if entry["file"] == f"{name}.html")
    headers = (("Content-Type", response["content_type"]),)
    body = (SEEDS / site / response["file"]).read_bytes()
    return clean(read(Page(url=response["url"], body=body, headers=headers, fetched_at=response["fetched_at"])))


def compare(page: str) -> tuple[list[str], str]:
    """Return the gold lines that are not in the clean text, and the letters of the clean text that are not gold."""
    keep, may = gold(page)
    rest = letters(cleaned(page).text)
    missing = []
    for line in sorted(keep, key=lambda line: -len(line)):  # a short line must not eat a part of a longer one
        if letters(line) not in rest:
            missing.append(line)
        rest = rest.replace(letters(line), GAP, 1)
    for line in may:
        rest = rest.replace(letters(line), GAP, 1)
    return missing, " ".join(rest.split())


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_matters_is_kept(page: str) -> None:
    assert compare(page)[0] == []


@pytest.mark.parametrize("page", PAGES)
def test_nothing_else_stays(page: str) -> None:
    assert compare(page)[1] == ""


@pytest.mark.parametrize("page", PAGES)
def test_the_title_is_the_headline(page: str) -> None:
    headline = gold(page)[0][0]
    assert letters(cleaned(page).document.metadata.title or "") == letters(headline)
