"""Fixtures: saved responses that replace the network, as files and manifest.toml files that give them URLs."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.cleaning.text.urls import canonical_url, without_fragment
from saaf.corpus.byte_blocks import read_stream
from saaf.corpus.capture_times import known_time
from saaf.corpus.input_files import ledger_name, list_files
from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MANIFEST = "manifest.toml"
_ENTRY_KEYS = ("url", "file", "fetched_at", "status", "bytes", "content_type", "headers")
FILE_LIMIT = 32 * 1024 * 1024
"""Limit of a saved page and of a manifest, in bytes: more than a crawl downloads, since older crawls had more."""


class FixtureError(Exception):
    """A manifest's entry or its file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """A saved response.

    `path` is its file, `name` the same relative to the directory that was loaded, with that directory's name in front.
    `size` is the length of the file in bytes that the manifest states, None where it states none. `fetched_at` has a
    time zone.
    """

    url: str
    path: Path
    name: str
    status: int
    headers: tuple[tuple[str, str], ...]
    fetched_at: datetime
    size: int | None

    def read(self) -> bytes:
        """Return the file's bytes; raise FixtureError where it is missing, unreadable, too large or changed."""
        try:
            body = _read(self.path)
        except FileNotFoundError:
            raise FixtureError(f"the manifest lists {self.name}, but there is no such file: save it again") from None
        except OSError as error:
            raise FixtureError(f"{self.name} cannot be read: {error.strerror}") from None
        if self.size is not None and len(body) != self.size:
            raise FixtureError(
                f"{self.name} has {len(body)} bytes where the manifest says {self.size}: the file is truncated or"
                " changed; save the page again, or correct `bytes`"
            )
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixtures:
    """The content of directories of fixtures. `start_urls` are the URLs that a crawl of them begins with, sorted.

    `responses` is keyed by `key_of(url)`. `failures` are the manifests, entries and files that cannot be replayed;
    their `url` is the entry's URL, or the file's name where it has none.
    """

    responses: Mapping[str, Fixture]
    start_urls: tuple[str, ...]
    failures: tuple[Failure, ...]


def key_of(url: str) -> str:
    """Return the key under which a fixture is found: the canonical URL, however its characters are escaped."""
    return canonical_url(without_fragment(url))


def load_fixtures(directories: Iterable[Path]) -> Fixtures:
    """Load every manifest below the directories; an error in one becomes a failure, and the others are loaded."""
    responses: dict[str, Fixture] = {}
    start_urls: set[str] = set()
    failures: list[Failure] = []
    for directory in directories:
        listed: set[Path] = set()
        files, unreadable = list_files(directory)
        for manifest in sorted(path for path in files if path.name == MANIFEST):
            name = _relative_name(manifest, directory)
            try:
                content = tomllib.loads(_read(manifest).decode())
            except (OSError, ValueError, FixtureError) as error:
                failures.append(Failure(state=State.UNREADABLE, reason=f"not a manifest: {error}", url=name))
                continue
            except RecursionError:
                reason = "not a manifest: it is nested too deeply"
                failures.append(Failure(state=State.UNREADABLE, reason=reason, url=name))
                continue
            entries = [entry for entry in content.get("response", []) if isinstance(entry, dict)]
            listed.update((manifest.parent / str(entry.get("file"))).resolve() for entry in entries)
            for found in _read_entries(entries, manifest, directory):
                if isinstance(found, Fixture) and key_of(found.url) not in responses:
                    responses[key_of(found.url)] = found
                else:
                    failures.append(found if isinstance(found, Failure) else _repeated_url(found))
            # Without a [site] table there is no front page to begin at: every page is a start URL.
            site = content.get("site", {})
            start_urls.update(site.get("start", [] if site else [entry["url"] for entry in entries if "url" in entry]))
        failures += _unlisted_files(files, directory, listed)
        failures += [
            Failure(state=State.UNREADABLE, reason=each.reason, url=_relative_name(each.path, directory))
            for each in sorted(unreadable, key=lambda each: each.path)
        ]
    return Fixtures(responses=responses, start_urls=tuple(sorted(start_urls)), failures=tuple(failures))


