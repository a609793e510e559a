"""The totals of a corpus, counted from its tables; the names of the fields are the keys of report.json."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from saaf.corpus.corpus_tables import column_names, count_rows, iter_batches
from saaf.corpus.file_names import DATA
from saaf.corpus.ledger import State
from saaf.corpus.report.dedupe_tables import RepeatedTotals, count_repeated
from saaf.corpus.report.duplicates import count_duplicates
from saaf.corpus.report.funnel import count_ledger
from saaf.corpus.report.groups import GroupCounter, sum_groups
from saaf.corpus.report.measure import count_characters, measure
from saaf.corpus.report.page_types import count_page_types
from saaf.corpus.report.profiles import ProfileCounter
from saaf.corpus.report.quality_totals import count_quality
from saaf.corpus.report.rights_totals import count_rights

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.report.duplicates import DuplicateTotals
    from saaf.corpus.report.funnel import StateTotal, Step
    from saaf.corpus.report.groups import Group, Groups
    from saaf.corpus.report.measure import RuleTotal
    from saaf.corpus.report.page_types import PageTypeTotal
    from saaf.corpus.report.profiles import ProfileTotals
    from saaf.corpus.report.quality_totals import QualityTotals
    from saaf.corpus.report.rights_totals import RightsTotals

STATE_MEANINGS = {
    State.KEPT: "in the corpus",
    State.DUPLICATE: "near-duplicate of a kept document",
    State.CONTAINED: "stands inside a longer kept document",
    State.JOINED: "a later page of an article, joined to its first",
    State.REPEATED: "another copy of the same page, or of the same text, was taken",
    State.TOO_SHORT: "too little text was left",
    State.WRONG_LANGUAGE: "in a language that was not asked for",
    State.LOW_QUALITY: "fails a threshold of quality",
    State.NO_OWN_CONTENT: "has no content of its own: a list of other pages, an error, a form to sign in",
    State.EMPTY: "no text at all",
    State.UNREADABLE: "could not be read",
    State.OVER_BUDGET: "took too long, or was too large",
    State.PENDING: "not fetched yet: the crawl ended first, or still runs",
    State.NOT_CONTENT: "taken for another purpose: robots.txt, sitemaps, feeds, listing pages",
    State.BLOCKED_BY_ROBOTS: "robots.txt asks not to fetch it",
    State.OFFSITE: "on a host outside the crawl",
    State.OUTSIDE_WINDOW: "dated outside the time that was asked for",
    State.ALTERNATE: "another address of a document that is crawled",
    State.REFUSED: "an address, port or scheme that the crawl may not request",
    State.RIGHTS_RESERVED: "its publisher reserves it from training",
    State.CHALLENGE: "the site asked to prove that the reader is human",
    State.TRAP: "one of endlessly many addresses that brought no new text",
    State.FETCH_FAILED: "the network gave no answer",
    State.HTTP_ERROR: "the server answered with an error",
    State.UNLISTED: "a fixture that its manifest does not name, or the reverse",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check that two counts from two tables are equal; `what` describes it."""

    what: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether the counts are equal."""
        return self.left == self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All totals of a corpus. The same corpus gives the same totals.

    `steps` are those of the build, in order. `all` is the sum over all documents; of its inputs, those that are none
    are left out. `flags` counts the kept documents with each flag, by the flag's name without an id. `rights` counts by
    host what publishers state, `profiles` what was removed because other pages of a site have it too.
    """

    inputs: int
    steps: tuple[Step, ...]
    states: tuple[StateTotal, ...]
    all: Group
    languages: Groups
    sites: Groups
    rules: tuple[RuleTotal, ...]
    flags: dict[str, int]
    checks: tuple[Check, ...]
    duplicates: DuplicateTotals
    repeated: RepeatedTotals
    rights: RightsTotals
    profiles: ProfileTotals
    quality: QualityTotals
    page_types: tuple[PageTypeTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the report shows of a corpus: rows of originals/ that may be shown, sorted, and ids of clusters."""

    candidates: tuple[int, ...]
    clusters: tuple[str, ...]


def count_totals(corpus: Path, directory: Path | None = None, characters: int | None = None) -> tuple[Totals, Choices]:
    """Return the totals of a corpus, and what is worth showing of it.

    `directory` is where temporary files go where there are millions of hosts or clusters, None for that of the system.
    `characters` are those of data/, None where nobody has counted them.
    """
    languages, sites = GroupCounter("language", directory, only_documents=True), GroupCounter("site", directory)
    ledger = count_ledger(corpus, (languages, sites), directory)
    profiles = ProfileCounter(directory)
    measurements = measure(corpus, (languages, sites), profiles)
    duplicates = count_duplicates(corpus, directory)
    by_language = languages.total()
    total = sum_groups([*by_language.top, *([by_language.others] if by_language.others else [])], "all")
    repeated = count_repeated(corpus)
    totals = Totals(
        inputs=ledger.inputs,
        steps=ledger.steps,
        states=ledger.states,
        all=total,
        languages=by_language,
        sites=sites.total(),
        rules=measurements.rules,
        flags=_count_flags(corpus),
        checks=(
            Check(
                what="inputs read as documents = rows of originals/",
                left=ledger.documents,
                right=measurements.documents,
            ),
            *_checks(corpus, ledger.states, total, duplicates.totals, repeated, characters),
        ),
        duplicates=duplicates.totals,
        repeated=repeated,
        rights=count_rights(corpus, directory),
        profiles=profiles.total(),
        quality=count_quality(corpus),
        page_types=count_page_types(corpus),
    )
    return totals, Choices(candidates=measurements.candidates, clusters=duplicates.shown)


def _checks(
    corpus: Path,
    states: tuple[StateTotal, ...],
    total: Group,
    duplicates: DuplicateTotals,
    repeated: RepeatedTotals,
    characters: int | None,
) -> tuple[Check, ...]:
    inputs_of = {state.name: state.inputs for state in states}
    older = " + copies of older documents" if repeated.matched else ""
    return (
        Check(what="state “kept” = rows of data/", left=inputs_of.get(State.KEPT, 0), right=count_rows(corpus, DATA)),
        Check(
            what=f"state “duplicate” = cluster members less representatives{older}",
            left=inputs_of.get(State.DUPLICATE, 0),
            right=duplicates.members - duplicates.clusters + repeated.matched,
        ),
        Check(
            what="characters read less those removed and dropped = characters of data/",
            left=total.kept,
            right=count_characters(corpus, DATA) if characters is None else characters,
        ),
    )


def _count_flags(corpus: Path) -> dict[str, int]:
    """Return how many kept documents have each flag, sorted by name; "appended:ID" counts as "appended"."""
    counts: Counter[str] = Counter()
    if "flags" in column_names(corpus, DATA):
        for batch in iter_batches(corpus, DATA, ["flags"], rows=20_000):
            for row in batch.filter(pc.greater(pc.list_value_length(batch["flags"]), 0))["flags"].to_pylist():
                counts.update({flag.partition(":")[0] for flag in row or ()})
    return dict(sorted(counts.items()))
