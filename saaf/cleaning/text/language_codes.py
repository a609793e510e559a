"""The codes of the languages that can be identified, and which of them somebody meant who wrote something else."""

from __future__ import annotations

from difflib import get_close_matches

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from saaf.cleaning.text.language import identifiable_codes

_SUGGESTIONS = 3
_LEAST_SIMILARITY = 0.8  # "Gujrati" is Gujarati with 0.93; "Bengali" and "English" have 0.71 in common
# Names in use that CLDR has not.
_OTHER_NAMES = {"bengali": "bn", "farsi": "fa", "oriya": "or", "filipino": "tl", "mandarin": "zh", "sinhalese": "si"}


def check_codes(codes: tuple[str, ...]) -> None:
    """Raise ValueError, with the nearest codes, where one of `codes` is not of a language that can be identified."""
    known = identifiable_codes()
    problems = [_describe(code, suggest_codes(code)) for code in codes if code not in known]
    if problems:
        raise ValueError(f"languages are ISO 639 codes of languages that are identified, not {'; not '.join(problems)}")


def suggest_codes(name: str) -> tuple[str, ...]:
    """Return the codes, three at most, that `name` may stand for: a name in English or its own language, another code.

    >>> suggest_codes("amharic"), suggest_codes("urd"), suggest_codes("pt-BR"), suggest_codes("Gujrati")
    (('am',), ('ur',), ('pt',), ('gu',))
    """
    known = identifiable_codes()
    wanted = name.strip().casefold().replace("_", "-")
    base = wanted.partition("-")[0]
    for code in (base, get_global("language_aliases").get(base)):
        if code in known:
            return (code,)
    names = {value.casefold(): code for code, value in Locale("en").languages.items() if code in known} | _OTHER_NAMES
    if wanted in names:
        return (names[wanted],)
    own = tuple(code for code in sorted(known) if _own_name(code) == wanted)
    if own:
        return own
    near = [names[each] for each in get_close_matches(wanted, sorted(names), _SUGGESTIONS, _LEAST_SIMILARITY)]
    # A language of many varieties has the name in theirs: "Kurdish" is in "Central Kurdish".
    near += [code for each, code in sorted(names.items()) if wanted in each.split()]
    return tuple(dict.fromkeys(near))[:_SUGGESTIONS]


def _own_name(code: str) -> str | None:
    """Return a language's name for itself, None where CLDR has none."""
    try:
        return str(Locale(code).languages.get(code, "")).casefold() or None
    except UnknownLocaleError:
        return None


def _describe(code: str, near: tuple[str, ...]) -> str:
    names = Locale("en").languages
    meant = " or ".join(f"{each} ({names[each]})" if each in names else each for each in near)
    shown = code if code.isprintable() and code.strip() else repr(code)
    return f"{shown}: did you mean {meant}?" if near else shown