def _read_entries(entries: list[dict[str, object]], manifest: Path, directory: Path) -> Iterator[Fixture | Failure]:
    """Yield a fixture or a failure for each entry of a manifest."""
    for number, entry in enumerate(entries, start=1):
        try:
            yield _parse_entry(entry, manifest, directory)
        except FixtureError as error:
            url = entry.get("url")
            where = f"{_relative_name(manifest, directory)}, response {number}"
            reason = f"{where}: {error}"
            yield Failure(state=State.UNREADABLE, reason=reason, url=url if isinstance(url, str) else where)


def _parse_entry(entry: dict[str, object], manifest: Path, directory: Path) -> Fixture:
    """Return the fixture of an entry; raise FixtureError where a field is missing or has a wrong type."""
    for key in entry:
        if key not in _ENTRY_KEYS:
            near = get_close_matches(key.replace("-", "_").lower(), _ENTRY_KEYS, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(_ENTRY_KEYS)}"
            raise FixtureError(f"there is no key {key!r}: {meant}")
    url, file, fetched_at = entry.get("url"), entry.get("file"), entry.get("fetched_at")
    status, size, headers = entry.get("status", 200), entry.get("bytes"), entry.get("headers", {})
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise FixtureError('it needs url = "https://…"')
    if not isinstance(file, str):
        raise FixtureError('it needs file = "…", relative to the manifest')
    if not isinstance(fetched_at, datetime) or fetched_at.tzinfo is None or known_time(fetched_at) is None:
        raise FixtureError("it needs fetched_at = 2025-03-16T10:00:00Z, a time with its offset")
    if not isinstance(status, int) or not 100 <= status <= 599:
        raise FixtureError(f"status is an HTTP status, not {status!r}")
    if size is not None and not isinstance(size, int):
        raise FixtureError(f"bytes is the file's length, not {size!r}")
    if not isinstance(headers, dict):
        raise FixtureError('headers is a table such as { Location = "https://…" }')
    fields = {str(name): str(value) for name, value in headers.items()}
    if "content_type" in entry:
        fields["Content-Type"] = str(entry["content_type"])
    path = manifest.parent / file
    return Fixture(
        url=url,
        path=path,
        name=_relative_name(path, directory),
        status=status,
        headers=tuple(sorted(fields.items())),
        fetched_at=fetched_at,
        size=size,
    )


def _read(path: Path) -> bytes:
    """Return the bytes of a file. Raises FixtureError where it is larger than what a crawl may download."""
    with path.open("rb") as stream:
        read = read_stream(stream, FILE_LIMIT)
    if read.problem is not None:
        raise FixtureError(f"{path.name} has {path.stat().st_size} bytes, and the limit is {FILE_LIMIT}: leave it out")
    return read.body


def _relative_name(path: Path, directory: Path) -> str:
    # Never an absolute path: the ledger is the same wherever the fixtures are.
    return ledger_name(Path(os.path.relpath(path.absolute(), directory.absolute().parent)).as_posix())


def _repeated_url(fixture: Fixture) -> Failure:
    reason = f"listed twice, the second time for {fixture.name}: keep one of the two entries"
    return Failure(state=State.REPEATED, reason=reason, url=fixture.name)


def _unlisted_files(files: list[Path], directory: Path, listed: set[Path]) -> list[Failure]:
    """Return a failure for each of `files` that no manifest lists; manifests and READMEs need not be."""
    exempt = (MANIFEST, "README.md")
    reason = f"lies among the fixtures, but no {MANIFEST} lists it: add a [[response]] for it, or delete it"
    return [
        Failure(state=State.UNLISTED, reason=reason, url=_relative_name(path, directory))
        for path in sorted(files)
        if path.resolve() not in listed and path.name not in exempt
    ]
