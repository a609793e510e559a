"""The stages that compare the pages of each site: the sample it is learned from, the evidence of pages, its profile.

Sites are learned in four steps, so that no process holds more than the evidence of some of them: the pages of each site
are counted; each partition gives the evidence of its own pages; the evidence is merged site by site; and the stage
`rows` cleans each partition again with the profiles of its sites.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.cleaning.site.appended_pages import later_digests, opening_digests, paragraphs
from saaf.cleaning.site.profile import LEAST_PAGES, MOST_PAGES, SiteProfile, merge_profiles, profile_page
from saaf.cleaning.site.profile_json import to_json
from saaf.cleaning.site.template import KNOWN_TEMPLATE
from saaf.cleaning.text.urls import site_of
from saaf.corpus.ledger import Failure
from saaf.corpus.page_tasks import attempt
from saaf.corpus.parquet import write_row_groups
from saaf.corpus.profile_files import find_profile, profile_file_name, read_profile
from saaf.corpus.stages.frames import read_body, read_frames
from saaf.corpus.stages.pickles import dumps, loads
from saaf.corpus.stages.read import FRAMES, INDEX, RecordHeader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles

SAMPLES, EVIDENCE, PROFILES, OTHERS, RIGHTS = (
    "samples.parquet",
    "evidence.parquet",
    "profiles.parquet",
    "others.parquet",
    "rights.parquet",
)
_MAX_SAME_OPENING = 4  # pages that begin with the same paragraph: with more it is the site's, not an article's
_ROWS_PER_GROUP = 64

_SAMPLE_SCHEMA = pa.schema([("site", pa.string()), ("pages", pa.int64()), ("last_id", pa.string())])
_STRINGS = pa.list_(pa.string())
_EVIDENCE_SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("site", pa.string()),
        ("id", pa.string()),
        ("offset", pa.int64()),
        ("opening", _STRINGS),
        ("later", _STRINGS),
        ("profile", pa.binary()),
        ("failure", pa.string()),
    ]
)
_PROFILE_SCHEMA = pa.schema(
    [
        ("site", pa.string()),
        ("pages", pa.int64()),
        ("name", pa.string()),
        ("content", pa.binary()),
        ("failure", pa.string()),
    ]
)
_OTHERS_SCHEMA = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("other_partitions", pa.list_(pa.int32())),
        ("other_offsets", pa.list_(pa.int64())),
    ]
)
_RIGHTS_SCHEMA = pa.schema([("site", pa.string()), ("target", pa.string()), ("page", pa.binary())])


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArguments:
    """The arguments of the count of pages: the read tasks, and the directory of known profiles, None for none."""

    reads: tuple[TaskFiles, ...]
    known_profiles: Path | None


def sample_task(task: Task, _guard: PageGuard) -> Result:
    """Write, for each site that there is something to learn of, its pages and the last id that is sampled.

    A profile learns from the pages with the smallest ids, as many as it remembers: of the others it would keep nothing.
    Of a site with too few pages for a profile to say anything nothing is sampled, unless profiles are kept for the next
    build; whether one page has the article of another appended is looked for all the same.
    """
    arguments: SampleArguments = task.arguments
    tables = [pq.read_table(read.path(INDEX), columns=["site", "id"]) for read in arguments.reads]
    least = 1 if arguments.known_profiles else 2
    rows: dict[str, list[Any]] = {name: [] for name in _SAMPLE_SCHEMA.names}
    pages = pa.concat_tables(tables).sort_by([("site", "ascending"), ("id", "ascending")])
    counts = pages.group_by("site", use_threads=False).aggregate([("id", "count"), ("id", "list")])
    for site, count, ids in zip(counts["site"], counts["id_count"].to_pylist(), counts["id_list"], strict=True):
        if count >= least:
            rows["site"].append(site.as_py())
            rows["pages"].append(count)
            learns = arguments.known_profiles is not None or has_profile(count)
            rows["last_id"].append(pc.unique(ids.values).to_pylist()[:MOST_PAGES][-1] if learns else "")
    write_row_groups(task.path(SAMPLES), [pa.table(rows, schema=_SAMPLE_SCHEMA)], _SAMPLE_SCHEMA)
    return {"sites": len(rows["site"]), "pages": sum(rows["pages"])}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceArguments:
    """The arguments of the evidence of a partition: its read task, that of the samples, and the number of buckets."""

    read: TaskFiles
    samples: TaskFiles
    buckets: int


def evidence_task(task: Task, guard: PageGuard) -> Result:
    """Write what each site learns from the pages of a partition, sorted by bucket of sites."""
    arguments: EvidenceArguments = task.arguments
    samples = pq.read_table(arguments.samples.path(SAMPLES))
    last_ids = dict(zip(samples["site"].to_pylist(), samples["last_id"].to_pylist(), strict=True))
    index = pq.read_table(arguments.read.path(INDEX), columns=["site", "id", "offset"]).to_pylist()
    rows = []
    with arguments.read.path(FRAMES).open("rb") as stream:
        for number, one in enumerate(index, start=1):
            if one["site"] in last_ids:
                learn = partial(_evidence, stream, one["offset"], is_sampled=one["id"] <= last_ids[one["site"]])
                found = guard.call(number, learn, None)
                bucket = zlib.crc32(one["site"].encode()) % arguments.buckets
                failure = found.reason if isinstance(found, Failure) else None
                rows.append({"bucket": bucket, **one, **(_NOTHING if isinstance(found, Failure) else found)})
                rows[-1]["failure"] = failure
    rows.sort(key=lambda row: (row["bucket"], row["site"], row["id"], row["offset"]))
    groups = (
        pa.Table.from_pylist(list(group), schema=_EVIDENCE_SCHEMA)
        for _, group in groupby(rows, key=lambda row: row["bucket"])
    )
    return {"rows": write_row_groups(task.path(EVIDENCE), groups, _EVIDENCE_SCHEMA)}


_NOTHING: dict[str, Any] = {"opening": [], "later": [], "profile": None}


def _evidence(stream: Any, offset: int, *, is_sampled: bool) -> dict[str, Any]:
    clean: CleanDocument = read_body(stream, offset)[1]
    found = paragraphs(clean)
    learns = is_sampled and KNOWN_TEMPLATE not in clean.document.flags
    profile = dumps(profile_page(clean)) if learns else None
    return {"opening": opening_digests(found), "later": later_digests(found), "profile": profile}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteArguments:
    """The arguments of the merge of a bucket of sites: the evidence of all partitions, and known profiles or None."""

    evidence: tuple[TaskFiles, ...]
    bucket: int
    known_profiles: Path | None


def site_task(task: Task, _guard: PageGuard) -> Result:
    """Write the profiles of a bucket of sites, and which pages may have the article of which others appended."""
    arguments: SiteArguments = task.arguments
    profiles: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for site, members in groupby(_members(arguments), key=lambda member: str(member["site"])):
        pages = list(members)
        profile = attempt(partial(_profile_row, site, pages, arguments.known_profiles), None)
        if isinstance(profile, Failure):
            profiles.append({"site": site, "pages": 0, "failure": profile.reason})
            continue
        profiles.append(profile)
        others.extend(_appended_candidates(pages))
    _write(task.path(PROFILES), profiles, _PROFILE_SCHEMA)
    others.sort(key=lambda row: (row["partition"], row["offset"]))
    _write(task.path(OTHERS), others, _OTHERS_SCHEMA)
    return {"profiles": len(profiles)}


def _members(arguments: SiteArguments) -> Iterator[dict[str, Any]]:
    """Yield the pages of the bucket's sites with their evidence, site by site, each site's by id."""
    tables = []
    for number, evidence in enumerate(arguments.evidence):
        found = pq.read_table(evidence.path(EVIDENCE), filters=[("bucket", "=", arguments.bucket)])
        tables.append(found.append_column("partition", pa.array([number] * found.num_rows, pa.int32())))
    order = [(name, "ascending") for name in ("site", "id", "partition", "offset")]
    for batch in pa.concat_tables(tables).sort_by(order).to_batches(max_chunksize=_ROWS_PER_GROUP):
        yield from batch.to_pylist()


def _profile_row(site: str, pages: Sequence[dict[str, Any]], known_profiles: Path | None) -> dict[str, Any]:
    """Return the profile of some pages merged with the known one, as a row. Raises ProfileError."""
    known = find_profile(known_profiles, site) if known_profiles else None
    own = [loads(page["profile"]) for page in pages if page["profile"]]
    parts = [SiteProfile(site=site), *own]
    merged = merge_profiles([*parts, read_profile(known, site)] if known else parts)
    name = known.name if known else profile_file_name(site)
    return {
        "site": site,
        "pages": len(merged.pages),
        "name": name,
        "content": to_json(merged).encode(),
        "failure": None,
    }


def _appended_candidates(pages: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield, for a page, the pages of its site whose opening paragraph it has behind its own opening."""
    by_opening: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for page in pages:
        for digest in page["opening"]:
            by_opening[digest].append((page["id"], page["partition"], page["offset"]))
    for page in pages:
        groups = [by_opening.get(digest, []) for digest in page["later"]]
        few = [group for group in groups if 1 <= len(group) <= _MAX_SAME_OPENING]
        others = sorted({other for group in few for other in group if other[0] != page["id"]})[:_MAX_SAME_OPENING]
        if others:
            yield {
                "partition": page["partition"],
                "offset": page["offset"],
                "other_partitions": [partition for _, partition, _ in others],
                "other_offsets": [offset for _, _, offset in others],
            }


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsArguments:
    """The arguments of the collection of rights files: the read tasks that found some."""

    reads: tuple[TaskFiles, ...]


def rights_task(task: Task, _guard: PageGuard) -> Result:
    """Write the robots.txt and tdmrep.json files among the inputs, by site."""
    arguments: RightsArguments = task.arguments
    rows = []
    for read in arguments.reads:
        for header, _ in read_frames(read.path(FRAMES)):
            if isinstance(header, RecordHeader) and header.rights_file is not None:
                page = header.rights_file
                target = page.header("location") if 300 <= page.status < 400 else None
                rows.append({"site": site_of(page.url), "target": site_of(target), "page": dumps(page)})
    rows.sort(key=lambda row: str(row["site"]))
    return {"files": _write(task.path(RIGHTS), rows, _RIGHTS_SCHEMA)}


def has_profile(pages: int) -> bool:
    """Return whether the profile of so many pages says anything of one of them."""
    return pages >= LEAST_PAGES


def _write(path: Path, rows: Iterable[dict[str, Any]], schema: pa.Schema) -> int:
    rows = list(rows)
    groups = (rows[start : start + _ROWS_PER_GROUP] for start in range(0, len(rows), _ROWS_PER_GROUP))
    return write_row_groups(path, (pa.Table.from_pylist(group, schema=schema) for group in groups), schema)
