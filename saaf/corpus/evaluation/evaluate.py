"""How well pages are cleaned whose clean text is known: ours and its peers, on a directory of a user's own pages.

The directory holds a set of pages in each of its directories (or is one set itself): `<id>.json` with the gold text
beside `<id>.html`, `.html.gz` or, on the text track, `.txt`.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import time
from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

from pebble import ProcessPool

from saaf import cleaning
from saaf.corpus.evaluation.metrics import Figures, comparison_key, means, score
from saaf.corpus.evaluation.peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.settings import Progress

OURS: Final = "saaf"
UNCHANGED: Final = "unchanged"
_TIMEOUT: Final = 120.0  # seconds for a page and all methods on it
_ENDINGS: Final = {"html": (".html.gz", ".html", ".htm"), "text": (".txt", ".html.gz", ".html", ".htm")}
_FAILED: Final = Figures(precision=None, recall=0.0, f1=0.0, residue=0.0, dirty=0.0, lost=1.0, empty=1.0)


class PagesError(Exception):
    """A directory that cannot be evaluated; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A page with its gold text; `set` is the name of its directory, `headlines` are forms of its headline."""

    name: str
    set: str
    language: str
    url: str | None
    gold: str
    headlines: frozenset[str]
    page: Path = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a method made of a page, in `seconds` of CPU; `failed` is the error's name, None where there was none."""

    method: str
    figures: Figures
    seconds: float
    failed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A method's means over the pages of a group ("all", "set NAME" or "language CODE").

    `speed` is in pages per CPU second, None for a text that is left unchanged.
    """

    group: str
    method: str
    pages: int
    figures: Figures
    empty: int
    failed: int
    speed: float | None


def cases(pages: Path, *, track: str = "html", languages: Collection[str] = ()) -> list[Case]:
    """Return the pages of a directory that have a gold text, in the order of their names.

    Raises PagesError where there is none, or where a page lacks its HTML or text.
    """
    metas = sorted([*pages.glob("*.json"), *pages.glob("*/*.json")])
    found = [case for meta in metas if (case := _case(meta, track)) is not None]
    if languages:
        found = [case for case in found if case.language in languages]
    if not found:
        raise PagesError(
            f"{pages} holds no page with a gold text: put NAME.html and NAME.json with "
            '{"url": …, "lang": …, "gold_text": …} into it, or into a directory for each set of pages'
            + (f"; and of language {', '.join(languages)}" if languages else "")
        )
    return found


def _case(meta: Path, track: str) -> Case | None:
    try:
        record = json.loads(meta.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PagesError(f"{meta} is no JSON: {error}") from error
    if not isinstance(record, dict) or not isinstance(record.get("gold_text"), str) or record.get("suspect"):
        return None
    beside = [meta.with_name(meta.stem + ending) for ending in _ENDINGS[track]]
    page = next((path for path in beside if path.is_file()), None)
    if page is None:
        raise PagesError(f"{meta} has no page beside it: {' or '.join(path.name for path in beside)} is missing")
    headlines = [*(record.get("title_cands") or ()), record.get("gold_title") or ""]
    return Case(
        name=f"{meta.parent.name}/{meta.stem}",
        set=meta.parent.name,
        language=str(record.get("lang") or "und"),
        url=record.get("url"),
        gold=record["gold_text"],
        headlines=frozenset(comparison_key(str(headline)) for headline in headlines) - {""},
        page=page,
    )


def measure(case: Case, track: str, peers: bool) -> list[Outcome]:
    """Return what each method makes of a page, ours first."""
    body = case.page.read_bytes()
    body = gzip.decompress(body) if case.page.suffix == ".gz" else body
    given = body if track == "html" else _all_text(case, body)
    outcomes = []
    for method in _names(track, peers):
        start, output, failed = time.process_time(), "", None
        try:
            output = _output(method, given, case.url)
        except Exception as error:  # what a method raises is its result on this page
            failed = type(error).__name__
        seconds = 0.0 if method == UNCHANGED else time.process_time() - start
        figures = score(case.gold, output, case.headlines)
        outcomes.append(Outcome(method=method, figures=figures, seconds=seconds, failed=failed))
    return outcomes


def _names(track: str, peers: bool) -> list[str]:
    others = [*PEERS] if track == "html" else [UNCHANGED]
    return [OURS, *(others if peers else ())]


def _output(method: str, given: bytes | str, url: str | None) -> str:
    if isinstance(given, str):
        return cleaning.clean_text(given, url=url).text if method == OURS else given
    return cleaning.clean_html(given, url=url).text if method == OURS else PEERS[method](given, url)


def _all_text(case: Case, body: bytes) -> str:
    """Return the text of a page, menus and all; of HTML each block is a line."""
    try:
        return cleaning.read(cleaning.Page(url=None if case.page.suffix == ".txt" else case.url, body=body)).text
    except cleaning.Unreadable:
        return ""


def evaluate(
    found: Sequence[Case],
    *,
    track: str = "html",
    peers: bool = True,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[Row]:
    """Return the figures over all pages, then of each set, then of each language, with a row for each method.

    A page takes no more than two minutes in a worker process, or has failed; `workers=0` works in this process.
    """
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for done, (case, outcomes) in enumerate(zip(found, _outcomes(found, track, peers, workers), strict=True), start=1):
        for outcome in outcomes:
            for group in ("all", f"set {case.set}", f"language {case.language}"):
                groups[group, outcome.method].append(outcome)
        if progress is not None:
            progress("evaluating", done, len(found))
    order = sorted(
        {group for group, _ in groups}, key=lambda group: (group != "all", group.startswith("language"), group)
    )
    return [_row(group, method, rows) for name in order for (group, method), rows in groups.items() if group == name]


def _outcomes(found: Sequence[Case], track: str, peers: bool, workers: int) -> Iterator[list[Outcome]]:
    if not workers:
        yield from (measure(case, track, peers) for case in found)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPool(max_workers=workers, initializer=_warm_up, context=context) as pool:
        futures = [pool.schedule(measure, args=(case, track, peers), timeout=_TIMEOUT) for case in found]
        for future in futures:
            try:
                yield future.result()
            except Exception as error:  # the worker died, or was stopped
                failed = type(error).__name__
                yield [
                    Outcome(method=name, figures=_FAILED, seconds=_TIMEOUT, failed=failed)
                    for name in _names(track, peers)
                ]


def _warm_up() -> None:
    """Have each method load what it needs, so that this does not count as time for the first page."""
    for method in _names("html", peers=True):
        _output(method, b"<p>A sentence of 1 January 2024, with a comma, that is long enough to be read.</p>" * 9, None)


def _row(group: str, method: str, outcomes: Sequence[Outcome]) -> Row:
    seconds = sum(outcome.seconds for outcome in outcomes)
    return Row(
        group=group,
        method=method,
        pages=len(outcomes),
        figures=means([outcome.figures for outcome in outcomes]),
        empty=sum(bool(outcome.figures.empty) for outcome in outcomes),
        failed=sum(outcome.failed is not None for outcome in outcomes),
        speed=len(outcomes) / seconds if seconds else None,
    )


def to_json(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return the rows as {group: {method: figures}}; shares are in [0, 1], `speed` in pages a CPU second."""
    table: dict[str, dict[str, dict[str, float | None]]] = {}
    for row in rows:
        names = [each.name for each in fields(Figures) if each.name != "empty"]
        shares = {name: getattr(row.figures, name) for name in names}
        counts = {
            "pages": row.pages,
            "empty": row.empty,
            "failed": row.failed,
            "speed": row.speed and round(row.speed, 2),
        }
        rounded = {name: None if share is None else round(share, 4) for name, share in shares.items()}
        table.setdefault(row.group, {})[row.method] = {**rounded, **counts}
    return table
