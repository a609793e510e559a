"""What users ask of each clean document, as one function: rules that keep, packs and a language model of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.cleaning.text.fasttext_file import read_language_model
from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.corpus.user_packs import read_packs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from saaf.cleaning.types import CleanDocument


def document_options(
    keep: Collection[str], rules: Sequence[Path], lid: Path | None
) -> Callable[[CleanDocument], CleanDocument]:
    """Return the function that applies them to a document: ids or patterns of rules whose removals stay, directories of
    language packs, and the file of a language model, None for the built-in identifiers.

    Raises ValueError, whose message is a sentence, where one of them cannot be used.
    """
    packs = parse_user_packs(read_packs(rules))
    model = load_identifier(read_language_model(lid)) if lid else None
    return partial(
        _apply,
        keep=match_rule_ids(keep, packs),
        packs=packs if packs.rules or packs.faults else None,
        identify=model.identify if model else None,
    )


def _apply(clean: CleanDocument, **options: object) -> CleanDocument:
    return next(apply_options(clean, **options))  # type: ignore[arg-type]  # the keywords above
