"""`saaf evaluate`: metrics of saaf and of other extractors on a directory of pages with gold texts.

The directory holds a set of pages in each of its directories (or is one set itself): `NAME.json` with the gold text
beside `NAME.html`, `.html.gz` or, on the text track, `.txt`.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from pebble import ProcessPool

from saaf import cleaning
from saaf.corpus.byte_blocks import read_body
from saaf.corpus.decompression import Problem
from saaf.corpus.evaluation.metrics import Figures, comparison_key, means, score
from saaf.corpus.evaluation.peers import PEERS
from saaf.corpus.limits import BODY_LIMIT, over_limit_reason
from saaf.corpus.process_limits import Limits, enforced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from saaf.corpus.settings import Progress

SAAF: Final = "saaf"
UNCHANGED: Final = "unchanged"
_LIMITS: Final = Limits(cpu_seconds=120.0)  # for a page and all methods on it
_ENDINGS: Final = {"html": (".html.gz", ".html", ".htm"), "text": (".txt", ".html.gz", ".html", ".htm")}
_FAILED: Final = Figures(precision=None, recall=0.0, f1=0.0, residue=0.0, dirty=0.0, missing_share=1.0, empty=1.0)


class PagesError(Exception):
    """A directory of pages that cannot be evaluated; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A page with its gold text.

    `name` is the directory and the file without its ending, `set` the name of the directory, `language` the ISO 639
    code ("und" where unknown), `headlines` comparison keys of the headline, `page` the file.
    """

    name: str
    set: str
    language: str
    url: str | None
    gold: str
    headlines: frozenset[str]
    page: Path = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult:
    """The metrics of a method on a page; `seconds` are of CPU time, `failed` is true where it raised an error."""

    method: str
    figures: Figures
    seconds: float
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """A method's mean metrics over the pages of a group ("all", "set NAME" or "language CODE").

    `empty` and `failed` count pages. `speed` is in pages per CPU second, None for a text that is left unchanged.
    """

    group: str
    method: str
    pages: int
    figures: Figures
    empty: int
    failed: int
    speed: float | None


def load_cases(pages: Path, *, track: str = "html", languages: Collection[str] = ()) -> list[Case]:
    """Return the pages of a directory that have a gold text, in the order of their names.

    Raises PagesError where there is none, or where a page lacks its HTML or text.
    """
    metas = sorted([*pages.glob("*.json"), *pages.glob("*/*.json")])
    cases = [case for meta in metas if (case := _load_case(meta, track)) is not None]
    if languages:
        cases = [case for case in cases if case.language in languages]
    if not cases:
        raise PagesError(
            f"{pages} holds no page with a gold text: put NAME.html and NAME.json with "
            '{"url": …, "lang": …, "gold_text": …} into it, or into a directory for each set of pages'
            + (f"; and of language {', '.join(languages)}" if languages else "")
        )
    return cases


def _load_case(meta: Path, track: str) -> Case | None:
    """Return the page of a JSON file, None where that has no gold text or marks it as suspect."""
    try:
        record = json.loads(meta.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PagesError(f"{meta} is no JSON: {error}") from error
    if not isinstance(record, dict) or not isinstance(record.get("gold_text"), str) or record.get("suspect"):
        return None
    candidates = [meta.with_name(meta.stem + ending) for ending in _ENDINGS[track]]
    page = next((path for path in candidates if path.is_file()), None)
    if page is None:
        raise PagesError(f"{meta} has no page beside it: {' or '.join(path.name for path in candidates)} is missing")
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


def measure(case: Case, track: str, peers: bool) -> list[MethodResult]:
    """Return the result of each method on a page, saaf first."""
    body = _read_page(case.page)
    source = body if track == "html" else _all_text(case, body)
    results = []
    for method in _method_names(track, peers):
        # Not the time of the process, which counts in ticks of milliseconds while the kernel limits it.
        start, output, failed = time.thread_time(), "", False
        try:
            output = _output(method, source, case.url)
        except Exception:  # what a method raises is its result on this page
            failed = True
        seconds = 0.0 if method == UNCHANGED else time.thread_time() - start
        figures = score(case.gold, output, case.headlines)
        results.append(MethodResult(method=method, figures=figures, seconds=seconds, failed=failed))
    return results


def _read_page(path: Path) -> bytes:
    read = read_body(path, BODY_LIMIT)
    if read.problem is Problem.OVER_LIMIT:
        raise PagesError(over_limit_reason(str(path), None, BODY_LIMIT))
    if read.problem is not None:
        raise PagesError(f"{path} is cut off or damaged: save it again, or delete it and its JSON")
    return read.body


def _method_names(track: str, peers: bool) -> list[str]:
    others = [*PEERS] if track == "html" else [UNCHANGED]
    return [SAAF, *(others if peers else ())]


def _output(method: str, source: bytes | str, url: str | None) -> str:
    if isinstance(source, str):
        return cleaning.clean_text(source, url=url).text if method == SAAF else source
    return cleaning.clean_html(source, url=url).text if method == SAAF else PEERS[method](source, url)


def _all_text(case: Case, body: bytes) -> str:
    """Return the text of a page, menus and all; of HTML each block is a line."""
    try:
        return cleaning.read(cleaning.Page(url=None if case.page.suffix == ".txt" else case.url, body=body)).text
    except cleaning.Unreadable:
        return ""


def evaluate(
    cases: Sequence[Case],
    *,
    track: str = "html",
    peers: bool = True,
    workers: int = 1,
    report_progress: Progress | None = None,
) -> list[GroupResult]:
    """Return the metrics over all pages, then of each set, then of each language, each with a row for each method.

    `track` is "html", or "text" for the text without its HTML. A page that takes more than two minutes of CPU time
    in a worker process has failed; `workers=0` works in this process, without that limit.
    """
    groups: dict[tuple[str, str], list[MethodResult]] = defaultdict(list)
    for done, (case, results) in enumerate(zip(cases, _results(cases, track, peers, workers), strict=True), start=1):
        for result in results:
            for group in ("all", f"set {case.set}", f"language {case.language}"):
                groups[group, result.method].append(result)
        if report_progress is not None:
            report_progress("evaluating", done, len(cases))
    order = sorted(
        {group for group, _ in groups}, key=lambda group: (group != "all", group.startswith("language"), group)
    )
    return [
        _group_result(group, method, results)
        for name in order
        for (group, method), results in groups.items()
        if group == name
    ]


def _results(cases: Sequence[Case], track: str, peers: bool, workers: int) -> Iterator[list[MethodResult]]:
    if not workers:
        yield from (measure(case, track, peers) for case in cases)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPool(max_workers=workers, initializer=_warm_up, context=context) as pool:
        calls = [partial(_measure_in_worker, case, track, peers) for case in cases]
        futures = [pool.schedule(call, timeout=_LIMITS.wall_seconds) for call in calls]
        for future in futures:
            try:
                yield future.result()
            except Exception:  # the worker died, or was stopped
                yield [
                    MethodResult(method=name, figures=_FAILED, seconds=_LIMITS.cpu_seconds, failed=True)
                    for name in _method_names(track, peers)
                ]


def _measure_in_worker(case: Case, track: str, peers: bool) -> list[MethodResult]:
    """Return what `measure` returns, under the limits; beyond them this process ends."""
    with enforced(_LIMITS):
        return measure(case, track, peers)


def _warm_up() -> None:
    """Run each method once, so that loading its libraries does not count as time for the first page."""
    for method in _method_names("html", peers=True):
        _output(method, b"<p>A sentence of 1 January 2024, with a comma, that is long enough to be read.</p>" * 9, None)


def _group_result(group: str, method: str, results: Sequence[MethodResult]) -> GroupResult:
    seconds = sum(result.seconds for result in results)
    return GroupResult(
        group=group,
        method=method,
        pages=len(results),
        figures=means([result.figures for result in results]),
        empty=sum(bool(result.figures.empty) for result in results),
        failed=sum(result.failed for result in results),
        speed=len(results) / seconds if seconds else None,
    )


def to_json(rows: Sequence[GroupResult]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return the rows as {group: {method: metrics}}; shares are in [0, 1], `speed` in pages per CPU second.

    The missing share has the key "lost".
    """
    table: dict[str, dict[str, dict[str, float | None]]] = {}
    for row in rows:
        shares = {name: share for name, share in row.figures.to_dict().items() if name != "empty"}
        counts = {
            "pages": row.pages,
            "empty": row.empty,
            "failed": row.failed,
            "speed": row.speed and round(row.speed, 2),
        }
        rounded = {name: None if share is None else round(share, 4) for name, share in shares.items()}
        table.setdefault(row.group, {})[row.method] = {**rounded, **counts}
    return table
