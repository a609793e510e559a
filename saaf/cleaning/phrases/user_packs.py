"""Language packs of the user's own: phrase rules in the files that saaf's own are in, applied to what saaf's have left.

A fault in one concerns that pack alone: the others are applied, and the documents in its language have a flag.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from saaf.cleaning.phrases.matcher import PhraseMatcher
from saaf.cleaning.phrases.packs import PACKS, PackError, PhraseRule, parse_pack
from saaf.cleaning.text.iso_639 import shorter_codes, to_iso_639_3

if TYPE_CHECKING:
    from saaf.cleaning.phrases.pack_source import PackSource

PACK_NOT_APPLIED: Final = "pack_not_applied"
"""The flag of a document in the language of a pack that has a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPacks:
    """Packs of the user's that were read: the `rules` of those without a fault, and the `matcher` of their phrases.

    `faults` are sentences, one for each pack with a fault; `faulty_languages` are the codes of their languages.
    """

    rules: tuple[PhraseRule, ...]
    matcher: PhraseMatcher = field(repr=False, compare=False)
    faults: tuple[str, ...]
    faulty_languages: frozenset[str]


@lru_cache(maxsize=4)
def parse_user_packs(sources: tuple[PackSource, ...]) -> UserPacks:
    """Return the packs that `sources` hold; nothing depends on anything but their texts. Never raises.

    Rules of one language may be in several packs, as long as no id is given twice, nor is one of saaf's own.
    """
    rules: list[PhraseRule] = []
    faults: list[str] = []
    languages: set[str] = set()
    taken = {rule.id for rule in PACKS}
    for source in sources:
        found, fault = _parse(source, taken)
        taken |= {rule.id for rule in found}
        rules += found
        if fault is not None:
            faults.append(fault)
            languages.add(source.name)
    return UserPacks(
        rules=tuple(rules),
        matcher=PhraseMatcher(tuple(rules)),
        faults=tuple(faults),
        faulty_languages=frozenset(languages),
    )


def concerns(packs: UserPacks, code: str) -> bool:
    """Return whether a pack with a fault is for the language with this code."""
    return bool({code, to_iso_639_3(code), *shorter_codes(code)} & packs.faulty_languages)


def _parse(source: PackSource, taken: set[str]) -> tuple[tuple[PhraseRule, ...], str | None]:
    """Return the rules of a pack and None, or no rules and the fault."""
    if source.fault is not None:
        return (), source.fault
    try:
        rules = parse_pack(source.text, source.name)
    except PackError as error:
        return (), f"the pack {source.where} was not applied: {error}"
    if double := sorted(rule.id for rule in rules if rule.id in taken):
        return (), (
            f"the pack {source.where} was not applied: {double[0]} is the id of another rule; give yours a name of its "
            f"own, such as {source.name}.own.{double[0].partition('.')[2]}"
        )
    return rules, None
