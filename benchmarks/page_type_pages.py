"""The labelled pages that the classifier of page types is trained on, as `page_types.toml` says."""

from __future__ import annotations

import hashlib
import json
import tomllib
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.list_pages import entry_of, list_page
from benchmarks.samples import read_labelled_page, site_of
from benchmarks.small_pages import small_page
from saaf.cleaning.model.page_type_features import page_features
from saaf.cleaning.model.page_type_rules import stated_type
from saaf.cleaning.page_types import impossible_types, is_stated_article
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.types import Page, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.list_pages import Entry

_TABLE = Path(__file__).with_name("page_types.toml")
_NAMES = {"collection": "listing"}
_MADE_EVERY = 2  # a list page is made of one article in so many
_FORMASAURUS = "formasaurus"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPage:
    """A page: its set, number, site, type, weight, the SHA-256 of its body and the values of the features.

    `kind` is "typed" (a set that states types), "article", "formasaurus", "made" or "small". `stated` are the type and
    score that the page itself states, None where it states none; `is_article`: it states that it is one article;
    `has_content`: it has a gold text; `impossible` are the types that it cannot be of.
    """

    set: str
    id: str
    kind: str
    site: str
    type: str
    weight: float
    digest: str
    stated: tuple[str, float] | None
    is_article: bool
    impossible: tuple[str, ...]
    has_content: bool
    values: tuple[float, ...]


def labelled_pages(pages: Path, formasaurus: Path) -> list[LabelledPage]:
    """Return the pages of both directories, in a fixed order."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    files = [meta for name in sorted(table["sets"]) for meta in sorted(pages.glob(f"{name}/*.json"))]
    of_sets = partial(_of_set, table=table, entries=_entries(files))
    own = table[_FORMASAURUS]
    index = json.loads((formasaurus / "index.json").read_text(encoding="utf-8"))
    named = sorted((number, name) for name, ids in own.items() if isinstance(ids, list) for number in ids)
    jobs = [
        (formasaurus / "html" / f"{number}.html", index[f"html/{number}.html"]["url"], name) for number, name in named
    ]
    with ProcessPoolExecutor() as pool:
        found = [page for some in pool.map(of_sets, files, chunksize=8) for page in some]
        made = pool.map(partial(_of_formasaurus, weight=own["weight"]), jobs, chunksize=8)
        return [*found, *(page for page in made if page)]


def _entries(files: Sequence[Path]) -> dict[str, list[Entry]]:
    """Return the entries for lists by language."""
    entries: dict[str, list[Entry]] = {}
    for meta in files:
        record = json.loads(meta.read_text(encoding="utf-8"))
        if record.get("page_type", "article") == "article" and (entry := entry_of(record)):
            entries.setdefault(str(record.get("lang")), []).append(entry)
    return entries


def _of_set(meta: Path, table: Mapping[str, Any], entries: Mapping[str, Sequence[Entry]]) -> list[LabelledPage]:
    """Return the page of a `.json` file, and the page that is made of it; none where it cannot be read."""
    return list(_pages_of_set(meta, table, entries))


def _pages_of_set(
    meta: Path, table: Mapping[str, Any], entries: Mapping[str, Sequence[Entry]]
) -> Iterator[LabelledPage]:
    found = read_labelled_page(meta)
    if found is None:
        return
    record, page = found
    own = table["sets"][meta.parent.name]
    stated = str(own.get("type") or record.get("page_type") or "article")
    name = _NAMES.get(stated, stated)
    site = site_of(str(record.get("url") or ""), str(record.get("site") or meta.stem))
    if not own.get("address", True):
        page = Page(url=None, body=page.body)
    more = {"set": meta.parent.name, "id": meta.stem, "site": site}
    kind = "article" if own.get("type") == "article" else "typed"
    yield from _labelled(page, kind=kind, type=name, weight=own["weight"], has_content=True, **more)
    if name == "article" and zlib.crc32(meta.stem.encode()) % _MADE_EVERY == 0:
        made = list_page(page, str(record["gold_text"]), entries.get(str(record.get("lang")), ()), meta.stem)
        if made:
            more |= {"set": f"{meta.parent.name} made"}
            weight = table["made"]["weight"]
            yield from _labelled(made, kind="made", type="listing", weight=weight, has_content=False, **more)
    elif name == "article" and (entry := entry_of(record)):
        made_type, small = small_page(entry, entries[str(record.get("lang"))], meta.stem)
        more |= {"set": f"{meta.parent.name} small"}
        weight = table["small"]["weight"]
        yield from _labelled(small, kind="small", type=made_type, weight=weight, has_content=False, **more)


def _of_formasaurus(job: tuple[Path, str, str], weight: float) -> LabelledPage | None:
    path, url, name = job
    page = Page(url=url, body=path.read_bytes())
    more = {"set": _FORMASAURUS, "id": path.stem, "site": site_of(url, path.stem), "kind": _FORMASAURUS}
    return next(_labelled(page, type=name, weight=weight, has_content=False, **more), None)


def _labelled(page: Page, **known: Any) -> Iterator[LabelledPage]:
    """Yield the page with its features, unless it cannot be read."""
    try:
        document = read_html(page, votes="fast")
    except Unreadable:
        return
    assert document.signals is not None
    impossible = impossible_types(document.signals)
    if known["type"] in impossible:
        return
    stated = stated_type(document, document.signals)
    yield LabelledPage(
        digest=hashlib.sha256(page.body).hexdigest(),
        stated=(stated.name, stated.score) if stated else None,
        is_article=is_stated_article(document.signals),
        impossible=impossible,
        values=tuple(page_features(document)),
        **known,
    )
