"""A site's profile as a file that a person can read, compare and correct: JSON, a line or a place on each line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.site.profile import Entry, Region, SiteProfile, Sketch, merge_profiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT: Final = 1
"""The version of the file's layout."""


class ProfileError(ValueError):
    """A file that is no site's profile; the message says where and what to do."""


def to_json(profile: SiteProfile) -> str:
    """Return the profile as JSON: pages by number, what most pages have first, the same text for the same profile."""
    numbers = {page.id: number for number, page in enumerate(profile.pages)}
    lines = sorted(profile.entries, key=lambda entry: (-len(entry.pages), entry.path, entry.text, entry.begins))
    places = sorted(profile.regions, key=lambda region: (-len(region.kept) - len(region.removed), region.path))
    groups: dict[str, list[Any]] = {
        "pages": [[page.id, *page.prose] for page in profile.pages],
        "orders": [[numbers[page.id], " ".join(page.order)] for page in profile.pages if page.order],
        "lines": [_line(entry, numbers) for entry in lines],
        "places": [_place(region, numbers) for region in places],
    }
    parts = [f' "format": {FORMAT},\n "site": {_json(profile.site)}']
    for name, rows in groups.items():
        if name == "orders" and not rows:  # a site of HTML pages has places
            continue
        parts.append(f' "{name}": [\n' + ",\n".join(f"  {_json(row)}" for row in rows) + "\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def from_json(text: str) -> SiteProfile:
    """Return the profile of a file's text. Raises ProfileError where it is none, or of another format."""
    try:
        data: dict[str, Any] = json.loads(text)
        if data["format"] != FORMAT:
            raise ProfileError(f"the profile has format {data['format']}, this version reads {FORMAT}: delete the file")
        orders = {row[0]: tuple(row[1].split()) for row in data.get("orders", ())}
        pages = tuple(
            Sketch(id=row[0], prose=tuple(row[1:]), order=orders.get(number, ()))
            for number, row in enumerate(data["pages"])
        )
        names = [page.id for page in pages]
        read = SiteProfile(
            site=data["site"],
            pages=pages,
            entries=tuple(
                Entry(
                    text=row["text"],
                    path=row["place"],
                    begins=row.get("begins", False),
                    pages=_pages(row, "pages", names),
                    inside=_pages(row, "inside", names),
                    removed=_pages(row, "removed", names),
                    keep=row.get("keep", False),
                )
                for row in data["lines"]
            ),
            regions=tuple(
                Region(
                    path=row["place"],
                    kept=_pages(row, "kept", names),
                    removed=_pages(row, "removed", names),
                    keep=row.get("keep", False),
                )
                for row in data["places"]
            ),
        )
    except (KeyError, IndexError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ProfileError(
            f"no site's profile ({type(error).__name__}: {error}): correct or delete the file"
        ) from error
    return merge_profiles([read])


def _line(entry: Entry, numbers: Mapping[str, int]) -> dict[str, object]:
    row: dict[str, object] = {"text": entry.text, "place": entry.path, "pages": _numbers(entry.pages, numbers)}
    for name, value in (("inside", entry.inside), ("removed", entry.removed)):
        if value:
            row[name] = _numbers(value, numbers)
    return row | ({"begins": True} if entry.begins else {}) | ({"keep": True} if entry.keep else {})


def _place(region: Region, numbers: Mapping[str, int]) -> dict[str, object]:
    row: dict[str, object] = {"place": region.path}
    row |= {"kept": _numbers(region.kept, numbers), "removed": _numbers(region.removed, numbers)}
    return row | ({"keep": True} if region.keep else {})


def _numbers(pages: Sequence[str], numbers: Mapping[str, int]) -> list[int]:
    return [numbers[page] for page in pages]


def _pages(row: Mapping[str, Any], name: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[number] for number in row.get(name, ()))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
