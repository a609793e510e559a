"""Measure titles, dates and authors of real pages, beside trafilatura's on the same pages.

    python -m benchmarks.metadata_quality PAGES [--authors FILE] [--sets SET …]

PAGES is a directory of `<set>/<id>.html.gz` with `<set>/<id>.json` beside each, which holds `url` and, where they are
known, `gold_title`, `gold_date` and `gold_author` (a name or a list of names; an empty list: the page names nobody).
FILE is a JSON object with the authors of pages by `<set>/<id>`, for pages without `gold_author`.

Prints a table in Markdown, by half and by set; after each number of pages with gold the shares of outcomes in percent;
"nobody" are the pages that name no author. The pages of a host are in the half "dev" or "held out" by a digest of
the host: what is tuned on one half is measured on the other. A title is exact where its letters and digits are those of
the gold; a date is right within one day, as time zones differ; an author is right where one of the names is one of the
gold's, whole.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import trafilatura

from saaf import cleaning
from saaf.cleaning.html.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
_BETWEEN_NAMES: Final = re.compile(r"[;,،、&/]|\b(?:and|und|et|y|e|en|og|och|و|اور|और)\b")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESTAMP: Final = re.compile(r"(\d{10})(?:\d{3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a method says of a page; None where it says nothing."""

    title: str | None = None
    date: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The outcomes of a page by method: "title exact", "date wrong" and so on; `group` is its set, `half` its half."""

    group: str
    half: str
    outcomes: dict[str, tuple[str, ...]]


def key(text: str | None) -> str:
    """Return the letters and digits of a text, case folded."""
    return _NOT_A_LETTER.sub("", (text or "").casefold())


def half_of(host: str) -> str:
    """Return "dev" or "held out", the same for every page of a host."""
    return "dev" if hashlib.sha256(host.encode()).digest()[0] % 2 else "held out"


def names_of(text: str | None) -> set[str]:
    """Return the keys of the names in a list of authors, and of the whole."""
    return {key(part) for part in [*_BETWEEN_NAMES.split(text or ""), text]} - {""}


def gold_day(value: object) -> date | None:
    """Return the day of a gold date, which is ISO 8601 or a Unix time in seconds or milliseconds; None for another."""
    text = str(value or "")
    if found := _DAY.match(text):
        return date.fromisoformat(found[0])
    if found := _TIMESTAMP.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]), UTC).date()
    return None


def outcomes(found: Found, gold: dict[str, object]) -> tuple[str, ...]:
    """Return the outcomes of one method on one page, for the fields whose gold is known."""
    results: list[str] = []
    if gold.get("gold_title"):
        results.append("title exact" if key(found.title) == key(str(gold["gold_title"])) else "title other")
    if day := gold_day(gold.get("gold_date")):
        own = gold_day(found.date)
        right = own is not None and abs((own - day).days) <= 1
        results.append("date none" if own is None else "date right" if right else "date wrong")
    authors = gold.get("gold_author")
    if isinstance(authors, str):
        authors = [authors]
    if isinstance(authors, list) and authors:
        right = bool(names_of(found.author) & {name for author in authors for name in names_of(str(author))})
        results.append("author none" if not found.author else "author right" if right else "author wrong")
    elif isinstance(authors, list):
        results.append("nobody invented" if found.author else "nobody none")
    return tuple(results)


def score(path: Path, authors: Sequence[str] | None) -> Scored | None:
    """Return the outcomes of a page, None where it cannot be read."""
    gold = json.loads(path.read_bytes())
    if authors is not None:
        gold["gold_author"] = list(authors)
    body = gzip.decompress(path.with_suffix(".html.gz").read_bytes())
    url = gold["url"] if str(gold.get("url") or "").startswith("http") else None
    try:
        metadata = cleaning.read(cleaning.Page(url=url, body=body)).metadata
    except cleaning.Unreadable:
        return None
    theirs = trafilatura.extract_metadata(decode(body, None).text, default_url=url)
    other = Found(title=theirs.title, date=theirs.date, author=theirs.author) if theirs else Found()
    host = (urlsplit(url).hostname if url else None) or gold.get("site") or gold.get("publisher") or path.stem
    return Scored(
        group=path.parent.name,
        half=half_of(re.sub(r"^(?:www|m|amp)\.", "", str(host))),
        outcomes={
            "saaf": outcomes(Found(title=metadata.title, date=metadata.published, author=metadata.author), gold),
            "trafilatura": outcomes(other, gold),
        },
    )


def table(scored: Iterable[Scored]) -> list[str]:
    """Return the lines of the table: shares in percent of the pages whose gold is known."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for page in scored:
        for method, results in page.outcomes.items():
            for group in (page.half, page.group):
                counts.setdefault((group, method), Counter()).update(results)
    head = (
        "| pages | method | titles | exact | dates | right | wrong | none "
        "| authors | right | wrong | none | nobody | invented |"
    )
    lines = [
        head,
        "|---|---|" + "--:|" * 12,
    ]
    first = {"dev": 0, "held out": 1}
    for group, method in sorted(counts, key=lambda each: (first.get(each[0], 2), each)):
        cells = [
            cell
            for field, results in (
                ("title", ("exact",)),
                ("date", ("right", "wrong", "none")),
                ("author", ("right", "wrong", "none")),
                ("nobody", ("invented",)),
            )
            for cell in _cells(counts[group, method], field, results)
        ]
        lines.append(f"| {group} | {method} | " + " | ".join(cells) + " |")
    return lines


def _cells(counts: Counter[str], field: str, results: Sequence[str]) -> list[str]:
    total = sum(count for name, count in counts.items() if name.startswith(field + " "))
    return [str(total), *(f"{100 * counts[f'{field} {result}'] / total:.1f}" if total else "" for result in results)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--authors", type=Path)
    parser.add_argument("--sets", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    authors = json.loads(arguments.authors.read_bytes()) if arguments.authors else {}
    paths = [
        path
        for path in sorted(arguments.pages.glob("*/*.json"))
        if path.with_suffix(".html.gz").exists() and (not arguments.sets or path.parent.name in arguments.sets)
    ]
    known = [authors.get(f"{path.parent.name}/{path.stem}") for path in paths]
    with ProcessPoolExecutor(arguments.workers) as pool:
        print("\n".join(table(filter(None, pool.map(score, paths, known, chunksize=8)))))


if __name__ == "__main__":
    main()
