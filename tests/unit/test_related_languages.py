"""Languages of one script: named by what only one of them writes, and with less than certainty where others do too."""

from __future__ import annotations

import unicodedata

import pytest

from saaf.cleaning.text.language import identify

AMHARIC = [
    "የሕዝብ ተወካዮች ምክር ቤት ስብሰባ ተካሄደ",
    "ጠቅላይ ሚኒስትሩ ዛሬ ከውጭ ጉዳይ ሚኒስትር ጋር ተወያዩ",
    "በአዲስ አበባ አዲስ ትምህርት ቤት ተከፈተ",
    "ዝናብ በመዝነቡ መንገዱ ተዘጋ",
    "ዓለም አቀፍ የእግር ኳስ ውድድር ተጀመረ",
    "ሕፃናት በዕለቱ ዝግጅት ላይ ተሳተፉ",
    "የዋጋ ንረት በሕዝቡ ኑሮ ላይ ጫና ፈጥሯል",
    "ዕድሜው ስልሳ ዓመት ነው",
    "መንግሥት ስለ ዝርዝሩ ማብራሪያ ሰጠ",
    "ዛሬ ማታ ዝናብ ይዘንባል ተብሎ ይጠበቃል",
    "የሕክምና ባለሙያዎች ስለ ጤና ትምህርት ሰጡ",
    "ዓርብ ዕለት ገበያው ዝግ ነበር",
]
TIGRINYA = [
    "ቤት ምኽሪ ህዝቢ ሎሚ ስሩዕ ኣኼባ ኣካይዱ",
    "ኣብ ከተማ ኣስመራ ሓድሽ ቤት ትምህርቲ ተኸፊቱ",
    "ናይ ዓለም ዋንጫ ጸወታ ትማሊ ጀሚሩ",
    "እቲ መንገዲ ብሰንኪ ማይ ተዓጽዩ",
    "ሓረስቶት ኣብ ግራውቶም ይሰርሑ ኣለዉ",
    "ቆልዑ ናብ ቤት ትምህርቲ ይኸዱ",
    "እዚ መጽሓፍ ኣዝዩ ጽቡቕ እዩ",
    "ሎሚ ብርቱዕ ዝናብ ክዘንብ እዩ",
    "መንግስቲ ብዛዕባ ዋጋ እኽሊ መግለጺ ሂቡ",
    "ሓኪም ንሕሙማት ሓገዝ ይገብር",
    "ካብ ገጠር ዝመጹ ሰባት ምስ ስድራቤቶም ተራኺቦም",
    "ጥዕና ህዝቢ ንምሕላው ሓድሽ መደብ ተዳልዩ",
]


@pytest.mark.parametrize("text", AMHARIC)
def test_an_amharic_sentence_with_letters_of_tigrinya_is_amharic(text: str) -> None:
    language = identify(text)
    assert (language.code, language.script) == ("am", "Ethi")
    assert 0.5 < language.score < 1.0


@pytest.mark.parametrize("text", TIGRINYA)
def test_a_tigrinya_sentence_is_tigrinya_and_not_certainly(text: str) -> None:
    language = identify(text)
    assert (language.code, language.script) == ("ti", "Ethi")
    assert 0.5 < language.score < 1.0


def test_more_text_makes_more_certain() -> None:
    for sentences in (AMHARIC, TIGRINYA):
        assert identify("\n".join(sentences)).score > 0.85


def test_ethiopic_letters_alone_do_not_name_a_language() -> None:
    assert identify("ሕዝ").score < 0.7


