"""What is known of the sites of the pages of a partition: profiles, pages that may be appended, rights files."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf import cleaning
from saaf.atomic_files import atomic_write
from saaf.cleaning.rights.sites import SiteRights
from saaf.cleaning.site.appended_pages import cut_appended_page
from saaf.cleaning.site.profile_json import from_json
from saaf.cleaning.site.repeated_blocks import find_repeated_blocks
from saaf.corpus.ledger import Failure
from saaf.corpus.stages.frames import read_body
from saaf.corpus.stages.read import FRAMES, INDEX
from saaf.corpus.stages.sites import EVIDENCE, OTHERS, PROFILES, RIGHTS, has_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from saaf.cleaning.site.profile import SiteProfile
    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import TaskFiles

PROFILE_NOT_APPLIED = "site_profile_not_applied"
"""The flag of a document that is as the first pass left it, because the second pass failed."""

_PROFILES_HELD = 64
_MAX_REDIRECTS = 5  # of a robots.txt to that of another host (RFC 9309, section 2.3.1.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKnowledge:
    """The tasks that learned the sites: evidence by partition, profiles by bucket, rights files; None for none."""

    evidence: tuple[TaskFiles, ...]
    sites: tuple[TaskFiles, ...]
    rights: TaskFiles | None

    @property
    def tasks(self) -> tuple[TaskFiles, ...]:
        """All tasks that learned the sites."""
        return (*self.evidence, *self.sites, *([self.rights] if self.rights else []))

    def load(self, reads: tuple[TaskFiles, ...], partition: int) -> PartitionSites:
        """Return what is known of the sites of the pages of a partition."""
        hosts: set[str] = set(
            pq.read_table(reads[partition].path(INDEX), columns=["site"])["site"].unique().to_pylist()
        )
        profiles: dict[str, _ProfileEntry] = {}
        others: dict[int, tuple[tuple[int, int], ...]] = {}
        for task in self.sites:
            _add_profiles(profiles, task, hosts)
            table = pq.read_table(task.path(OTHERS), filters=[("partition", "=", partition)])
            for row in table.to_pylist():
                others[row["offset"]] = tuple(zip(row["other_partitions"], row["other_offsets"], strict=True))
        failures: dict[int, str] = {}
        if self.evidence:
            table = pq.read_table(self.evidence[partition].path(EVIDENCE), columns=["offset", "failure"])
            failed = table.filter(pc.is_valid(table["failure"]))
            failures = dict(zip(failed["offset"].to_pylist(), failed["failure"].to_pylist(), strict=True))
        rights = _load_rights(self.rights, hosts) if self.rights else SiteRights()
        return PartitionSites(profiles=profiles, others=others, failures=failures, rights=rights, reads=reads)


def save_profiles(knowledge: SiteKnowledge, directory: Path) -> None:
    """Write the profiles to a directory, where the next build reads them; each file is replaced whole."""
    for task in knowledge.sites:
        with pq.ParquetFile(task.path(PROFILES)) as file:
            for batch in file.iter_batches(_PROFILES_HELD, columns=["name", "content"]):
                for row in batch.to_pylist():
                    if row["content"] is not None:
                        with atomic_write(directory / row["name"]) as partial:
                            partial.write_bytes(row["content"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProfileEntry:
    """A site's profile as JSON, which is parsed when a page of the site comes, or the reason why there is none."""

    content: bytes
    pages: int
    failure: str | None


@dataclass(slots=True, kw_only=True)
class PartitionSites:
    """What is known of the sites of the pages of a partition.

    `others` are, by the offset of a document's frame, partition and offset of pages whose article may be appended to
    it; `failures`, by offset, why nothing was learned from a page. `rights` has the rights files of the hosts.
    """

    profiles: Mapping[str, _ProfileEntry]
    others: Mapping[int, tuple[tuple[int, int], ...]]
    failures: Mapping[int, str]
    rights: SiteRights
    reads: tuple[TaskFiles, ...]
    _parsed: dict[str, SiteProfile] = field(default_factory=dict)

    def clean_again(
        self, clean: CleanDocument, offset: int, guard: PageGuard, number: int
    ) -> tuple[CleanDocument, str | None]:
        """Return a document cleaned with its site's profile, and why that failed, None where it did not.

        A document in which the profile finds nothing repeated is not cleaned again. `number` is that of the guard.
        """
        entry = self.profiles.get(clean.document.site)
        if entry is None:
            return clean, None
        if entry.failure:
            return clean, entry.failure
        if offset in self.failures:
            return clean, self.failures[offset]
        others = self.others.get(offset, ())
        if not has_profile(entry.pages) and not others:
            return clean, None
        result = guard.call(number, partial(self._clean, clean, others), None)
        return (clean, result.reason) if isinstance(result, Failure) else (result, None)

    def _clean(self, clean: CleanDocument, others: Iterable[tuple[int, int]]) -> CleanDocument:
        profile = self._profile(clean.document.site)
        if find_repeated_blocks(clean.document, clean.removals, profile):
            clean = cleaning.apply_profile(clean, profile)
        for partition, offset in others:
            with self.reads[partition].path(FRAMES).open("rb") as stream:
                clean = cut_appended_page(clean, _document(stream, offset))
        return clean

    def _profile(self, site: str) -> SiteProfile:
        if site not in self._parsed:
            if len(self._parsed) == _PROFILES_HELD:
                del self._parsed[next(iter(self._parsed))]
            self._parsed[site] = from_json(self.profiles[site].content.decode())
        return self._parsed[site]


def _document(stream: BinaryIO, offset: int) -> CleanDocument:
    document: CleanDocument = read_body(stream, offset)[1]
    return document


def _add_profiles(profiles: dict[str, _ProfileEntry], task: TaskFiles, hosts: set[str]) -> None:
    table = pq.read_table(task.path(PROFILES), columns=["site", "pages", "content", "failure"])
    for row in table.filter(pc.is_in(table["site"], pa.array(sorted(hosts), pa.string()))).to_pylist():
        entry = _ProfileEntry(content=row["content"] or b"", pages=row["pages"], failure=row["failure"])
        profiles[row["site"]] = entry


def _load_rights(task: TaskFiles, sites: set[str]) -> SiteRights:
    """Return the rights files of the sites of a partition, and of the hosts that these redirect to."""
    rights = SiteRights()
    table = pq.read_table(task.path(RIGHTS))
    names = table["site"].to_pylist()
    wanted, seen = set(sites), set()
    for _ in range(_MAX_REDIRECTS + 1):
        rows = [row for row, name in enumerate(names) if name in wanted and row not in seen]
        if not rows:
            break
        seen.update(rows)
        wanted |= set(table.take(rows)["target"].to_pylist())
    for row in sorted(seen):
        rights.add(pickle.loads(table["page"][row].as_py()))  # noqa: S301  # our own
    return rights
