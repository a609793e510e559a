"""The second pass of a build: each document beside the other pages of its site.

The first pass has cleaned every page by itself and put it on a shelf on disk. Then, one site after the other, its
profile is learned from its pages, and the pages are cleaned with it. Memory holds the addresses of all documents, and
the profile of one site.
"""

from __future__ import annotations

import pickle
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from saaf import cleaning
from saaf.cleaning.site.appended_pages import cut_appended_page, later_digests, opening_digests, paragraphs
from saaf.cleaning.site.profile import LEAST_PAGES, MOST_PAGES, SITES, SiteProfile, merge_profiles, profile_page
from saaf.cleaning.site.profile_json import ProfileError, from_json, to_json
from saaf.cleaning.site.repeated_blocks import find_repeated_blocks
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.text.urls import site_of
from saaf.corpus.atomic_files import written_whole
from saaf.corpus.ledger import Failure
from saaf.corpus.workers import Cleaner, clean_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument, Page
    from saaf.corpus.records import Record
    from saaf.corpus.settings import BuildSettings, Progress

_WINDOW = 16  # documents under way: enough that no worker waits
_MOST_HOLDERS = 4  # pages that begin with the same paragraph: with more it is the site's, not an article's


class DocumentStore:
    """Clean documents in a file, with the records they came from, each fetched by the number `put` returned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream = path.open("w+b")
        self.sites: dict[str, list[tuple[str, int]]] = defaultdict(list)
        """By site, the id and the number of each document."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self.path.unlink()

    def put(self, record: Record, clean: CleanDocument) -> None:
        """Keep a document, without the body of its page."""
        page = replace(record.page, body=b"") if record.page else None
        number = self._stream.seek(0, 2)
        pickle.dump((replace(record, page=page), clean), self._stream, pickle.HIGHEST_PROTOCOL)
        self.sites[clean.document.site].append((clean.document.id, number))

    def ready(self) -> None:
        """Let other processes see what was put."""
        self._stream.flush()

    def get(self, number: int) -> tuple[Record, CleanDocument]:
        """Return a record and its document as they were put."""
        return _taken(self.path, number)


def _taken(path: Path, number: int) -> tuple[Record, CleanDocument]:
    with path.open("rb") as stream:
        stream.seek(number)
        taken: tuple[Record, CleanDocument] = pickle.load(stream)  # noqa: S301  (this build's own file)
        return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A document to clean again: its number on the shelf, the file of its site's profile, and the numbers of pages
    whose articles it may hold at its end.
    """

    url: str | None
    shelf: Path
    number: int
    profile: Path
    others: tuple[int, ...]


def clean_with_profile(task: Task) -> CleanDocument | Failure:
    """Return a document of the shelf cleaned with its site's profile, and without the article of another page."""
    _, clean = _taken(task.shelf, task.number)
    profile = _read(task.profile)
    if find_repeated_blocks(clean.document, clean.removals, profile):
        clean = cleaning.clean(clean.document, profile=profile)
    for number in task.others:
        clean = cut_appended_page(clean, _taken(task.shelf, number)[1])
    return clean


def clean_by_template(profiles: Path, page: Page) -> CleanDocument | Failure:
    """Return a page read and cleaned, by its site's profile in `profiles` alone where that knows the template."""
    path = profiles / file_name(site_of(page.url))
    return clean_page(page, profile=_read(path) if path.exists() else None)