OTHERS = [
    ("he", "עיר עתיקה עם עשרות עצים על עמוד עץ", 1.0),
    ("he", "עובדי העירייה עצרו את העבודה", 1.0),
    ("he", "עיתון ערב", 1.0),
    ("yi", "די נייע שול אין שטאט איז געווען גרויס", 1.0),
    ("yi", "דער שטאָטראַט האָט באַשלאָסן װידער צו עפֿענען די אַלטע בריק", 1.0),
    ("ar", "شڪرا لڪم على هذه الڪلمات الجميلة", 1.01),
    ("ar", "وزير الخارجية الپاكستاني يزور العاصمة", 1.01),
    ("fa", "استاد محمد رضا شجریان در تهران درگذشت", 1.01),
    ("kk", "قازاقستان رەسپۋبليكاسىنىڭ ٴتىلى قازاق ٴتىلى جانە ٴبىر ەل", 1.0),
    ("ky", "قىرعىزستاندىن ەل بيلۅۅسۉ جاڭى كۅپۉرۅ اچتى", 1.0),
    ("ug", "ئۇيغۇر تىلى تۈركىي تىللارنىڭ بىرى", 1.0),
    ("ur", "حکومت نے سیلاب کے بعد سڑکوں کی مرمت کا اعلان کیا", 1.0),
    ("pnb", "پنجاب دے لوک پنجابی بولدے نیں تے لہور وچ رہندے نیں", 1.0),
    ("skr", "سرائیکی ٻولی پاکستان دی ہک وݙی زبان ہے", 1.0),
    ("sd", "شهر جي ڪائونسل پراڻي پل کي بهار ۾ ٻيهر کولڻ جو فيصلو ڪيو آهي", 1.01),
    ("shn", "ၵႂၢမ်းတႆး ပဵၼ်ၵႂၢမ်းလၢတ်ႈ", 1.0),
    ("dz", "རྫོང་ཁ་འདི་ འབྲུག་གི་རྒྱལ་ཡོངས་སྐད་ཡིག་ཨིན། མི་ཚུ་ལུ་", 1.0),
    ("bo", "བོད་ཀྱི་སྐད་ཡིག་ནི་བོད་པ་ཚོས་བེད་སྤྱོད་བྱེད་བཞིན་ཡོད་པ་ཞིག་རེད།", 1.0),
    ("und", "ᐃᓄᒃᑎᑐᑦ ᐅᖃᐅᓯᖅ", 0.01),
    ("chr", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", 1.01),
]


@pytest.mark.parametrize(("code", "text", "below"), OTHERS, ids=[f"{row[0]}-{n}" for n, row in enumerate(OTHERS)])
def test_letters_that_several_languages_have_do_not_decide_with_certainty(code: str, text: str, below: float) -> None:
    language = identify(text)
    assert language.code == code
    assert language.score < below


PRESENTED = {
    "ur": "شہری کونسل نے پرانے پل کو بہار میں دوبارہ کھولنے کا فیصلہ کیا ہے",
    "fa": "شورای شهر تصمیم گرفت پل قدیمی را در بهار بازگشایی کند",
    "ar": "قرر مجلس المدينة إعادة فتح الجسر القديم في الربيع المقبل",
    "ps": "د ښار شورا پرېکړه وکړه چې زوړ پل به په پسرلي کې بېرته پرانیستل شي",
    "sd": "شهر جي ڪائونسل پراڻي پل کي بهار ۾ ٻيهر کولڻ جو فيصلو ڪيو آهي",
    "ug": "شەھەر كېڭىشى كونا كۆۋرۈكنى باھاردا قايتا ئېچىشنى قارار قىلدى",
    "ckb": "ئەنجومەنی شار بڕیاری دا پردە کۆنەکە لە بەهاردا بکاتەوە",
}


def presentation_forms(text: str, kind: str) -> str:
    """Return a text with Arabic letters as their presentation forms of a kind, as old programs stored them."""
    forms: dict[str, str] = {}
    for point in (*range(0xFB50, 0xFDFE), *range(0xFE70, 0xFEFD)):
        mark, *points = unicodedata.decomposition(chr(point)).split() or [""]
        if mark == f"<{kind}>" and len(points) == 1:
            forms.setdefault(chr(int(points[0], 16)), chr(point))
    return "".join(forms.get(letter, letter) for letter in text)


@pytest.mark.parametrize("kind", ["isolated", "initial", "final"])
@pytest.mark.parametrize("code", PRESENTED)
def test_presentation_forms_are_the_same_language(code: str, kind: str) -> None:
    text = PRESENTED[code]
    shown = presentation_forms(text, kind)
    assert shown != text
    assert identify(shown) == identify(text)
    assert identify(text).code == code


@pytest.mark.parametrize(
    ("shown", "plain"),
    [
        ("ﾆﾎﾝｺﾞ ﾉ ﾍﾟｰｼﾞ ﾃﾞｽ", "ニホンゴ ノ ページ デス"),
        ("Ｃｏｕｎｃｉｌ　ｖｏｔｅｓ　ｔｏ　ｒｅｏｐｅｎ　ｔｈｅ　ｂｒｉｄｇｅ", "Council votes to reopen the bridge"),
        ("𝐂𝐨𝐮𝐧𝐜𝐢𝐥 𝘷𝘰𝘵𝘦𝘴 𝓉𝑜 𝚛𝚎𝚘𝚙𝚎𝚗 𝐭𝐡𝐞 𝐨𝐥𝐝 𝐛𝐫𝐢𝐝𝐠𝐞", "Council votes to reopen the old bridge"),
        ("The ﬁrst ﬂoor of the oﬃce is ﬁlled", "The first floor of the office is filled"),
        ("שׁלום לכולם, זהו משׂחק", "שׁלום לכולם, זהו משׂחק"),
    ],
)
def test_compatibility_forms_are_folded_for_identification(shown: str, plain: str) -> None:
    assert identify(shown) == identify(plain)
    assert identify(shown).code != "und"
