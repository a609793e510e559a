"""Whether a build keeps the ids that tables state, and what else of them it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from saaf.corpus.stated_columns import KeptColumns

if TYPE_CHECKING:
    from collections.abc import Callable

    from saaf.corpus.settings import BuildSettings

_NOTE = "id is our own; those that the inputs state are in input_id: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The columns of tables that are kept, and `notes`: sentences on those that are not, although they might be."""

    columns: KeptColumns
    notes: tuple[str, ...] = ()


def kept_columns(settings: BuildSettings, stated: int, count_shared: Callable[[], int], *, own_ids: bool) -> Kept:
    """Return what is kept of what tables state.

    `stated` documents have an id of their table. `count_shared` returns how many of them share theirs with another
    document; it is called where that decides. With `own_ids`, as where there is an index, no ids are kept.
    """
    without = KeptColumns.of(settings, ids=False)
    if not stated or "id" in settings.replace_columns:
        return Kept(columns=without)
    if own_ids:
        return Kept(columns=without, notes=(_NOTE + "an index knows documents by our own",))
    if shared := count_shared():
        why = f"they do not tell documents apart, {shared} documents share theirs with another one"
        return Kept(columns=without, notes=(_NOTE + why,))
    return Kept(columns=KeptColumns.of(settings, ids=True))
