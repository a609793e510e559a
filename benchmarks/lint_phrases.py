"""Find phrases of the language packs that stand as lines of their own inside gold texts, where they are content.

    python -m benchmarks.lint_phrases PAGES [--most 1] [--languages pl,el] [--all]

PAGES is a data directory of `<set>/<id>.json` files with `url`, `lang` and `gold_text`. Each row of the table is a
phrase, its rules, on how many sites and pages a line consists of it, and on how many of these pages they would take
the line: a weak rule, or a single word, stays in front of a paragraph. Ends with 1 where a phrase is taken on more
than `--most` sites, unless `RESIDUE` names it. Gold texts are not free of residue; read the pages before a phrase goes.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from saaf.cleaning.phrases.annotated_text import annotate
from saaf.cleaning.phrases.packs import PACKS, PHRASE_INDEX, Role
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules.phrase_rules import phrase_rules
from saaf.cleaning.text.lines import split_lines
from saaf.cleaning.text.normalise import phrase_key

MOST: Final = 1  # one page in which a label is a heading says little against it; a second site says that it is common
RESIDUE: Final = frozenset(
    [
        "About the author",
        "Advertisement",
        "Continue reading the main story",
        "Learn more",
        "More...",
        "Next",
        "PAP",
        "Read more",
        "Share",
        "Trending",
    ]
)
"""Phrases that gold texts hold although they are residue, as sites print them: looked at page by page."""
_RULES: Final = {rule.id: rule for rule in phrase_rules(*Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A gold text: its `language` (ISO 639-1), the `site` it is from (a host, or its file where no URL is known)."""

    language: str
    site: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A normalised `phrase` that is a line in gold texts: on how many pages and sites, and on how many it is taken."""

    phrase: str
    rules: str
    pages: int
    sites: int
    taken_pages: int
    taken_sites: int


def gold_texts(pages: Path) -> Iterator[Gold]:
    """Yield the gold texts of a data directory, by file name; pages without one are passed over."""
    for path in sorted(pages.glob("*/*.json")):
        page = json.loads(path.read_text(encoding="utf-8"))
        if page.get("gold_text"):
            site = urlsplit(page.get("url") or "").hostname or path.stem
            yield Gold(language=page.get("lang") or "", site=site, text=page["gold_text"])


def phrases_in(text: str) -> dict[str, tuple[str, bool]]:
    """Return the phrases that are whole lines of `text`, each with its rules and whether any of them takes it."""
    found: dict[str, tuple[str, bool]] = {}
    document = document_from_text(text)
    for line in split_lines(document.text):
        names = [rule.id for rule in PHRASE_INDEX.get(line.phrase_key, ())]
        if names:
            starts = {
                removal.start for name in names for removal in _RULES[name].find(document, annotate(document.text))
            }
            found[line.phrase_key] = (
                " ".join(names),
                line.start in starts or found.get(line.phrase_key, ("", False))[1],
            )
    return found


def findings(golds: Iterable[Gold]) -> list[Finding]:
    """Return what was found in `golds`: first what is taken on most sites, then by count and phrase."""
    rules_of: dict[str, str] = {}
    seen: defaultdict[str, list[str]] = defaultdict(list)
    taken: defaultdict[str, list[str]] = defaultdict(list)
    for gold in golds:
        for phrase, (names, goes) in phrases_in(gold.text).items():
            rules_of[phrase] = names
            seen[phrase].append(gold.site)
            if goes:
                taken[phrase].append(gold.site)
    rows = [
        Finding(
            phrase=phrase,
            rules=rules_of[phrase],
            pages=len(sites),
            sites=len(set(sites)),
            taken_pages=len(taken[phrase]),
            taken_sites=len(set(taken[phrase])),
        )
        for phrase, sites in seen.items()
    ]
    return sorted(rows, key=lambda row: (-row.taken_sites, -row.taken_pages, -row.sites, -row.pages, row.phrase))


def faults(rows: Iterable[Finding], *, most: int = MOST, residue: frozenset[str] = RESIDUE) -> list[Finding]:
    """Return the rows that are taken on more than `most` sites and that `residue` does not name."""
    known = {phrase_key(phrase) for phrase in residue}
    return [row for row in rows if row.taken_sites > most and row.phrase not in known]


def _table(rows: Sequence[Finding]) -> Iterator[str]:
    yield "| phrase | rules | sites | pages | taken on sites | on pages |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        counts = f"{row.sites} | {row.pages} | {row.taken_sites} | {row.taken_pages}"
        yield f"| {row.phrase} | {row.rules} | {counts} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the lint; return 1 where a phrase is at fault, 2 where there is no gold text to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--most", type=int, default=MOST, help="on how many sites a phrase may be taken (%(default)s)")
    parser.add_argument("--languages", default="", help="ISO 639-1 codes of the gold texts to look at, with commas")
    parser.add_argument("--all", action="store_true", help="print every phrase found, not only those at fault")
    options = parser.parse_args(arguments)
    asked = set(filter(None, options.languages.split(",")))
    golds = [gold for gold in gold_texts(options.pages) if not asked or gold.language in asked]
    if not golds:
        print(f"{options.pages} holds no gold texts; it must hold <set>/<id>.json with gold_text.", file=sys.stderr)
        return 2
    rows = findings(golds)
    wrong = faults(rows, most=options.most)
    print("\n".join(_table(rows if options.all else wrong)))
    phrases = sum(len(rule.phrases) for rule in PACKS)
    print(f"\n{len(golds)} gold texts, {phrases} phrases: {len(rows)} found, {len(wrong)} at fault.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
