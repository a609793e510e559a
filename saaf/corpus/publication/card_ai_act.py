"""The part of a data set card that follows the European Union's template for the summary of training content.

Source: European Commission, "Template for the Public Summary of Training Content for general-purpose AI models"
(24 July 2025), under Article 53(1)(d) of Regulation (EU) 2024/1689.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from saaf.cleaning.text.language_codes import language_name
from saaf.corpus.ledger import State
from saaf.corpus.publication.markdown import NOT_RECORDED, most, percent, quoted, size, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.publication.statistics import CorpusStatistics, Statistics

_TOP_SHARE = 0.1  # "top 10 % of all domain names"
_MOST_LISTED = 1_000  # what the template asks of small enterprises; all are in the column `site`


def training_content_summary(counted: CorpusStatistics, manifest: Mapping[str, Any]) -> list[str]:
    """Return the lines of the summary. What the corpus does not record stays to be filled in by who trains a model."""
    total = counted.total
    listed = most({name: count for name, count in total.site_characters.items() if name}, _listed(total))
    hosts = [
        (quoted(name), total.site_documents[name], percent(characters, total.characters)) for name, characters in listed
    ]
    return [
        "## Summary of training content (EU AI Act)",
        "",
        "The fields of the European Commission's template that this corpus can fill in.",
        "",
        *table(("field", "value"), _fields(counted, manifest)),
        "",
        f"Host names with most text ({len(hosts):,} of {_named(total):,}, {percent(len(hosts), _named(total))}):"
        if hosts
        else f"Host names: {NOT_RECORDED}.",
        "",
        *(table(("host", "documents", "share of characters"), hosts) if hosts else ()),
        "",
    ]


def _agent(settings: Mapping[str, Any]) -> str:
    """Return the product tokens of the crawler; those that each capture records where the build has none for all."""
    agent = settings.get("agent")
    return "those of each capture, or else `saaf`" if agent == "" else quoted(agent)


def _fields(counted: CorpusStatistics, manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    total = counted.total
    settings, crawl = manifest.get("settings") or {}, manifest.get("crawl") or {}
    facts = manifest.get("card") or {}
    languages = ", ".join(language_name(code) for code in sorted(total.counts.get("language", {})))
    return [
        ("provider, model, date of placing on the market", NOT_RECORDED),
        ("modality", "text"),
        ("size", f"{total.documents:,} documents, {total.characters:,} characters, {size(total.text_bytes)}"),
        ("languages", languages or NOT_RECORDED),
        ("crawler name (product token that rights rules were read for)", _agent(settings)),
        ("crawler user agent", quoted(crawl.get("user_agent"))),
        ("crawler contact", quoted(facts.get("contact") or crawl.get("contact"))),
        ("purpose of the crawl", quoted(facts.get("purpose") or crawl.get("purpose"))),
        ("period of collection", _period(total)),
        ("latest date of acquisition", (total.last_date or NOT_RECORDED)[:10] if total.last_date else NOT_RECORDED),
        (
            "collections it comes from",
            ", ".join(quoted(name) for name in sorted(total.counts.get("dump", {}))) or NOT_RECORDED,
        ),
        ("opt-outs respected", _opt_outs(counted, settings)),
        ("measures against illegal content", NOT_RECORDED),
        ("user data, synthetic data", NOT_RECORDED),
    ]


def _period(total: Statistics) -> str:
    """Return the months of the first and the last capture, as the template writes them: MM/YYYY."""
    if not (total.first_date and total.last_date):
        return NOT_RECORDED
    first, last = (f"{date[5:7]}/{date[:4]}" for date in (total.first_date, total.last_date))
    return f"{first} to {last}"


def _opt_outs(counted: CorpusStatistics, settings: Mapping[str, Any]) -> str:
    reserved = counted.total.counts.get("rights_train", {}).get("reserved", 0)
    policy = settings.get("rights")
    said = {
        "skip": "documents whose publishers reserve them from training were left out",
        "record": "reservations are in the columns rights_train and rights_signals; reserved documents were kept",
    }.get(str(policy), f"policy {NOT_RECORDED}")
    blocked, skipped = (counted.states.get(state, 0) for state in (State.BLOCKED_BY_ROBOTS, State.RIGHTS_RESERVED))
    return (
        f"{said}; {blocked:,} addresses not fetched because of robots.txt, {skipped:,} inputs left out for reserved "
        f"rights, {reserved:,} documents in the corpus that are marked as reserved"
    )


def _named(total: Statistics) -> int:
    return sum(bool(name) for name in total.site_characters)


def _listed(total: Statistics) -> int:
    return min(math.ceil(_named(total) * _TOP_SHARE), _MOST_LISTED)
