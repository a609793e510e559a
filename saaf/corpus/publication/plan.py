"""The plan of an upload: which files of a corpus go where, after each was checked against the manifest."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from saaf.atomic_files import checksum
from saaf.corpus.file_names import CARD, CROISSANT, DATA, DIRECTORIES, MANIFEST, OLD_DOCUMENTS, WORK
from saaf.corpus.manifest import read_manifest
from saaf.corpus.manifest_entries import file_problem
from saaf.corpus.publication.layout import published_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHOWN = 5
_HUB = re.compile(
    r"hf://datasets/(?P<repository>[\w-][\w.-]*/[\w-][\w.-]*)(?:@(?P<revision>[\w.-]+))?(?P<path>(?:/[\w.-]+)*)/?"
)
_SCHEMES = frozenset({"file", "s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss"})  # of pyarrow.fs
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class PublicationError(Exception):
    """A corpus that cannot be published, or an address that it cannot go to; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubTarget:
    """A data set on the Hugging Face Hub: `repository` is "USER/NAME"; `path` is "" for its top."""

    repository: str
    revision: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFile:
    """A file that is uploaded: its `name` relative to the corpus, its size in bytes and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPlan:
    """What an upload does. `target` is an address with a scheme, as text, or a directory; manifest.json comes last.

    `unfinished` is True where a newer build of the corpus was begun: what is uploaded is the one before it.
    """

    corpus: Path
    target: HubTarget | str | Path
    files: tuple[PlannedFile, ...]
    unfinished: bool = False

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes for file in self.files)


def plan_upload(
    corpus: Path, to: str, report_progress: Callable[[str, int, int | None], None] | None = None
) -> UploadPlan:
    """Check a corpus and return the plan of its upload to an address; nothing is sent, no network is used.

    `to` is hf://datasets/USER/NAME, another address with a scheme (s3://…), or a directory. Only files of the layout
    that manifest.json lists go: never the capture of a crawl or the work of a build. Raises `PublicationError` where
    the corpus is incomplete or is not as its manifest says, and where the address cannot be used.
    """
    target = parse_target(to)
    if isinstance(target, Path):
        real, inside = os.path.realpath(target), os.path.realpath(corpus)
        if os.path.commonpath([real, inside]) in (real, inside):
            raise PublicationError(f"{target} and the corpus {corpus} are in one another: name another directory")
    listed = required_manifest(corpus)["files"]
    report = report_progress or (lambda _step, _done, _total: None)
    _check_layout(corpus, listed)
    files = []
    problems = []
    for number, name in enumerate(sorted(listed)):
        report("checking files", number, len(listed))
        problem = _problem(corpus, name, listed[name])
        if problem and _is_edited_card(corpus, name):
            files.append(PlannedFile(name=name, bytes=(corpus / name).stat().st_size, sha256=checksum(corpus / name)))
        elif problem:
            problems.append(f"{name} {problem}")
        else:
            files.append(PlannedFile(name=name, bytes=listed[name]["bytes"], sha256=listed[name]["sha256"]))
    if problems:
        raise PublicationError(f"{corpus} is not as its {MANIFEST} says: {_first(problems)}; build the corpus again")
    path = corpus / MANIFEST
    files.append(PlannedFile(name=MANIFEST, bytes=path.stat().st_size, sha256=checksum(path)))
    return UploadPlan(corpus=corpus, target=target, files=tuple(files), unfinished=(corpus / WORK).exists())


def parse_target(to: str) -> HubTarget | str | Path:
    """Return what an address names. Raises `PublicationError` where it cannot be understood."""
    scheme = _SCHEME.match(to)
    if scheme is None:
        if not to.strip():
            raise PublicationError("the address to publish to is empty: give one such as hf://datasets/USER/NAME")
        return Path(to)
    if scheme[1].lower() != "hf":
        if not _is_known(scheme[1].lower()):
            raise PublicationError(
                f"{to} cannot be published to: {scheme[1]}:// is a scheme of neither pyarrow nor an installed fsspec"
            )
        return to
    match = _HUB.fullmatch(to)
    if match is None or ".." in to:
        raise PublicationError(f"{to} is no data set of the Hub: an address is such as hf://datasets/USER/NAME")
    return HubTarget(repository=match["repository"], revision=match["revision"], path=match["path"].strip("/"))


def _is_known(scheme: str) -> bool:
    if scheme in _SCHEMES:
        return True
    try:
        return scheme in import_module("fsspec").available_protocols()
    except ImportError:
        return False


def required_manifest(corpus: Path) -> dict[str, Any]:
    """Return the manifest of a corpus. Raises `PublicationError` where there is none, or none that can be read."""
    manifest = read_manifest(corpus)
    if manifest is not None:
        return manifest
    if (corpus / MANIFEST).exists():
        raise PublicationError(f"{corpus / MANIFEST} is damaged; build the corpus again")
    raise PublicationError(
        f"{corpus} has no {MANIFEST}: its build has not ended, or it is no corpus; run `saaf build` to its end"
    )


def _check_layout(corpus: Path, listed: Mapping[str, Any]) -> None:
    """Raise `PublicationError` unless the listed files are those of a published corpus, and all that it has."""
    if OLD_DOCUMENTS in listed:
        raise PublicationError(f"{corpus} has the older layout: make a new one of it with `saaf convert {corpus} NEW`")
    outside = sorted(name for name in listed if not _is_published(name))
    if outside:
        raise PublicationError(
            f"{corpus / MANIFEST} lists {outside[0]!r}, which is no file of a corpus; build it again"
        )
    missing = [name for name in (CARD, CROISSANT) if name not in listed]
    if not any(name.startswith(f"{DATA}/") for name in listed):
        missing.append(f"{DATA}/")
    if missing:
        raise PublicationError(f"{corpus} is incomplete: its {MANIFEST} has no {', '.join(missing)}; build it again")
    others = sorted(set(published_files(corpus)) - listed.keys())
    if others:
        raise PublicationError(
            f"{corpus} has files that its {MANIFEST} does not list: {_first(others)}; move them, or build it again"
        )


def _is_published(name: str) -> bool:
    path = PurePosixPath(name)
    plain = all(part not in ("", ".", "..") and not part.startswith(".") for part in name.split("/"))
    return plain and (name in (CARD, CROISSANT) or (path.parts[0] in DIRECTORIES and len(path.parts) > 1))


def _problem(corpus: Path, name: str, entry: Any) -> str | None:
    if (corpus / name).is_file() and not (corpus / name).resolve().is_relative_to(corpus.resolve()):
        return "is a link to a file outside of the corpus"
    return file_problem(corpus / name, entry)


def _is_edited_card(corpus: Path, name: str) -> bool:
    """Return whether a file that is not as the manifest says is the card, which is its publisher's to edit."""
    path = corpus / name
    return name == CARD and path.is_file() and path.resolve().is_relative_to(corpus.resolve())


def _first(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return "; ".join(names[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
