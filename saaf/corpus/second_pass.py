"""The second pass of a build: each document is cleaned again with a profile learned from all pages of its site.

The first pass cleans every page by itself and appends it to a `DocumentStore` on disk. The second pass takes one site
after the other: it learns the site's profile from its pages, then cleans the pages with it. Memory holds the ids and
offsets of all documents, and the profile of one site.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from saaf import cleaning
from saaf.atomic_files import atomic_write
from saaf.cleaning.site.appended_pages import cut_appended_page, later_digests, opening_digests, paragraphs
from saaf.cleaning.site.profile import LEAST_PAGES, MOST_PAGES, SITES, SiteProfile, merge_profiles, profile_page
from saaf.cleaning.site.profile_json import ProfileError, from_json, to_json
from saaf.cleaning.site.repeated_blocks import find_repeated_blocks
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.text.urls import site_of
from saaf.corpus.document_store import load_document
from saaf.corpus.ledger import Failure
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.workers import CleanerPool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.document_store import DocumentStore
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings, Progress

_MAX_PENDING = 16  # documents submitted at once: enough that no worker waits
_MAX_SAME_OPENING = 4  # pages that begin with the same paragraph: with more it is the site's, not an article's

Member = tuple[str, int]
"""A document of a site: its id, and its byte offset in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPassTask:
    """A document to clean again, as a worker process is given it.

    `offset` is its byte offset in the store's file `store`, `profile` the file of its site's profile, and `others` are
    the offsets of pages of the site whose articles may be appended to it. `url` is None: the page was read before.
    """

    url: str | None
    store: Path
    offset: int
    profile: Path
    others: tuple[int, ...]


def clean_with_profile(task: SecondPassTask) -> CleanDocument | Failure:
    """Return a stored document, cleaned with its site's profile and without an article appended from another page.

    A document in which the profile finds nothing repeated is not cleaned again.
    """
    _, clean = load_document(task.store, task.offset)
    profile = _read_profile(task.profile)
    if find_repeated_blocks(clean.document, clean.removals, profile):
        clean = cleaning.apply_profile(clean, profile)
    for offset in task.others:
        clean = cut_appended_page(clean, load_document(task.store, offset)[1])
    return clean


def clean_by_template(profiles: Path, page: Page, *, body_limit: int = BODY_LIMIT) -> CleanDocument | Failure:
    """Return a page read and cleaned, by its site's profile in `profiles` alone where that knows the template.

    `body_limit` is in bytes.
    """
    path = profiles / profile_file_name(site_of(page.url))
    return clean_page(page, profile=_read_profile(path) if path.exists() else None, body_limit=body_limit)


