"""The second pass of a build: each document is cleaned again with a profile learned from all pages of its site.

The first pass cleans every page by itself and appends it to a `DocumentStore` on disk. The second pass takes one site
after the other: it learns the site's profile from its pages, then cleans the pages with it, both in worker processes
under the limits of a page. Memory holds the ids and offsets of all documents, and the profile of one site.

What fails costs a page, or a site, its second pass and nothing else: the documents are kept as the first pass left
them, have the flag `PROFILE_NOT_APPLIED`, and are counted by reason.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from saaf import cleaning
from saaf.cleaning.site.appended_pages import cut_appended_page, later_digests, opening_digests, paragraphs
from saaf.cleaning.site.profile import LEAST_PAGES, MOST_PAGES, SiteProfile, merge_profiles, profile_page
from saaf.cleaning.site.profile_json import ProfileError, to_json
from saaf.cleaning.site.repeated_blocks import find_repeated_blocks
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.text.urls import site_of
from saaf.corpus.document_store import load_document
from saaf.corpus.ledger import Failure
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.page_tasks import attempt, clean_page
from saaf.corpus.profile_files import find_profile, profile_file_name, read_profile
from saaf.corpus.workers import CleanerPool

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.document_store import DocumentStore
    from saaf.corpus.page_tasks import Task
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings, Progress

PROFILE_NOT_APPLIED = "site_profile_not_applied"
"""The flag of a document that is as the first pass left it, because the second pass failed."""

_MAX_PENDING = 16  # documents submitted at once: enough that no worker waits
_MAX_SAME_OPENING = 4  # pages that begin with the same paragraph: with more it is the site's, not an article's

Member = tuple[str, int]
"""A document of a site: its id, and its byte offset in the store."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTask:
    """A document to learn from, as a worker process is given it.

    `offset` is its byte offset in the store's file `store`. With `sampled`, the site's profile learns from it. `url` is
    None: the page was read before.
    """

    url: str | None = None
    store: Path
    offset: int
    sampled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEvidence:
    """What a site learns from one of its pages.

    `profile` is the profile of that page alone, None where the page is not in the sample, or was cleaned by a known
    template. `opening` and `later` are the digests of `saaf.cleaning.site.appended_pages`.
    """

    profile: SiteProfile | None
    opening: tuple[str, ...]
    later: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPassTask:
    """A document to clean again, as a worker process is given it.

    `offset` is its byte offset in the store's file `store`, `profile` the file of its site's profile, and `others` are
    the offsets of pages of the site whose articles may be appended to it. `url` is None: the page was read before.
    """

    url: str | None = None
    store: Path
    offset: int
    profile: Path
    others: tuple[int, ...]


def page_evidence(task: EvidenceTask) -> PageEvidence | Failure:
    """Return what a site learns from a stored document, or why nothing can be learned."""

    def learn() -> PageEvidence:
        _, clean = load_document(task.store, task.offset)
        found = paragraphs(clean)
        learns = task.sampled and KNOWN_TEMPLATE not in clean.document.flags
        return PageEvidence(
            profile=profile_page(clean) if learns else None, opening=opening_digests(found), later=later_digests(found)
        )

    return attempt(learn, task.url)


def clean_with_profile(task: SecondPassTask) -> CleanDocument | Failure:
    """Return a stored document, cleaned with its site's profile and without an article appended from another page.

    A document in which the profile finds nothing repeated is not cleaned again.
    """

    def clean_again() -> CleanDocument:
        _, clean = load_document(task.store, task.offset)
        profile = read_profile(task.profile)
        if find_repeated_blocks(clean.document, clean.removals, profile):
            clean = cleaning.apply_profile(clean, profile)
        for offset in task.others:
            clean = cut_appended_page(clean, load_document(task.store, offset)[1])
        return clean

    return attempt(clean_again, task.url)


def clean_by_template(profiles: Path, page: Page, *, body_limit: int = BODY_LIMIT) -> CleanDocument | Failure:
    """Return a page read and cleaned, by its site's profile in `profiles` alone where that knows the template.

    Where the profile cannot be read, the page is cleaned without it; the second pass says so. `body_limit` is in bytes.
    """
    site = site_of(page.url)
    path = find_profile(profiles, site)
    try:
        profile = read_profile(path, site) if path else None
    except ProfileError:
        profile = None
    return clean_page(page, profile=profile, body_limit=body_limit)


