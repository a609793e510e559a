"""Codes and names of languages: what users write, and what the subsets of a corpus are called."""

import pytest
from babel.core import get_global

from saaf.cleaning.text.iso_639 import language_directory, to_iso_639_3
from saaf.cleaning.text.language import identifiable_codes, identify
from saaf.cleaning.text.language_codes import is_wanted, language_name, parse_languages, suggest_codes
from saaf.corpus.settings import BuildSettings

# Subsets of FineWeb2 (configs/ of huggingface/fineweb-2), by the codes that texts of them get here.
FINEWEB2 = {
    ("am", "Ethi"): "amh_Ethi",
    ("ar", "Arab"): "arb_Arab",
    ("az", "Latn"): "azj_Latn",
    ("et", "Latn"): "ekk_Latn",
    ("fa", "Arab"): "fas_Arab",
    ("hi", "Deva"): "hin_Deva",
    ("ja", "Jpan"): "jpn_Jpan",
    ("ku", "Latn"): "kmr_Latn",
    ("lv", "Latn"): "lvs_Latn",
    ("mg", "Latn"): "plt_Latn",
    ("mn", "Cyrl"): "khk_Cyrl",
    ("ms", "Latn"): "zsm_Latn",
    ("ne", "Deva"): "npi_Deva",
    ("no", "Latn"): "nob_Latn",
    ("om", "Latn"): "gaz_Latn",
    ("or", "Orya"): "ory_Orya",
    ("ps", "Arab"): "pbt_Arab",
    ("sq", "Latn"): "als_Latn",
    ("sw", "Latn"): "swh_Latn",
    ("th", "Thai"): "tha_Thai",
    ("tl", "Latn"): "fil_Latn",
    ("ur", "Arab"): "urd_Arab",
    ("uz", "Latn"): "uzn_Latn",
    ("yi", "Hebr"): "ydd_Hebr",
    ("zh", "Hans"): "cmn_Hani",
    ("zh", "Hant"): "cmn_Hani",
}


@pytest.mark.parametrize(("language", "name"), FINEWEB2.items())
def test_subsets_have_the_names_of_fineweb2(language: tuple[str, str], name: str) -> None:
    assert language_directory(*language) == name


def test_each_name_of_a_subset_chooses_the_texts_that_are_in_it() -> None:
    for code, script in FINEWEB2:
        assert is_wanted(code, script, parse_languages([language_directory(code, script)])), code


def test_each_language_has_a_name_and_a_subset_that_names_it_again() -> None:
    for code in identifiable_codes():
        assert language_name(code) != code
        assert parse_languages([language_directory(code, "Latn")]) == (f"{code}_Latn",)
        general = to_iso_639_3(code)
        assert general is not None
        assert parse_languages([code, general]) == (code,)


@pytest.mark.parametrize("code", ["", "..", "a/b", "HI", "hindi", "xx", "हि", "h\n", "hin\n"])
@pytest.mark.parametrize("script", ["", "../x", "deva", "Devanagari", "Dev\n"])
def test_what_is_no_code_is_an_unknown_language_never_another_path(code: str, script: str) -> None:
    assert language_directory(code, script) == "und_Zyyy"


def test_a_text_without_letters_is_of_an_unknown_language() -> None:
    language = identify("123 456")
    assert language_directory(language.code, language.script) == "und_Zyyy"


def test_all_ways_to_write_a_language_make_the_same_settings() -> None:
    wanted = ("hi", "ar", "fa_Arab")
    for names in (("hi", "ar", "fas_Arab"), ("hin", "ara", "per_Arab"), ("hin", "arb", "pes-Arab", "hi")):
        assert BuildSettings(languages=names).languages == wanted


def test_a_script_chooses_one_of_two_that_a_language_is_written_in() -> None:
    cyrillic = parse_languages(["srp_Cyrl"])
    assert is_wanted("sr", "Cyrl", cyrillic)
    assert not is_wanted("sr", "Latn", cyrillic)
    assert is_wanted("sr", "Latn", ("sr",))
    assert is_wanted("zh", "Hant", parse_languages(["cmn_Hani"]))
    assert not is_wanted("zh", "Hant", parse_languages(["zho_Hans"]))


@pytest.mark.parametrize("name", ["amharic", "hin_deva", "hin_Xxxx", "hin_", "_Deva", "hi_IN", "", "zzz", "hin_Deva_x"])
def test_what_is_no_code_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="languages are ISO 639 codes"):
        BuildSettings(languages=(name,))


def test_a_variety_is_met_with_the_language_that_has_its_name() -> None:
    assert suggest_codes("arz") == ("ar",)
    assert suggest_codes("hin_deva") == ("hi",)


def test_the_codes_of_three_letters_are_those_of_the_unicode_consortium() -> None:
    aliases = get_global("language_aliases")
    other = {"tgl": "fil", "nob": "nb", "fil": None, "pbt": None}  # CLDR writes Filipino for Tagalog
    for code in identifiable_codes() - {"und", "tl"}:
        three = language_directory(code, "Latn").partition("_")[0]
        if three not in other and len(code) == 2:
            assert aliases[three] == code
