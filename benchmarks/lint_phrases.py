"""Measure false positives of the language packs: phrases that are whole lines of gold texts, where they are content.

    python -m benchmarks.lint_phrases PAGES [--most 1] [--languages pl,el] [--all]

PAGES is a data directory of `<set>/<id>.json` files with `url`, `lang` and `gold_text`. Each row of the table is a
phrase, its rules, the number of sites and pages with a line that consists of it, and the number of these on which the
rules would remove the line: a weak rule, or a single word, keeps it in front of a paragraph. The exit code is 1 where a
phrase is removed on more than `--most` sites, unless `RESIDUE` names it. Gold texts are not free of residue: read the
pages before you delete a phrase.
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
from saaf.cleaning.phrases.matcher import MATCHER
from saaf.cleaning.phrases.packs import PACKS, Role
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules.phrase_rules import phrase_rules
from saaf.cleaning.text.lines import split_lines
from saaf.cleaning.text.normalise import phrase_key

MAX_SITES: Final = 1  # one page on which a label is a heading proves little; a second site shows that it is common
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
"""Phrases that gold texts hold although they are residue, as sites print them: checked page by page."""
_RULES: Final = {rule.id: rule for rule in phrase_rules(*Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """A gold text: its `language` (ISO 639-1), the `site` it is from (a host, or its file where no URL is known)."""

    language: str
    site: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A normalised `phrase` that is a line in gold texts: numbers of pages and sites, and of those that remove it."""

    phrase: str
    rules: str
    pages: int
    sites: int
    removed_pages: int
    removed_sites: int


def gold_texts(pages: Path) -> Iterator[Gold]:
    """Yield the gold texts of a data directory, by file name; pages without one are skipped."""
    for path in sorted(pages.glob("*/*.json")):
        page = json.loads(path.read_text(encoding="utf-8"))
        if page.get("gold_text"):
            site = urlsplit(page.get("url") or "").hostname or path.stem
            yield Gold(language=page.get("lang") or "", site=site, text=page["gold_text"])


def phrases_in(text: str) -> dict[str, tuple[str, bool]]:
    """Return the phrases that are whole lines of `text`, each with its rules and whether any of them removes it."""
    found: dict[str, tuple[str, bool]] = {}
    document = document_from_text(text)
    for line in split_lines(document.text):
        names = [rule.id for rule in MATCHER.index.get(line.phrase_key, ())]
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
    """Return the findings in `golds`, sorted by the number of sites that remove the phrase, the most first."""
    rules_of: dict[str, str] = {}
    sites_with: defaultdict[str, list[str]] = defaultdict(list)
    sites_removing: defaultdict[str, list[str]] = defaultdict(list)
    for gold in golds:
        for phrase, (names, removed) in phrases_in(gold.text).items():
            rules_of[phrase] = names
            sites_with[phrase].append(gold.site)
            if removed:
                sites_removing[phrase].append(gold.site)
    rows = [
        Finding(
            phrase=phrase,
            rules=rules_of[phrase],
            pages=len(sites),
            sites=len(set(sites)),
            removed_pages=len(sites_removing[phrase]),
            removed_sites=len(set(sites_removing[phrase])),
        )
        for phrase, sites in sites_with.items()
    ]
    return sorted(rows, key=lambda row: (-row.removed_sites, -row.removed_pages, -row.sites, -row.pages, row.phrase))


def faults(rows: Iterable[Finding], *, max_sites: int = MAX_SITES, residue: frozenset[str] = RESIDUE) -> list[Finding]:
    """Return the findings that are removed on more than `max_sites` sites and that `residue` does not name."""
    known = {phrase_key(phrase) for phrase in residue}
    return [row for row in rows if row.removed_sites > max_sites and row.phrase not in known]


def _table(rows: Sequence[Finding]) -> Iterator[str]:
    yield "| phrase | rules | sites | pages | taken on sites | on pages |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        counts = f"{row.sites} | {row.pages} | {row.removed_sites} | {row.removed_pages}"
        yield f"| {row.phrase} | {row.rules} | {counts} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the lint; return 1 where a phrase is at fault, 2 where there is no gold text, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument(
        "--most", type=int, default=MAX_SITES, help="on how many sites a phrase may be removed (%(default)s)"
    )
    parser.add_argument("--languages", default="", help="ISO 639-1 codes of the gold texts to check, with commas")
    parser.add_argument("--all", action="store_true", help="print every phrase found, not only those at fault")
    options = parser.parse_args(arguments)
    asked = set(filter(None, options.languages.split(",")))
    golds = [gold for gold in gold_texts(options.pages) if not asked or gold.language in asked]
    if not golds:
        print(f"{options.pages} holds no gold texts; it must hold <set>/<id>.json with gold_text.", file=sys.stderr)
        return 2
    rows = findings(golds)
    wrong = faults(rows, max_sites=options.most)
    print("\n".join(_table(rows if options.all else wrong)))
    phrases = sum(len(rule.phrases) for rule in PACKS)
    print(f"\n{len(golds)} gold texts, {phrases} phrases: {len(rows)} found, {len(wrong)} at fault.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
