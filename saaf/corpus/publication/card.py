"""README.md of a corpus: its data set card, written from the tables and the manifest alone.

What is not recorded is said to be so; nothing is guessed, and there is no clock: the same corpus gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.atomic_files import atomic_write
from saaf.cleaning.text.language_codes import language_name, script_name
from saaf.corpus.explain import rule_kind
from saaf.corpus.file_names import CARD
from saaf.corpus.ledger import State
from saaf.corpus.publication.card_ai_act import training_content_summary
from saaf.corpus.publication.card_citation import how_to_cite
from saaf.corpus.publication.card_loading import how_to_load
from saaf.corpus.publication.card_rights import licences_and_rights, personal_data
from saaf.corpus.publication.front_matter import common_schema, front_matter
from saaf.corpus.publication.markdown import NOT_RECORDED, TOP, most, most_quoted, percent, quoted, size, table
from saaf.corpus.publication.statistics import corpus_statistics
from saaf.corpus.report.totals import STATE_MEANINGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from saaf.corpus.publication.statistics import CorpusStatistics, Statistics

_MOST_STATED = 2_000  # code points of what its makers say
_CLEANED = (
    "Inputs were read and parsed. Extractors, rules and a model voted on which blocks are the text; what many pages of",
    "a site have in common was learned across its pages.",
)
_NOT_CLEANED = ("Texts were kept as they came: nothing was removed from them.",)


def write_card(corpus: Path, manifest: Mapping[str, Any], statistics: CorpusStatistics | None = None) -> Path:
    """Write README.md of the corpus in a directory and return its path.

    Of the `manifest` its "settings" and "versions" are used, "card" where there is one (what
    `saaf.corpus.card_facts.CardFacts` states), and "crawl" where there is one: "user_agent" and "contact" as they were
    sent. `statistics` are those of `corpus_statistics`, which are counted where None. Raises `DamagedTableError` where
    shards have different columns.
    """
    counted = statistics or corpus_statistics(corpus)
    settings = manifest.get("settings") or {}
    facts = manifest.get("card") or {}
    name = corpus_name(corpus, manifest)
    pretty_name = str(facts.get("pretty_name") or name)
    lines = [
        *front_matter(corpus, counted, pretty_name, facts.get("licence")),
        "",
        f"# {quoted(pretty_name)}",
        "",
        *_summary(counted),
        *_stated(facts),
        *_sizes(counted),
        *how_to_load(counted),
        *_columns(common_schema(corpus)),
        *_how_made(manifest),
        *_sources(counted.total),
        *_left_out(counted),
        *_removed(counted.total),
        *licences_and_rights(counted, settings, facts.get("licence")),
        *personal_data(counted.total, settings),
        *training_content_summary(counted, manifest),
        *_limits(manifest),
        *how_to_cite(pretty_name, counted, facts),
    ]
    path = corpus / CARD
    with atomic_write(path) as partial:
        partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def corpus_name(corpus: Path, manifest: Mapping[str, Any]) -> str:
    """Return the name of a corpus: the one that its card states, that of the collection, or that of its directory."""
    stated = (manifest.get("card") or {}).get("name")
    return stated or str((manifest.get("settings") or {}).get("dump") or "").strip() or corpus.name


def _stated(facts: Mapping[str, str]) -> list[str]:
    """Return what the makers of the corpus state of it; nothing where they state nothing."""
    names = (("publisher", "publisher"), ("contact", "contact"), ("purpose", "purpose"), ("licence", "licence"))
    rows = [(label, quoted(facts[key], _MOST_STATED)) for key, label in names if key in facts]
    return [*table(("stated by its makers", ""), rows), ""] if rows else []


def _summary(counted: CorpusStatistics) -> list[str]:
    total = counted.total
    period = f"{total.first_date[:10]} to {total.last_date[:10]}" if total.first_date and total.last_date else None
    return [
        f"A corpus of {total.documents:,} documents in {len(counted.subsets)} subsets by language and script, made",
        "with `saaf`: each removal is recorded with its reason, near-duplicates are verified, every input is accounted",
        f"for. Pages were captured {f'from {period}' if period else 'at times that are ' + NOT_RECORDED}.",
        "",
    ]


def _sizes(counted: CorpusStatistics) -> list[str]:
    rows = [
        (
            f"`{subset}`",
            _language_of(subset, one),
            one.documents,
            one.characters,
            size(one.text_bytes),
            size(one.file_bytes),
        )
        for subset, one in counted.subsets.items()
    ]
    return [
        "## Subsets and sizes",
        "",
        *table(("subset", "language", "documents", "characters", "text (UTF-8)", "files"), rows),
        "",
        "Names are ISO 639-3 and ISO 15924 codes, as in FineWeb2. `default` is all subsets together. The only split is",
        "`train`. Beside `data/`: `rejected/` has the documents that were read and not kept, `originals/` every one",
        "as it was read, `dedup/` the near-duplicates, `ledger/` every input and what became of it, `report/` the",
        "report, `manifest.json` checksums, settings and versions.",
        "",
    ]


def _language_of(subset: str, one: Statistics) -> str:
    names = ", ".join(dict.fromkeys(language_name(code) for code in one.counts.get("language", {})))
    return f"{names or NOT_RECORDED} ({script_name(subset.partition('_')[2])})"


def _columns(schema: pa.Schema) -> list[str]:
    rows = [
        (quoted(field.name), quoted(field.type), _comment(field) or "carried through from the input")
        for field in schema
    ]
    return ["## Columns", "", *table(("column", "type", "meaning"), rows), ""]


def _comment(field: pa.Field) -> str:
    comment = (field.metadata or {}).get(b"comment", b"").decode("utf-8", "replace")
    return " ".join(comment.split()).replace("|", "\\|").replace("<", "&lt;")


def _how_made(manifest: Mapping[str, Any]) -> list[str]:
    settings = [(f"`{name}`", quoted(value)) for name, value in _flat(manifest.get("settings") or {})]
    versions = [(f"`{name}`", quoted(value)) for name, value in _flat(manifest.get("versions") or {})]
    return [
        "## How it was made",
        "",
        *(_CLEANED if (manifest.get("settings") or {}).get("clean", True) else _NOT_CLEANED),
        *_quality_filter(manifest.get("quality_filter")),
        "One capture of a URL is kept, then one document of each set of near-duplicates, each verified on the texts.",
        "The same inputs, settings and versions give the same bytes.",
        "",
        *(table(("setting", "value"), settings) if settings else [f"Settings: {NOT_RECORDED}."]),
        "",
        *(table(("software", "version"), versions) if versions else [f"Versions: {NOT_RECORDED}."]),
        "",
    ]


def _quality_filter(described: Mapping[str, Any] | None) -> list[str]:
    if not described:
        return ["No document was left out for its quality; the columns `quality_…` are there to do so."]
    names = ", ".join(map(quoted, described["filters"]))
    languages = ", ".join(map(quoted, described["unfiltered"]))
    return [
        f"Documents that fail a threshold of quality of {names} were left out; `manifest.json` has the thresholds, the",
        "ledger the reason of each.",
        *([f"For these languages there are none, and nothing was left out: {languages}."] if languages else []),
    ]


def _flat(values: Mapping[str, Any], before: str = "") -> list[tuple[str, object]]:
    """Return nested settings as (dotted name, value), in order of the names."""
    flat: list[tuple[str, object]] = []
    for name, value in sorted(values.items()):
        if isinstance(value, dict):
            flat += _flat(value, f"{before}{name}.")
        else:
            flat.append(
                (f"{before}{name}", ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else value)
            )
    return flat


def _sources(total: Statistics) -> list[str]:
    hosts = {name: count for name, count in total.site_characters.items() if name}
    rows = [
        (quoted(name), total.site_documents[name], count, percent(count, total.characters))
        for name, count in most(hosts, TOP)
    ]
    unknown = total.site_documents.get("", 0)
    return [
        "## Sources",
        "",
        f"Hosts with most characters ({len(rows)} of {len(hosts):,}):" if hosts else f"Hosts: {NOT_RECORDED}.",
        "",
        *(table(("host", "documents", "characters", "share"), rows) if hosts else ()),
        "",
        f"Documents without a URL: {unknown:,}.",
        "",
        *table(("crawl or collection", "documents"), most_quoted(total.counts.get("dump", {}), TOP)),
        "",
    ]


def _left_out(counted: CorpusStatistics) -> list[str]:
    meanings = {state.value: meaning for state, meaning in STATE_MEANINGS.items()}
    rows = [
        (f"`{state}`", meanings.get(state, ""), count) for state, count in most(counted.states, len(counted.states))
    ]
    return [
        "## What was left out",
        "",
        f"Of {sum(counted.states.values()):,} inputs {counted.states.get(State.KEPT, 0):,} are in the corpus.",
        "",
        *table(("state", "meaning", "inputs"), rows),
        "",
    ]


def _removed(total: Statistics) -> list[str]:
    removed = sum(total.rule_characters.values())
    rows = [
        (f"`{rule}`", rule_kind(rule), count, total.rule_characters[rule]) for rule, count in most(total.rules, TOP)
    ]
    others = len(total.rules) - len(rows)
    return [
        "## What was removed from the texts",
        "",
        f"{sum(total.rules.values()):,} removals took {removed:,} characters,",
        f"{percent(removed, removed + total.characters)} of what was read of these documents. Each is in the column",
        "`removals`, as a span of the text in `originals/`; `saaf rules ID` explains a rule.",
        "",
        *table(("rule", "kind", "removals", "characters"), rows),
        "",
        *([f"And {others} more rules.", ""] if others > 0 else []),
    ]


def _limits(manifest: Mapping[str, Any]) -> list[str]:
    omitted = manifest.get("near_duplicates_omitted")
    return [
        "## Known limits",
        "",
        "- Language is identified by a model; related languages and short texts are mistaken at times;",
        "  `language_score` says how sure it was.",
        "- Cleaning leaves some residue and takes some text; with `removals` and `originals/` it can be undone.",
        "- Near-duplicates are candidates of MinHash that were verified: a pair close to the threshold may be missed.",
        "- Dates, authors and titles are those that pages state; they are not checked.",
        "- Toxic, false or illegal content was not looked for.",
        *([f"- The search for near-duplicates left out: {quoted(omitted)}."] if omitted else []),
        "",
    ]