def _read_profile(path: Path) -> SiteProfile:
    """Return the profile in a file. Raises ProfileError, with the file's name, where it holds none."""
    status = path.stat()
    return _parse_profile(path, (status.st_ino, status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=SITES)
def _parse_profile(path: Path, _version: tuple[int, int, int]) -> SiteProfile:
    """Return the profile in a file; inode, modification time and size make a changed file another cache key."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def second_pass(
    store: DocumentStore, directory: Path, settings: BuildSettings, report_progress: Progress
) -> Iterator[tuple[Record, CleanDocument]]:
    """Yield every document of the store, site by site, cleaned with its site's profile.

    The profiles are written to `directory`, which must not exist, merged with those of `settings.profiles`. A document
    whose second cleaning exceeds the limits of time or memory is yielded as the first pass left it.
    """
    store.flush()
    directory.mkdir()
    with CleanerPool(
        workers=settings.workers,
        timeout=settings.timeout,
        memory_limit=settings.memory_limit,
        clean=clean_with_profile,
    ) as cleaner:
        done = 0
        for site in sorted(store.sites):
            for document in _clean_site(site, store, directory, settings, cleaner):
                done += 1
                report_progress("comparing the pages of each site", done, None)
                yield document


def _clean_site(
    site: str, store: DocumentStore, directory: Path, settings: BuildSettings, cleaner: CleanerPool
) -> Iterator[tuple[Record, CleanDocument]]:
    members = sorted(store.sites[site])
    known = settings.profiles / profile_file_name(site) if settings.profiles else None
    single = len(members) < 2 and not (known and known.exists())
    if not site or (single and known is None):  # pages without a URL are of no site
        yield from (store.load(offset) for _, offset in members)
        return
    profile = _learn_profile([offset for _, offset in _sample(members)], store, known)
    path = directory / profile_file_name(site)
    path.write_text(to_json(profile), encoding="utf-8")
    others = _appended_candidates(members, store)
    if len(profile.pages) < LEAST_PAGES and not others:
        yield from (store.load(offset) for _, offset in members)
        return
    yield from _clean_members(members, others, path, store, cleaner)


def _sample(members: Sequence[Member]) -> list[Member]:
    """Return the members with the smallest ids, as many as a profile remembers: of the others it would keep nothing."""
    ids = sorted({document_id for document_id, _ in members})[:MOST_PAGES]
    return [member for member in members if member[0] <= ids[-1]]


def _learn_profile(offsets: Sequence[int], store: DocumentStore, known: Path | None) -> SiteProfile:
    """Return the profile of some pages merged with the known one; pages cleaned by a known template add nothing."""
    documents = (store.load(offset)[1] for offset in offsets)
    parts = [profile_page(clean) for clean in documents if KNOWN_TEMPLATE not in clean.document.flags]
    return merge_profiles([*parts, _read_profile(known)] if known and known.exists() else parts)


def _appended_candidates(members: Sequence[Member], store: DocumentStore) -> dict[int, tuple[int, ...]]:
    """Return, by offset, the documents of a site whose opening paragraph a document has behind its own opening."""
    by_opening: dict[str, list[Member]] = defaultdict(list)
    later: dict[int, tuple[str, ...]] = {}
    for document_id, offset in members:
        found = paragraphs(store.load(offset)[1])
        for digest in opening_digests(found):
            by_opening[digest].append((document_id, offset))
        later[offset] = later_digests(found)
    candidates: dict[int, tuple[int, ...]] = {}
    for document_id, offset in members:
        same = [by_opening.get(digest, []) for digest in later[offset]]
        groups = [group for group in same if 1 <= len(group) <= _MAX_SAME_OPENING]
        if others := {other for group in groups for other in group if other[0] != document_id}:
            candidates[offset] = tuple(other for _, other in sorted(others)[:_MAX_SAME_OPENING])
    return candidates


def _clean_members(
    members: Sequence[Member],
    others: dict[int, tuple[int, ...]],
    profile: Path,
    store: DocumentStore,
    cleaner: CleanerPool,
) -> Iterator[tuple[Record, CleanDocument]]:
    pending: list[tuple[int, Future[CleanDocument | Failure]]] = []

    def next_result() -> tuple[Record, CleanDocument]:
        offset, future = pending.pop(0)
        record, before = store.load(offset)
        after = future.result()
        return record, before if isinstance(after, Failure) else after

    for _, offset in members:
        task = SecondPassTask(url=None, store=store.path, offset=offset, profile=profile, others=others.get(offset, ()))
        pending.append((offset, cleaner.submit(task)))
        if len(pending) >= _MAX_PENDING:
            yield next_result()
    while pending:
        yield next_result()


def profile_file_name(site: str) -> str:
    """Return the name of a site's file in a directory of profiles: the host, percent-encoded, with ".json"."""
    return quote(site, safe=".-_") + ".json"


def save_profiles(source: Path, target: Path) -> None:
    """Copy the profiles of one directory to another, where the next build reads them; each file is replaced whole."""
    for path in sorted(source.glob("*.json")):
        with atomic_write(target / path.name) as partial:
            partial.write_bytes(path.read_bytes())
