"""The files of a build's inputs, in an order that depends on their names only; each is a part that can be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.corpus.crawl_frontier import FRONTIER, FRONTIER_FILES
from saaf.corpus.crawl_listing import LISTING, listing_file
from saaf.corpus.file_names import DATA, MANIFEST, OLD_DOCUMENTS, OLD_LEDGER
from saaf.corpus.input_files import file_problem, ledger_name, list_files, unique_names
from saaf.corpus.input_paths import InputError as InputError
from saaf.corpus.input_paths import RemotePath, list_remote, parse_input
from saaf.corpus.ledger import Failure, State
from saaf.corpus.records import InputPart
from saaf.corpus.saved_pages import sidecar_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.input_paths import InputPath

_NO_FRONTIER = Failure(
    state=State.UNREADABLE, reason="the frontier of this crawl cannot be read: start the crawl again, or delete it"
)
_LISTINGS = (LISTING, FRONTIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlDirectory:
    """The directory of a crawl that has a listing; `name` is the ledger's name of the file that the listing is in."""

    name: str
    path: Path


def check_inputs(paths: Sequence[InputPath | str]) -> list[InputPath]:
    """Return the paths of inputs; those that begin like a URL are remote.

    Raises `InputError` where a path does not exist, cannot be reached, has a scheme that is not read, or is a directory
    that cannot be an input.
    """
    if not paths:
        raise InputError("there is no input: name at least one file or directory")
    parsed = [parse_input(path) for path in paths]
    local = [path for path in parsed if isinstance(path, Path)]
    if missing := [str(path) for path in local if not _exists(path)]:
        raise InputError(f"no such file or directory: {', '.join(missing)}")
    for path in parsed:
        if isinstance(path, RemotePath):
            _check_remote(path)
        elif path.is_dir():
            _check_directory(path)
    return parsed


def _check_remote(path: RemotePath) -> None:
    """Raise `InputError` where a remote directory has no file, or is of a crawl or corpus."""
    files = list_remote(path)
    if files is None:
        return
    if not files:
        raise InputError(f"{path}: there is no file in this directory")
    names = {name for name, _ in files}
    for name in sorted(names):
        folder, mark, last = name.rpartition("/")
        if last in _LISTINGS and any(each.startswith(folder + mark) and ".warc" in each for each in names):
            raise InputError(f"{path} has a crawl ({name}): copy its directory to this machine, and name the copy")
        if last == MANIFEST and any(_is_of_data(each.removeprefix(folder + mark)) for each in names):
            raise InputError(f"{path} has a corpus ({name}): name its {DATA}, or the files that it was built from")


def _is_of_data(name: str) -> bool:
    return name == OLD_DOCUMENTS or name.startswith(f"{DATA}/")


def _exists(path: Path) -> bool:
    """Return whether a path exists. Raises `InputError` where that cannot be known: its directory is closed, say."""
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from error


def _check_directory(directory: Path) -> None:
    """Raise `InputError` where a directory has no file, or a corpus, whose tables all hold the same texts."""
    files, unreadable = list_files(directory)
    if not files and not unreadable:
        raise InputError(f"{directory}: there is no file in this directory")
    for path in sorted(files):
        if path.name not in (MANIFEST, OLD_LEDGER):
            continue
        for documents in (path.parent / DATA, path.parent / OLD_DOCUMENTS):
            if documents.exists():
                raise InputError(f"{path.parent} is a corpus: name {documents}, or the files that it was built from")


def walk_inputs(paths: Sequence[InputPath]) -> Iterator[InputPart | CrawlDirectory]:
    """Yield every file of the inputs as a part, those that cannot be read with their failure.

    Files of a directory come by name; the directory of a crawl with a listing comes after what it lists. Hidden files
    are no inputs, nor are the files of a crawl beside its WARC.
    """
    for name, path in unique_names(paths):
        if isinstance(path, RemotePath):
            yield from _walk_remote(name, path)
        elif path.is_dir():
            yield from _walk_directory(name, path)
        else:
            problem = file_problem(path)
            failure = Failure(state=State.UNREADABLE, reason=problem) if problem else None
            yield InputPart(name=name, path=path, failure=failure)


def _walk_remote(name: str, path: RemotePath) -> Iterator[InputPart]:
    files = list_remote(path)
    if files is None:
        yield InputPart(name=name, path=path)
    for below, file in files or ():
        if not any(part.startswith(".") for part in below.split("/")):
            yield InputPart(name=f"{name}/{ledger_name(below)}", path=file)


def _walk_directory(name: str, directory: Path) -> Iterator[InputPart | CrawlDirectory]:
    listings: dict[Path, str | None] = {}
    files, unreadable = list_files(directory)
    reasons = {each.path: each.reason for each in unreadable}
    names: dict[Path, set[str]] = {}
    for path in files:
        names.setdefault(path.parent, set()).add(path.name)
    for path in sorted((*files, *reasons), key=lambda path: (path.parent, path.name in _LISTINGS, path.name)):
        key = f"{name}/{ledger_name(path.relative_to(directory).as_posix())}" if path != directory else name
        if path in reasons:
            failure = Failure(state=State.UNREADABLE, reason=reasons[path])
            yield InputPart(name=key, path=path, failure=failure)
            continue
        if path.parent not in listings:
            listings[path.parent] = _listing_file(path.parent)
        source = listings[path.parent]
        if source is not None and path.name == source:
            yield CrawlDirectory(name=key, path=path.parent)
        elif path.name == FRONTIER and source is None:
            yield InputPart(name=key, path=path, failure=_NO_FRONTIER)
        elif path.name in FRONTIER_FILES or (source is not None and path.name in _LISTINGS):
            continue  # part of a crawl, and no input: the listing is read, from the one file or the other
        elif (page := sidecar_of(path.name, names.get(path.parent, ()))) is not None:
            reason = f"it states the address of {ledger_name(page)}"
            yield InputPart(name=key, path=path, failure=Failure(state=State.NOT_CONTENT, reason=reason))
        else:
            yield InputPart(name=key, path=path, listing=path.parent if source is not None else None)


def _listing_file(directory: Path) -> str | None:
    """Return the name of the file of a crawl's listing, None where there is none or it cannot be read."""
    try:
        return listing_file(directory)
    except OSError:
        return None
