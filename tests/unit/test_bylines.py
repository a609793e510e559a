"""Bylines without a colon, against headlines and sentences that begin with the word of a label."""

from __future__ import annotations

import pytest

from saaf.cleaning import clean_html, clean_text

_LEADS = {
    "ar": "أعيد فتح الجسر أمام حركة المرور يوم الجمعة بعد عامين من أعمال الصيانة التي نفذتها البلدية في المدينة.",
    "en": "The bridge was opened to traffic on Friday after two years of repairs that the town council had paid for.",
    "hi": "पुल शुक्रवार को दो साल की मरम्मत के बाद यातायात के लिए खोल दिया गया, और नगर परिषद ने इसका पूरा खर्च उठाया।",
    "ur": "پل دو سال کی مرمت کے بعد جمعے کو ٹریفک کے لیے کھول دیا گیا اور شہر کی کونسل نے اس کا پورا خرچ اٹھایا۔",
    "de": "Die Brücke wurde am Freitag nach zwei Jahren Bauzeit für den Verkehr freigegeben, so der Stadtrat.",
    "fr": "Le pont a été ouvert à la circulation vendredi après deux ans de travaux, a dit le conseil de la ville.",
    "es": "El puente se abrió al tráfico el viernes tras dos años de obras, informó el ayuntamiento de la villa.",
    "id": "Jembatan itu dibuka kembali untuk lalu lintas pada hari Jumat setelah dua tahun diperbaiki, kata dewan.",
}


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("ar", "كتب الولد رسالة"),
        ("ar", "كتبت مريم قصة جديدة"),
        ("ar", "كتب قديمة للبيع"),
        ("ar", "تقرير البنك الدولي"),
        ("ur", "تحریر اردو ادب"),
        ("ur", "رپورٹ پولیس کو ملی"),
        ("hi", "द्वारा घोषित योजना"),
        ("hi", "लेखक प्रेमचंद सम्मानित"),
        ("hi", "लिखित परीक्षा स्थगित"),
        ("de", "Von Berlin nach Hamburg"),
        ("de", "Von Berlin"),
        ("fr", "Par Monts Et Vaux"),
        ("es", "Por Fin Libres"),
        ("id", "Laporan Bank Dunia"),
        ("id", "Oleh Tuhan"),
        ("en", "By The Sea"),
    ],
)
def test_a_headline_that_begins_with_the_word_of_a_label_stays(language: str, headline: str) -> None:
    clean = clean_text(f"{headline}\n{_LEADS[language]}")
    assert clean.text.startswith(headline)
    assert clean.document.metadata.author is None
    page = f"<title>{headline}</title><h1>{headline}</h1>" + f"<p>{_LEADS[language]}</p>"
    assert headline in clean_html(page).text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ar", "كتب الولد رسالة"),
        ("ar", "إعداد الطعام في رمضان"),
        ("ur", "رپورٹ پولیس کو ملی"),
        ("hi", "रिपोर्ट पुलिस को मिली"),
        ("de", "Von Berlin"),
        ("fr", "Par Toutatis"),
        ("es", "Por España"),
        ("id", "Oleh Tuhan"),
    ],
)
def test_a_line_in_a_bylines_place_without_the_shape_of_a_name_stays(language: str, sentence: str) -> None:
    lead = _LEADS[language]
    for text in (f"{lead[:40]}\n{sentence}\n{lead}", f"{lead[:40]}\n{lead}\n{sentence}"):
        clean = clean_text(text)
        assert sentence in clean.text
        assert clean.document.metadata.author is None


@pytest.mark.parametrize(
    ("language", "byline", "author"),
    [
        ("ar", "كتب أحمد سالم", "أحمد سالم"),
        ("ar", "كتبت: مريم سالم", "مريم سالم"),
        ("ur", "تحریر: سلمیٰ حیدر", "سلمیٰ حیدر"),
        ("ur", "نامہ نگار سلمیٰ حیدر", "سلمیٰ حیدر"),
        ("hi", "रिपोर्ट सीता वर्मा", "सीता वर्मा"),
        ("de", "Von Anna Beispiel", "Anna Beispiel"),
        ("fr", "Par Anne Exemple", "Anne Exemple"),
        ("es", "Por Ana Ejemplo", "Ana Ejemplo"),
        ("id", "Oleh Siti Contoh", "Siti Contoh"),
        ("en", "By AFP", "AFP"),
    ],
)
def test_a_byline_below_the_headline_goes_and_names_the_author(language: str, byline: str, author: str) -> None:
    clean = clean_text(f"{_LEADS[language][:40]}\n{byline}\n{_LEADS[language]}")
    assert byline not in clean.text
    assert clean.document.metadata.author == author
