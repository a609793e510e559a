"""The parts of a data set card on what may be done with the texts: licences, rights signals, personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.corpus.ledger import State
from saaf.corpus.publication.front_matter import uniform_licence
from saaf.corpus.publication.markdown import NOT_RECORDED, TOP, most, most_quoted, quoted, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.publication.statistics import CorpusStatistics, Statistics

_GRANTS = {False: "the corpus", True: "that licence"}


def licences_and_rights(counted: CorpusStatistics, settings: Mapping[str, Any], licence: str | None) -> list[str]:
    """Return the lines on what publishers allow; `licence` is that of the collection as its makers state it."""
    total = counted.total
    licensed = sum(total.counts.get("rights_licence", {}).values())
    whole = uniform_licence(total)
    train = total.counts.get("rights_train", {})
    return [
        "## Licences and rights",
        "",
        *([f"Licence of the collection, as its makers state it: {quoted(licence)}."] if licence else []),
        (
            f"Every document names the licence {whole}."
            if whole
            else f"The texts belong to their authors and publishers; {_GRANTS[bool(licence)]} grants none to them."
        )
        + " Four columns record what page, headers and site said when the page was fetched.",
        "",
        *table(
            ("documents", "number"),
            [
                ("whose publisher reserves them from training", train.get("reserved", 0)),
                ("whose publisher allows training", train.get("allowed", 0)),
                ("whose publisher says nothing of training", total.documents - sum(train.values())),
                ("reserved from search", total.counts.get("rights_search", {}).get("reserved", 0)),
                ("with a licence named in page, header or robots.txt", licensed),
                ("left out for reserved rights", counted.states.get(State.RIGHTS_RESERVED, 0)),
            ],
        ),
        "",
        f"Documents that are reserved: {quoted(settings.get('rights'))} (`record` keeps them, `skip` leaves them out).",
        "",
        *table(("licence", "documents"), most_quoted(total.counts.get("rights_licence", {}), TOP)),
        "",
        *table(("rights signal", "times"), most_quoted(total.signals, TOP)),
        "",
    ]


def personal_data(total: Statistics, settings: Mapping[str, Any]) -> list[str]:
    """Return the lines on personal data in the texts: what was found, and what replaced."""
    rows = [(quoted(kind), count, total.redactions.get(kind, 0)) for kind, count in most(total.personal_data, TOP)]
    found = table(("kind", "found", "replaced"), rows) if rows else [f"Personal data in the texts: {NOT_RECORDED}."]
    redacted = ", ".join(map(quoted, settings.get("redact") or ()))
    return [
        "## Personal data",
        "",
        "Web pages name people. Whoever uses the corpus must respect their rights.",
        "",
        *found,
        "",
        *(_redacted(redacted) if redacted else ["Nothing was replaced: the texts have what was found."]),
        "",
    ]


def _redacted(kinds: str) -> list[str]:
    return [
        f"Replaced by what has its form and is nobody's: {kinds}; in the columns `text`, `title`, `author`, `section`,",
        "`tags`, `source` and `licence`, in `data/`, `rejected/` and `originals/`. The column `redactions` says where",
        "in a text. URLs stay as they are. Names and postal addresses, which have no form, were not looked for.",
    ]
