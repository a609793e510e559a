"""The user's own language packs that a corpus was cleaned with, beside those that are at hand now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.cleaning.phrases.pack_source import PackSource


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPacks:
    """Names of packs, such as "hi": `recorded`, those that a corpus was cleaned with; `missing`, those of them that are
    not at hand, or not with that text; `further`, those at hand that it was not cleaned with.
    """

    recorded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


def compare_packs(manifest: Mapping[str, Any], packs: Sequence[PackSource]) -> RecordedPacks:
    """Return which packs the manifest of a corpus records, and how `packs`, those at hand, differ from them."""
    recorded = [
        (str(pack.get("language") or "?"), pack.get("sha256")) for pack in manifest["settings"].get("rules") or ()
    ]
    at_hand = [(pack.name or "?", pack.digest) for pack in packs]
    return RecordedPacks(
        recorded=tuple(name for name, _ in recorded),
        missing=tuple(name for name, digest in recorded if (name, digest) not in at_hand),
        further=tuple(name for name, digest in at_hand if (name, digest) not in recorded),
    )
