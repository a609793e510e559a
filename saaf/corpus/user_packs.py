"""Where language packs of the user's own are found: in directories, and in installed packages."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from saaf.cleaning.phrases.pack_source import PackSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import EntryPoint
    from importlib.resources.abc import Traversable
    from pathlib import Path

ENTRY_POINTS: Final = "saaf.rules"
"""The group of entry points that name packages with language packs, as `theirs = "their_package.rules"`."""
_SUFFIX: Final = ".toml"
_MAX_BYTES: Final = 8 << 20


def read_packs(directories: Iterable[Path], *, installed: Iterable[EntryPoint] | None = None) -> tuple[PackSource, ...]:
    """Return the packs in `directories`, each by name, and then those of installed packages: of the entry points
    `installed`, None for all of the group. What is wrong with one is its `fault`.

    Raises ValueError where a directory is none.
    """
    sources = [source for directory in directories for source in _of_directory(directory)]
    points = entry_points(group=ENTRY_POINTS) if installed is None else installed
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        sources += _of_entry_point(point)
    return tuple(sources)


def _of_directory(directory: Path) -> Iterator[PackSource]:
    if not directory.is_dir():
        raise ValueError(f"{directory} is no directory: name the one that holds your packs, such as hi.toml")
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix == _SUFFIX)
    except OSError as error:
        raise ValueError(f"the directory {directory} cannot be read: {error.strerror}") from error
    if not paths:
        raise ValueError(
            f"the directory {directory} holds no pack: a pack is a file named by its language, such as hi.toml"
        )
    for path in paths:
        yield _read(path, path.stem, str(path))


def _of_entry_point(point: EntryPoint) -> Iterator[PackSource]:
    """Yield the packs of an entry point; a package that cannot be imported or read is one with a fault."""
    where = f"{point.value} (entry point {point.name})"
    try:
        package = files(point.module)
        found = sorted((one for one in package.iterdir() if one.name.endswith(_SUFFIX)), key=lambda one: one.name)
    except Exception as error:  # anything may go wrong in a package of somebody else
        yield PackSource(name="", where=where, text="", fault=f"{where} has no packs that can be read: {error}")
        return
    for one in found:
        yield _read(one, one.name.removesuffix(_SUFFIX), f"{point.module}/{one.name}")


def _read(file: Traversable, name: str, where: str) -> PackSource:
    """Return a pack, with a fault where its file cannot be read, is too large, or is not UTF-8."""
    fault = None
    try:
        body = file.read_bytes()
        if len(body) <= _MAX_BYTES:
            return PackSource(name=name, where=where, text=body.decode("utf-8-sig"))
        fault = f"it has more than {_MAX_BYTES >> 20} MB; divide it"
    except OSError as error:
        fault = f"it cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        fault = "it is not UTF-8; save it as that"
    return PackSource(name=name, where=where, text="", fault=f"the pack {where} was not applied: {fault}.")
