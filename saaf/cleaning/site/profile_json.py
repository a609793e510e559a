"""Site profiles as JSON files that a person can read, compare and correct: one line or path on each row.

The keys of the file are older than the names in code: `lines` and `places` hold the `LineRecord`s and `PathRecord`s;
`text` is a line's fingerprint, `place` its path, `begins` is `is_beginning`, `keep` is `user_veto`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from saaf.cleaning.site.profile import LineRecord, PageSketch, PathRecord, SiteProfile, merge_profiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT: Final = 1
"""The version of the file's layout."""


class ProfileError(ValueError):
    """A file that is no site profile; the message says where and what to do."""


def to_json(profile: SiteProfile) -> str:
    """Return the profile as JSON: pages by number, the lines and paths of most pages first. Deterministic."""
    numbers = {page.id: number for number, page in enumerate(profile.pages)}
    lines = sorted(profile.lines, key=lambda line: (-len(line.pages), line.path, line.fingerprint, line.is_beginning))
    paths = sorted(profile.paths, key=lambda path: (-len(path.kept) - len(path.removed), path.path))
    groups: dict[str, list[Any]] = {
        "pages": [[page.id, *page.prose_digests] for page in profile.pages],
        "orders": [[numbers[page.id], " ".join(page.line_digests)] for page in profile.pages if page.line_digests],
        "lines": [_line_row(line, numbers) for line in lines],
        "places": [_path_row(path, numbers) for path in paths],
    }
    parts = [f' "format": {FORMAT},\n "site": {_json(profile.site)}']
    for name, rows in groups.items():
        if name == "orders" and not rows:  # a site of HTML pages has paths
            continue
        parts.append(f' "{name}": [\n' + ",\n".join(f"  {_json(row)}" for row in rows) + "\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def from_json(text: str) -> SiteProfile:
    """Return the profile in a file's text. Raises ProfileError where it is none, or of another format."""
    try:
        data: dict[str, Any] = json.loads(text)
        if data["format"] != FORMAT:
            raise ProfileError(f"the profile has format {data['format']}, this version reads {FORMAT}: delete the file")
        pages = _sketches(data)
        ids = [page.id for page in pages]
        parsed = SiteProfile(
            site=data["site"],
            pages=pages,
            lines=tuple(_line_record(row, ids) for row in data["lines"]),
            paths=tuple(_path_record(row, ids) for row in data["places"]),
        )
    except json.JSONDecodeError as error:
        raise ProfileError(f"no site's profile, since it is not JSON ({error}): correct or delete the file") from error
    except KeyError as error:
        raise ProfileError(f"no site's profile, since {error} is missing: correct or delete the file") from error
    except (IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ProfileError(f"no site's profile ({error}): correct or delete the file") from error
    return merge_profiles([parsed])


def _sketches(data: Mapping[str, Any]) -> tuple[PageSketch, ...]:
    orders = {row[0]: tuple(row[1].split()) for row in data.get("orders", ())}
    return tuple(
        PageSketch(id=row[0], prose_digests=tuple(row[1:]), line_digests=orders.get(number, ()))
        for number, row in enumerate(data["pages"])
    )


def _line_record(row: Mapping[str, Any], ids: Sequence[str]) -> LineRecord:
    return LineRecord(
        fingerprint=row["text"],
        path=row["place"],
        is_beginning=row.get("begins", False),
        pages=_page_ids(row, "pages", ids),
        inside=_page_ids(row, "inside", ids),
        removed=_page_ids(row, "removed", ids),
        user_veto=row.get("keep", False),
    )


def _path_record(row: Mapping[str, Any], ids: Sequence[str]) -> PathRecord:
    return PathRecord(
        path=row["place"],
        kept=_page_ids(row, "kept", ids),
        removed=_page_ids(row, "removed", ids),
        user_veto=row.get("keep", False),
    )


def _line_row(line: LineRecord, numbers: Mapping[str, int]) -> dict[str, object]:
    row: dict[str, object] = {
        "text": line.fingerprint,
        "place": line.path,
        "pages": _page_numbers(line.pages, numbers),
    }
    for name, pages in (("inside", line.inside), ("removed", line.removed)):
        if pages:
            row[name] = _page_numbers(pages, numbers)
    return row | ({"begins": True} if line.is_beginning else {}) | ({"keep": True} if line.user_veto else {})


def _path_row(path: PathRecord, numbers: Mapping[str, int]) -> dict[str, object]:
    row: dict[str, object] = {"place": path.path}
    row |= {"kept": _page_numbers(path.kept, numbers), "removed": _page_numbers(path.removed, numbers)}
    return row | ({"keep": True} if path.user_veto else {})


def _page_numbers(pages: Sequence[str], numbers: Mapping[str, int]) -> list[int]:
    return [numbers[page] for page in pages]


def _page_ids(row: Mapping[str, Any], name: str, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(ids[number] for number in row.get(name, ()))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
