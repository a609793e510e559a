"""ISO 639-3 codes of languages, and the names that data sets give to a language in a script ("hin_Deva")."""

from __future__ import annotations

import re
from typing import Final

# ISO 639-1 to ISO 639-3 (https://iso639-3.sil.org/code_tables/639/data), as "xx:xxx".
_ISO_639_1: Final = (
    "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul "
    "bi:bis bm:bam bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces cu:chu cv:chv cy:cym "
    "da:dan de:deu dv:div dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas ff:ful fi:fin fj:fij "
    "fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat "
    "hu:hun hy:hye hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl it:ita iu:iku ja:jpn jv:jav "
    "ka:kat kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir "
    "la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri mk:mkd ml:mal mn:mon "
    "mr:mar ms:msa mt:mlt my:mya na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld nn:nno no:nor nr:nbl nv:nav ny:nya "
    "oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ru:rus "
    "rw:kin sa:san sc:srd sd:snd se:sme sg:sag sh:hbs si:sin sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp "
    "ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur "
    "ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid "
    "yo:yor za:zha zh:zho zu:zul"
)
_THREE_LETTERS: Final = dict(pair.split(":") for pair in _ISO_639_1.split())
# ISO 639-2 codes for bibliographies, where they differ from ISO 639-3.
_ISO_639_2B: Final = (
    "alb:sqi arm:hye baq:eus bur:mya chi:zho cze:ces dut:nld fre:fra geo:kat ger:deu gre:ell ice:isl mac:mkd "
    "mao:mri may:msa per:fas rum:ron slo:slk tib:bod wel:cym"
)
_BIBLIOGRAPHIC: Final = dict(pair.split(":") for pair in _ISO_639_2B.split())
# A code for several languages, and the one that FineWeb2 names its subset by: the standard that such text is written
# in. Codes of which FineWeb2 has no such subset (que, syr) stay, and so does fas, which it uses itself.
_STANDARD: Final = {
    "ara": "arb",
    "aze": "azj",
    "est": "ekk",
    "kur": "kmr",
    "lav": "lvs",
    "mlg": "plt",
    "mon": "khk",
    "msa": "zsm",
    "nep": "npi",
    "nor": "nob",
    "ori": "ory",
    "orm": "gaz",
    "pus": "pbt",
    "sqi": "als",
    "swa": "swh",
    "tgl": "fil",
    "uzb": "uzn",
    "yid": "ydd",
    "zho": "cmn",
}
# The same, where another script is another standard: Azerbaijani of Iran, Uzbek of Afghanistan, Mongolian of China.
_STANDARD_IN_SCRIPT: Final = {("aze", "Arab"): "azb", ("uzb", "Arab"): "uzs", ("mon", "Mong"): "mvf"}
# Other individual languages that a short code stands for.
_ALSO: Final = {"pes": "fas", "prs": "fas", "pbu": "pus"}
# Both kinds of Han letters are one subset, as in FineWeb2; the column `language_script` tells them apart.
_SUBSET_SCRIPT: Final = {"Hans": "Hani", "Hant": "Hani"}
_CODE: Final = re.compile("[a-z]{2,3}")
_SCRIPT: Final = re.compile("[A-Z][a-z]{3}")


def language_directory(code: str, script: str) -> str:
    """Return the name of the subset of a language in a script, as FineWeb2 names it: "hin_Deva", "arb_Arab".

    `code` is an ISO 639-1, -2 or -3 code, `script` an ISO 15924 code; what is neither counts as unknown, so that the
    name is always that of a directory: "und" for a language, "Zyyy" for a script.

    >>> language_directory("hi", "Deva"), language_directory("zh", "Hant"), language_directory("../x", "")
    ('hin_Deva', 'cmn_Hani', 'und_Zyyy')
    """
    script = script if _SCRIPT.fullmatch(script) else "Zyyy"
    general = to_iso_639_3(code) or "und"
    standard = _STANDARD_IN_SCRIPT.get((general, script)) or _STANDARD.get(general, general)
    return f"{standard}_{_SUBSET_SCRIPT.get(script, script)}"


def to_iso_639_3(code: str) -> str | None:
    """Return the ISO 639-3 code of an ISO 639-1, -2 or -3 code, the macrolanguage's where it is one; None for others.

    Of three letters all are taken for a code, as there are 8,000.

    >>> to_iso_639_3("fa"), to_iso_639_3("per"), to_iso_639_3("ckb"), to_iso_639_3("xx"), to_iso_639_3("English")
    ('fas', 'fas', 'ckb', None, None)
    """
    if not _CODE.fullmatch(code):
        return None
    return _THREE_LETTERS.get(code) if len(code) == 2 else _BIBLIOGRAPHIC.get(code, code)


def shorter_codes(code: str) -> tuple[str, ...]:
    """Return other codes for what a code of three letters stands for: of its macrolanguage, and of two letters.

    >>> shorter_codes("hin"), shorter_codes("arb"), shorter_codes("per"), shorter_codes("hi")
    (('hi',), ('ara', 'ar'), ('fas', 'fa'), ())
    """
    if len(code) != 3:
        return ()
    general = _GENERAL.get(code, code)
    return tuple(found for found in (general, _TWO_LETTERS.get(general)) if found not in (None, code))


def same_subset_script(script: str, wanted: str) -> bool:
    """Return whether texts in `script` belong to what somebody asked for who wrote the script `wanted`.

    >>> same_subset_script("Hant", "Hani"), same_subset_script("Hant", "Hans"), same_subset_script("Latn", "Latn")
    (True, False, True)
    """
    return wanted in (script, _SUBSET_SCRIPT.get(script))


_TWO_LETTERS: Final = {three: two for two, three in _THREE_LETTERS.items()}
_GENERAL: Final = (
    {
        one: general
        for general, one in (*_STANDARD.items(), *((pair[0], one) for pair, one in _STANDARD_IN_SCRIPT.items()))
    }
    | _BIBLIOGRAPHIC
    | _ALSO
)