def second_pass(
    store: DocumentStore, directory: Path, settings: BuildSettings, report_progress: Progress, failures: Counter[str]
) -> Iterator[tuple[Record, CleanDocument]]:
    """Yield every document of the store, site by site, cleaned with its site's profile.

    The profiles are written to `directory`, which must not exist, merged with those of `settings.profiles`. A document
    whose second cleaning fails is yielded as the first pass left it, with a flag, and counted in `failures` by reason.
    """
    store.flush()
    directory.mkdir()
    with CleanerPool(workers=settings.workers, limits=settings.limits) as cleaner:
        done = 0
        for site in sorted(store.sites):
            for offset, result in _clean_site(site, store, directory, settings.profiles, cleaner):
                record, before = store.load(offset)
                done += 1
                report_progress("comparing the pages of each site", done, None)
                if isinstance(result, Failure):
                    failures[result.reason] += 1
                    yield record, replace(before, flags=(*before.flags, PROFILE_NOT_APPLIED))
                else:
                    yield record, result or before


def _clean_site(
    site: str, store: DocumentStore, directory: Path, known_profiles: Path | None, cleaner: CleanerPool
) -> Iterator[tuple[int, CleanDocument | Failure | None]]:
    """Yield, for each document of a site by its offset, the document cleaned with the site's profile, why that failed,
    or None where there was nothing to do.
    """
    members = sorted(store.sites[site])
    offsets = [offset for _, offset in members]
    if not site or (len(members) < 2 and known_profiles is None):  # pages without a URL are of no site
        yield from ((offset, None) for offset in offsets)
        return
    learned, failed = _collect_evidence(members, store, cleaner)
    known = find_profile(known_profiles, site) if known_profiles else None
    profile = attempt(lambda: _merge_evidence(site, learned.values(), known), None)
    if isinstance(profile, Failure):
        yield from ((offset, profile) for offset in offsets)
        return
    path = directory / (known.name if known else profile_file_name(site))
    path.write_bytes(profile.content)
    others = _appended_candidates(members, learned)
    again = learned if profile.pages >= LEAST_PAGES or others else {}
    tasks = (
        SecondPassTask(store=store.path, offset=offset, profile=path, others=others.get(offset, ()))
        for offset in offsets
        if offset in again
    )
    results = _run(cleaner, clean_with_profile, tasks)
    yield from ((offset, next(results) if offset in again else failed.get(offset)) for offset in offsets)


def _collect_evidence(
    members: Sequence[Member], store: DocumentStore, cleaner: CleanerPool
) -> tuple[dict[int, PageEvidence], dict[int, Failure]]:
    """Return what each document of a site teaches, and why that failed for others, both by offset.

    The profile learns from those with the smallest ids, as many as it remembers: of the others it would keep nothing.
    """
    last = sorted({document_id for document_id, _ in members})[:MOST_PAGES][-1]
    tasks = (EvidenceTask(store=store.path, offset=offset, sampled=name <= last) for name, offset in members)
    learned, failed = {}, {}
    for (_, offset), result in zip(members, _run(cleaner, page_evidence, tasks), strict=True):
        if isinstance(result, Failure):
            failed[offset] = result
        else:
            learned[offset] = result
    return learned, failed


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProfileFile:
    """A site's profile as the `content` of its file, and the number of its `pages`."""

    content: bytes
    pages: int


def _merge_evidence(site: str, evidence: Iterable[PageEvidence], known: Path | None) -> _ProfileFile:
    """Return the profile of some pages merged with the known one, None where there is none. Raises ProfileError."""
    parts = [SiteProfile(site=site), *(one.profile for one in evidence if one.profile)]
    merged = merge_profiles([*parts, read_profile(known, site)] if known else parts)
    return _ProfileFile(content=to_json(merged).encode(), pages=len(merged.pages))


def _appended_candidates(members: Sequence[Member], evidence: Mapping[int, PageEvidence]) -> dict[int, tuple[int, ...]]:
    """Return, by offset, the documents of a site whose opening paragraph a document has behind its own opening."""
    by_opening: dict[str, list[Member]] = defaultdict(list)
    for document_id, offset in members:
        for digest in evidence[offset].opening if offset in evidence else ():
            by_opening[digest].append((document_id, offset))
    candidates: dict[int, tuple[int, ...]] = {}
    for document_id, offset in members:
        same = [by_opening.get(digest, []) for digest in (evidence[offset].later if offset in evidence else ())]
        groups = [group for group in same if 1 <= len(group) <= _MAX_SAME_OPENING]
        if others := {other for group in groups for other in group if other[0] != document_id}:
            candidates[offset] = tuple(other for _, other in sorted(others)[:_MAX_SAME_OPENING])
    return candidates


def _run(
    cleaner: CleanerPool, function: Callable[[Any], Result | Failure], tasks: Iterable[Task]
) -> Iterator[Result | Failure]:
    """Yield what `function` returns for each task, in order; worker processes work on the next ones meanwhile."""
    pending: deque[Future[Result | Failure]] = deque()
    for task in tasks:
        pending.append(cleaner.call(function, task))
        if len(pending) >= _MAX_PENDING:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