def _read(path: Path) -> SiteProfile:
    """Return the profile in a file. Raises ProfileError, with the file's name, where it holds none."""
    status = path.stat()
    return _loaded(path, (status.st_ino, status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=SITES)
def _loaded(path: Path, _state: tuple[int, int, int]) -> SiteProfile:
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def second_pass(
    shelf: DocumentStore, directory: Path, settings: BuildSettings, tell: Progress
) -> Iterator[tuple[Record, CleanDocument]]:
    """Yield every document of the shelf, site by site, cleaned with what its site's pages have in common.

    The profiles are written to `directory`, those of `settings.profiles` taken into them. A document that cannot be
    cleaned a second time in the time or memory it may take stays as the first pass left it.
    """
    shelf.ready()
    directory.mkdir()
    with Cleaner(
        workers=settings.workers,
        timeout=settings.timeout,
        memory_limit=settings.memory_limit,
        clean=clean_with_profile,
    ) as cleaner:
        done = 0
        for site in sorted(shelf.sites):
            for row in _site(site, shelf, directory, settings, cleaner):
                done += 1
                tell("comparing the pages of each site", done, None)
                yield row


def _site(
    site: str, shelf: DocumentStore, directory: Path, settings: BuildSettings, cleaner: Cleaner
) -> Iterator[tuple[Record, CleanDocument]]:
    members = sorted(shelf.sites[site])
    known = settings.profiles / file_name(site) if settings.profiles else None
    lonely = len(members) < 2 and not (known and known.exists())
    if not site or (lonely and known is None):  # pages without an address are of no site
        yield from (shelf.get(number) for _, number in members)
        return
    profile = _learned([number for _, number in _sample(members)], shelf, known)
    path = directory / file_name(site)
    path.write_text(to_json(profile), encoding="utf-8")
    others = _holders(members, shelf)
    if len(profile.pages) < LEAST_PAGES and not others:
        yield from (shelf.get(number) for _, number in members)
        return
    yield from _cleaned(members, others, path, shelf, cleaner)


def _sample(members: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the members with the smallest ids, as many as a profile remembers: of the others it would keep nothing."""
    ids = sorted({name for name, _ in members})[:MOST_PAGES]
    return [member for member in members if member[0] <= ids[-1]]


def _learned(numbers: Sequence[int], shelf: DocumentStore, known: Path | None) -> SiteProfile:
    """Return what is known of a site and what its pages tell; a page cleaned by what is known tells nothing new."""
    documents = (shelf.get(number)[1] for number in numbers)
    parts = [profile_page(one) for one in documents if KNOWN_TEMPLATE not in one.document.flags]
    return merge_profiles([*parts, _read(known)] if known and known.exists() else parts)


def _holders(members: Sequence[tuple[str, int]], shelf: DocumentStore) -> dict[int, tuple[int, ...]]:
    """Return for each document the other documents of its site whose beginning it holds behind its own."""
    begun: dict[str, list[tuple[str, int]]] = defaultdict(list)
    held: dict[int, tuple[str, ...]] = {}
    for name, number in members:
        found = paragraphs(shelf.get(number)[1])
        for digest in opening_digests(found):
            begun[digest].append((name, number))
        held[number] = later_digests(found)
    holders: dict[int, tuple[int, ...]] = {}
    for name, number in members:
        groups = [begun[digest] for digest in held[number] if len(begun.get(digest, ())) in range(1, _MOST_HOLDERS + 1)]
        if others := {other for group in groups for other in group if other[0] != name}:
            holders[number] = tuple(other for _, other in sorted(others)[:_MOST_HOLDERS])
    return holders


def _cleaned(
    members: Sequence[tuple[str, int]],
    others: dict[int, tuple[int, ...]],
    profile: Path,
    shelf: DocumentStore,
    cleaner: Cleaner,
) -> Iterator[tuple[Record, CleanDocument]]:
    under_way: list[tuple[int, Future[CleanDocument | Failure]]] = []

    def finished() -> tuple[Record, CleanDocument]:
        number, future = under_way.pop(0)
        record, before = shelf.get(number)
        after = future.result()
        return record, before if isinstance(after, Failure) else after

    for _, number in members:
        task = Task(url=None, shelf=shelf.path, number=number, profile=profile, others=others.get(number, ()))
        under_way.append((number, cleaner.submit(task)))
        if len(under_way) >= _WINDOW:
            yield finished()
    while under_way:
        yield finished()


def file_name(site: str) -> str:
    """Return the name of a site's file in a directory of profiles."""
    return quote(site, safe=".-_") + ".json"


def keep_profiles(directory: Path, kept: Path) -> None:
    """Put the profiles of `directory` where the next build finds them; each appears whole or not at all."""
    for path in sorted(directory.glob("*.json")):
        with written_whole(kept / path.name) as partial:
            partial.write_bytes(path.read_bytes())
