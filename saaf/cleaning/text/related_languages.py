"""Related languages of one script, told by letters that only some of them have, and by their commonest words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import regex

_WORD: Final = regex.compile(r"[\p{L}\p{M}]+")
Decision = tuple[str, float]
"""The code of a language and a score in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letters:
    """Letters that a language has and the others of its script have not, or hardly.

    `least` is the share of a text's letters that they must make up; `score` is 1 where nobody else writes them.
    """

    letters: frozenset[str]
    least: float
    score: float


def _letters(letters: str, *, least: float = 0.03, score: float = 1.0) -> _Letters:
    return _Letters(letters=frozenset(letters), least=least, score=score)


# Shares in the Universal Declaration of Human Rights: Urdu and Uyghur 7 %, Pashto 3 %, Arabic and Persian 0. Urdu's are
# Punjabi's too; Sorani's are of all Kurdish in Arabic letters; Uyghur's but one are Kazakh's and Kyrgyz's in China.
_DISTINCTIVE_LETTERS: Final = {
    "Arab": {
        "ckb": _letters("ێڵڕ", score=0.95),
        "kk": _letters("\u0674", least=0.02, score=0.95),
        "ks": _letters("ٲٳٕۄؠ", score=0.95),
        "ky": _letters("ۅۉ", score=0.95),
        "ps": _letters("ټډړږښڼۍ"),
        "sd": _letters("ٻڀٺٽٿڄڃڊڌڍڏڙڦڪڱڳڻ"),
        "skr": _letters("ݙ", least=0.01, score=0.95),
        "ug": _letters("ۇۈۋڭ", score=0.95),
        "ur": _letters("ٹڈڑںے"),
    },
    # Everyday words have them: a sentence of Macedonian or Serbian without one is rare.
    "Cyrl": {
        "mk": _letters("ѓќѕЃЌЅ", least=0.004, score=0.95),
        "sr": _letters("ђћЂЋ", least=0.004, score=0.95),
    },
    # A fifth: the Burmese of the font Zawgyi has a few of the same code points.
    "Mymr": {"shn": _letters("ၵၷၸၹၺၻၼၽၾၿႀႁႂႃႄႅႆ", least=0.2, score=0.95)},
}
# Languages whose own letters are among those of another: where they reach their share, the other is not meant.
_MORE_PRECISE: Final = {"ug": ("kk", "ky"), "sd": ("skr",), "ur": ("ks", "skr")}
# One letter alone may be an ornament or a quotation: Arabic handwriting fonts have Sindhi's kaf.
_ONE_LETTER_SCORE: Final = 0.8
_NEEDS_TWO_LETTERS: Final = ("sd", "ug")
# By this length a text in Urdu, Pashto or Uyghur has shown a letter of its own: at 150 characters, 3 of 66 pieces of
# the Pashto declaration had not.
_MIN_CHARACTERS_FOR_ABSENCE: Final = 300
_MIN_LEAD: Final = 1.0  # of the weight of a South Slavic language before the next: half a word
SOUTH_SLAVIC_CODES: Final = frozenset({"bs", "hr", "sr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grammar:
    """The commonest words of a language, the beginnings and ends of its words, and letters that it writes often.

    A word counts 1, an affix `0.5`, a letter 1. `prior` is the weight of the language before anything was read.
    """

    prior: float
    words: frozenset[str]
    strong_affixes: str = ""
    affixes: str = ""
    letters: str = ""

    def weight(self, words: Counter[str]) -> float:
        """Return the number of words of a text that speak for the language; `words` are its words, counted."""
        strong, weak = _pattern(self.strong_affixes), _pattern(self.affixes)
        letters = regex.compile(f"[{self.letters}]") if self.letters else _NOTHING
        return sum(
            times
            * (
                1.0
                if word in self.words or strong.search(word) or letters.search(word)
                else bool(weak.search(word)) / 2
            )
            for word, times in words.items()
        )


_URDU_FAMILY: Final = "Urdu"
_SOUTH_SLAVIC: Final = "South Slavic"
_NOTHING: Final = regex.compile(r"(?!)")


def _pattern(affixes: str) -> regex.Pattern[str]:
    """Return the pattern of "የ- -ች": beginnings and ends of words of at least three letters."""
    parts = [f"^{one[:-1]}.{{2,}}" if one.endswith("-") else f".{{2,}}{one[1:]}$" for one in affixes.split()]
    return regex.compile("|".join(parts)) if parts else _NOTHING


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Amharic writes ሕ ዝ ዓ ዕ every day: only words and affixes tell it from Tigrinya. Tigrinya begins words with ኣ where
# Amharic has አ, and has ሓ and the rows of ቐ and ኸ.
_GRAMMARS: Final = {
    "Ethi": {
        "am": _Grammar(
            prior=1.0,
            words=_words("ነው እነዚህ ነበር ናቸው ነበሩ ነች አለ ላይ ጋር ውስጥ ስለ እና ወደ ይህ ግን እንደ ወይም ዛሬ አንድ ሁሉ ብቻ ደግሞ በኋላ"),
            strong_affixes="የ- አ- እየ- ስለ- -ዎች -ዋል -ሯል -ሏል -ቷል -ታል -ናል -ባል",
            affixes="በ- ከ- ለ- ተ- -ች -ው -ቸው -ዋል -ን -ል",
        ),
        "ti": _Grammar(
            prior=0.5,
            words=_words("እዩ እያ እዮም እቲ እታ እቶም እዚ እዛ ናይ ናብ ኣብ ካብ ምስ ከም ብዛዕባ ድማ ሎሚ ትማሊ ነቲ ነዚ በቲ ዝኾነ ኣሎ ኣለዉ ግና ወይ "
                         "ክሳብ ክንዲ ውሽጢ ደቂ ሕድሕድ ኩሎም ኩለን ኩሉ ኩላ ሃገር ሃገራት ህዝቢ ህዝብታት መሰል ናቱ ኢዩ ኢያ ኢዮም ነይሩ ኮይኑ "
                         "እንተ ምስቲ ካብቲ ናይቲ ኣብዚ ኣብቲ"),
            strong_affixes="ኣ- ናይ- -ኦም -ቶም -ዮም -ቲ -ኡ -ታትን -ብታት",
            affixes="ን- ዝ- ብ- ክ- -ዩ -ሪ -ቢ -ሊ",
            letters="ቐ-ቝኸ-ዅሓሑሒሔሖ",
        ),
        "gez": _Grammar(
            prior=0.1,
            words=_words("ውእቱ ይእቲ እስመ እምነ እም ኵሉ ኵሎ ወኵሉ ዝንቱ ዛቲ ወይቤ ይቤ አንተ ውስተ ኀበ ኢየሱስ ቀዳሚሁ ወእምዝ"),
            strong_affixes="ወይ- ወእ- ዘይ- ወአ-",
            affixes="ወ- ዘ- -ሁ -ኒ",
        ),
        "tig": _Grammar(prior=0.1, words=_words("እግል ዲብ እት እብ ምን ክም ሀለ ለሀለ ቱ ሐቆ ህቱ ህታ አዜ እለ እሊ ክሉ ሰብ")),
    },
    "Hebr": {
        "he": _Grammar(
            prior=1.0,
            words=_words("של את על לא הוא היא עם זה כי אל גם כל או אם יש היה הם אני אין רק בין לפני אחרי כדי הזה"),
            affixes="ה- ב- ל- ו- מ- ש- -ים -ות",
        ),
        "yi": _Grammar(
            prior=0.5,
            words=_words("איז און די דער דאס דאָס האט האָט ניט נישט פון פֿון מיט אויף צו וואס װאָס אז אַז ער זי איך אין אַ א "
                         "זיך דעם זענען זײַנען האבן האָבן װאס װי ווי אויך נאָך אבער"),
            strong_affixes="גע- פאר- -ען -ונג -ישע",
            letters="ײװױ",
        ),
    },
    "Tibt": {
        "bo": _Grammar(prior=1.0, words=_words("ལ ཡིན རེད ནས བྱེད དུ ཏུ ཡོད སོགས བཅས ཀྱིས")),
        "dz": _Grammar(prior=0.2, words=_words("ལུ ཨིན འབད ཨིནམ མི ལས འབདཝ གིས ཡོདཔ དགོཔ")),
    },
    _URDU_FAMILY: {
        "ur": _Grammar(
            prior=2.0,
            words=_words("کا کی کے کو میں سے ہے ہیں نے اور پر تھا تھی تھے گا گی گے یہ وہ ہو کر ایک بھی لیے"),
        ),
        "pnb": _Grammar(
            prior=0.5,
            words=_words("دا دی دے نوں نے وچ تے اے نیں سی ایہ اوہ نال اک ہن کیتا گیا دیاں توں وی آں"),
        ),
        "skr": _Grammar(prior=0.1, words=_words("دا دی دے کوں وچ تے ہِ ہک اے ہن کیتے اتے سرائیکی ڳیا ہئی نال ول")),
    },
    _SOUTH_SLAVIC: {
        "hr": _Grammar(
            prior=1.0,
            words=_words("što tko nitko netko svatko tjedan tjedna tjednu tjedno tisuća tisuće gdje ovdje "
                         "nigdje uvijek prije poslije vrijeme vremena djeca djeci cijena cijene cijeni dvije "
                         "također natječaj općina općine sveučilište sveučilišta kazalište glazba glazbe "
                         "momčad momčadi posto mjesec mjeseca vlak zrak kruh kruha siječnja veljače ožujka "
                         "travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca priopćio "
                         "priopćila priopćilo priopćenju predsjednik predsjednika predsjednica ponovno "
                         "promet prometne djelovanje vijeće vijeća mirovina europski europske europska "
                         "povijest povijesti cijeli čovjek uvjeti uvjeta osobito sukladno unatoč"),
        ),
        "sr": _Grammar(
            prior=1.0,
            words=_words("šta ko niko neko svako nedelja nedelje nedelju nedelji hiljada hiljade gde ovde "
                         "nigde uvek pre posle vreme deca dece deci cena cene ceni dve takođe konkurs "
                         "opština opštine univerzitet pozorište muzika tim odsto procenata mesec meseca "
                         "meseci voz vazduh hleb hleba januara februara marta aprila maja juna jula avgusta "
                         "septembra oktobra novembra decembra saopštio saopštila saopštilo saopštenju "
                         "predsednik predsednika predsednica ponovo saobraćaj delovanje veće penzija "
                         "evropski evropske evropska istorija istorije ceo čovek uslovi uslova naročito "
                         "uprkos bela sledeće sledeći mesto mesta reč posledica videti želela želeo doneti "
                         "doneo bezbednost bezbednosti sednica sednici deo dela trebalo rešenje svet sveta "
                         "svetu lepo"),
        ),
        "bs": _Grammar(
            prior=0.5,
            words=_words("šta ko niko neko sedmica sedmice hiljada hiljade gdje ovdje nigdje uvijek prije "
                         "poslije vrijeme vremena djeca djeci cijena cijene dvije također konkurs općina "
                         "općine univerzitet pozorište muzika tim posto mjesec mjeseca voz zrak hljeb "
                         "januara februara marta aprila maja juna jula augusta septembra oktobra novembra "
                         "decembra saopćio saopćila saopćeno predsjednik predsjednika predsjednica ponovo "
                         "saobraćaj vijeće penzija evropski evropske evropska historija historije cijeli "
                         "čovjek uslovi uslova kahva lahko mehko"),
        ),
    },
}  # fmt: skip


def decide(text: str, script: str) -> Decision | None:
    """Return the language of a text in `script` with its score, where its letters or words tell it, else None."""
    if script in _GRAMMARS:
        return _by_words(text, script)
    own = _DISTINCTIVE_LETTERS.get(script, {})
    shares = _shares(text, script)
    over = [code for code, row in own.items() if shares[code] >= row.least and _is_certain(text, code, row)]
    over = [code for code in over if not set(_MORE_PRECISE.get(code, ())) & set(over)]
    if not over:
        return None
    code = max(over, key=lambda each: shares[each])
    return _by_words(text, _URDU_FAMILY) if code == "ur" else (code, _score(text, own[code]))


def tell_south_slavic(text: str) -> Decision | None:
    """Return which of Croatian, Serbian and Bosnian a text in Latin letters is in, with its score; None where none of
    them has one everyday word more than the others.
    """
    weights = sorted(_weigh(text.lower(), _SOUTH_SLAVIC).values())
    return _by_words(text.lower(), _SOUTH_SLAVIC) if weights[-1] - weights[-2] >= _MIN_LEAD else None


def narrow_languages(text: str, script: str, candidates: tuple[str, ...]) -> tuple[str, ...]:
    """Return the `candidates`, without those that have letters of their own of which a text of 300 characters or more
    has none.
    """
    if len(text) < _MIN_CHARACTERS_FOR_ABSENCE:
        return candidates
    shares = _shares(text, script)
    return tuple(code for code in candidates if shares.get(code, 1.0) > 0) or candidates


def languages_with_rules() -> frozenset[str]:
    """Return the codes of all languages that letters or words tell here."""
    by_letters = {code for table in _DISTINCTIVE_LETTERS.values() for code in table}
    return frozenset(by_letters.union(*_GRAMMARS.values()))


def _shares(text: str, script: str) -> dict[str, float]:
    """Return the share of the letters of a text that are distinctive of each language of its script."""
    count = max(sum(map(str.isalpha, text)), 1)
    own = _DISTINCTIVE_LETTERS.get(script, {})
    return {code: sum(map(text.count, row.letters)) / count for code, row in own.items()}


def _is_certain(text: str, code: str, row: _Letters) -> bool:
    """Return whether enough different letters of a language are there."""
    return code not in _NEEDS_TWO_LETTERS or _different(text, row) > 1


def _score(text: str, row: _Letters) -> float:
    return row.score if _different(text, row) > 1 or len(row.letters) == 1 else min(row.score, _ONE_LETTER_SCORE)


def _different(text: str, row: _Letters) -> int:
    return sum(letter in text for letter in row.letters)


def _by_words(text: str, family: str) -> Decision:
    """Return the language of a family whose words and affixes are most in a text, and its share of all of them."""
    weights = _weigh(text, family)
    best = max(weights, key=lambda code: weights[code])
    return best, round(weights[best] / sum(weights.values()), 4)


def _weigh(text: str, family: str) -> dict[str, float]:
    """Return the weight of each language of a family: its prior and twice the number of its words and affixes."""
    words = Counter(_WORD.findall(text))
    return {code: grammar.prior + 2 * grammar.weight(words) for code, grammar in _GRAMMARS[family].items()}
