"""The codes of the languages that can be identified, and which of them somebody meant who wrote something else."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from saaf.cleaning.text.iso_639 import same_subset_script, shorter_codes
from saaf.cleaning.text.language import identifiable_codes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_SUGGESTIONS = 3
_LEAST_SIMILARITY = 0.8  # "Gujrati" is Gujarati with 0.93; "Bengali" and "English" have 0.71 in common
# Names in use that CLDR has not.
_OTHER_NAMES = {"bengali": "bn", "farsi": "fa", "oriya": "or", "filipino": "tl", "mandarin": "zh", "sinhalese": "si"}
_NAMES_CLDR_LACKS = {
    "bcl": "Central Bikol",
    "fuv": "Nigerian Fulfulde",
    "gcf": "Guadeloupean Creole",
    "gcr": "Guianese Creole",
    "gom": "Goan Konkani",
    "gug": "Paraguayan Guarani",
    "guw": "Gun",
    "kik": "Kikuyu",
    "lif": "Limbu",
    "pnb": "Western Punjabi",
    "skr": "Saraiki",
}


def parse_languages(names: Iterable[str], more: Collection[str] = ()) -> tuple[str, ...]:
    """Return the languages that `names` stand for: the code that `identify` returns, "_" and the script if given.

    A name is an ISO 639-1, -2 or -3 code of a language that can be identified, alone or with an ISO 15924 code, as
    FineWeb2 names its subsets. `more` are codes that another identifier knows. Raises ValueError, with the
    nearest codes, for any other.

    >>> parse_languages(["hi", "hin", "urd_Arab", "cmn_Hani", "am-Ethi"])
    ('hi', 'ur_Arab', 'zh_Hani', 'am_Ethi')
    """
    given = list(names)
    parsed = [_parse(name, more) for name in given]
    problems = [_describe(name, suggest_codes(name)) for name, found in zip(given, parsed, strict=True) if not found]
    if problems:
        raise ValueError(f"languages are ISO 639 codes of languages that are identified, not {'; not '.join(problems)}")
    return tuple(dict.fromkeys(found for found in parsed if found))


def _parse(name: str, more: Collection[str]) -> str | None:
    code, separator, script = name.replace("-", "_", 1).partition("_")
    known = identifiable_codes().union(more)
    own = next((each for each in (code, *shorter_codes(code)) if each in known), None)
    if own is None or (separator and script not in Locale("en").scripts):
        return None
    return f"{own}_{script}" if separator else own


def is_wanted(code: str, script: str, languages: Collection[str]) -> bool:
    """Return whether a text in a language and script is in one of `languages`, as `parse_languages` returns them.

    >>> is_wanted("hi", "Deva", ("hi", "ur")), is_wanted("hi", "Latn", ("hi_Deva",))
    (True, False)
    """
    codes = (code, *shorter_codes(code))  # a table may have brought its own: "hin"
    chosen = (name.partition("_") for name in languages)
    return any(one in codes and (not wanted or same_subset_script(script, wanted)) for one, _, wanted in chosen)


def language_name(code: str) -> str:
    """Return the English name of a language, "unknown language" for "und", the code where CLDR has no name.

    >>> language_name("hi"), language_name("pnb"), language_name("und")
    ('Hindi', 'Western Punjabi', 'unknown language')
    """
    if code == "und":
        return "unknown language"
    name = _NAMES_CLDR_LACKS.get(code) or Locale("en").languages.get(code)
    return str(name) if name else code


def script_name(script: str) -> str:
    """Return the English name of a script, "no letters" for "Zyyy", the code where CLDR has no name.

    >>> script_name("Deva"), script_name("Zyyy")
    ('Devanagari', 'no letters')
    """
    return "no letters" if script == "Zyyy" else str(Locale("en").scripts.get(script, script))


def suggest_codes(name: str) -> tuple[str, ...]:
    """Return the codes, three at most, that `name` may stand for: a name in English or its own language, another code.

    >>> suggest_codes("amharic"), suggest_codes("arz"), suggest_codes("pt-BR"), suggest_codes("Gujrati")
    (('am',), ('ar',), ('pt',), ('gu',))
    """
    known = identifiable_codes()
    wanted = name.strip().casefold().replace("_", "-")
    base = wanted.partition("-")[0]
    for code in (base, *shorter_codes(base), get_global("language_aliases").get(base)):
        if code in known:
            return (code,)
    names = {language_name(code).casefold(): code for code in known} | _OTHER_NAMES
    if wanted in names:
        return (names[wanted],)
    own = tuple(code for code in sorted(known) if _own_name(code) == wanted)
    if own:
        return own
    near = [names[each] for each in get_close_matches(wanted, sorted(names), _SUGGESTIONS, _LEAST_SIMILARITY)]
    # A language of many varieties has the name in theirs: "Kurdish" is in "Central Kurdish".
    near += [code for each, code in sorted(names.items()) if wanted in each.split()]
    # A variety has the name of its language in its own: "Egyptian Arabic".
    near += [names[word] for word in language_name(base).casefold().split() if word in names]
    return tuple(dict.fromkeys(near))[:_SUGGESTIONS]


def _own_name(code: str) -> str | None:
    """Return a language's name for itself, None where CLDR has none."""
    try:
        return str(Locale(code).languages.get(code, "")).casefold() or None
    except UnknownLocaleError:
        return None


def _describe(name: str, near: tuple[str, ...]) -> str:
    meant = " or ".join(f"{each} ({language_name(each)})" for each in near)
    shown = name if name.isprintable() and name.strip() else repr(name)
    return f"{shown}: did you mean {meant}?" if near else shown
