"""Notices about cookies go, in any language, where their markup says what they are; articles about cookies stay."""

import pytest

from saaf.cleaning import clean_html
from saaf.cleaning.html.class_names import always_removed

ARTICLES = {
    "en": ("The potter of the lower town fires her bowls twice, and throws away every tenth one because of a crack.",
           "This shop keeps small files on your device so that it knows you again and shows what you like."),
    "hi": ("निचले नगर की कुम्हारिन अपने कटोरे दो बार पकाती है, और दरार के कारण हर दसवाँ कटोरा फेंक देती है।",
           "यह दुकान आपके यंत्र पर छोटी फ़ाइलें रखती है, ताकि वह आपको फिर पहचाने, आगंतुकों को गिने और आपकी रुचि की चीज़ें दिखाए।"),
    "ar": ("تحرق خزّافة البلدة السفلى أوعيتها مرتين، وترمي كل وعاء عاشر بسبب شق صغير في حافته.",
           "يحفظ هذا المتجر ملفات صغيرة على جهازك ليتعرف عليك من جديد ويعدّ زواره ويعرض عليك ما قد يهمك من بضاعته."),
    "am": ("የታችኛው ከተማ ሸክላ ሠሪ ሳህኖቿን ሁለት ጊዜ ታቃጥላለች፣ በስንጥቅ ምክንያትም ከአሥር አንዱን ትጥላለች።",
           "ይህ ሱቅ እርስዎን እንደገና ለማወቅ፣ ጎብኚዎቹን ለመቁጠርና የሚወዱትን ለማሳየት ትናንሽ ፋይሎችን በመሣሪያዎ ላይ ያስቀምጣል።"),
    "zh": ("下城的陶工把碗烧两遍，因为裂纹，每十只碗里就要扔掉一只，剩下的在集市上卖给邻居和过路的人。",
           "本店会在您的设备上保存小文件，以便再次认出您、统计访客人数，并向您展示您可能感兴趣的商品。"),
}  # fmt: skip


@pytest.mark.parametrize("language", ARTICLES)
@pytest.mark.parametrize("wrapper", ["article", "aside class='content-aside'", "div class='entry'"])
def test_a_notice_beside_the_article_goes(language: str, wrapper: str) -> None:
    sentence, notice = ARTICLES[language]
    tag = wrapper.partition(" ")[0]
    article = f"<{wrapper}><h1>1911</h1>" + "".join(f"<p>{n}: {sentence}</p>" for n in range(1, 5)) + f"</{tag}>"
    box = f"<div id='cookie-notice'><p>{notice}</p><p>{notice[::-1][::-1]}</p><button>OK</button></div>"
    text = clean_html(f"<html><head><title>1911</title></head><body>{article}{box}</body></html>".encode()).text
    assert text.count(sentence) == 4
    assert notice not in text


@pytest.mark.parametrize(
    ("step", "is_notice"),
    [
        ("div#cookie-law", True),
        ("div.gdpr_banner.bottom", True),
        ("section.cookieConsent", True),
        ("div#onetrust-banner-sdk", True),
        ("div#CybotCookiebotDialog", True),
        ("div.cky-consent-container", True),
        ("div.sticky-header", False),
        ("div.cmp-container.cmp-text", False),
        ("div.recipe-cookies", False),
        ("article.category-cookies.cookie-recipe", False),
        ("div.consent-decree", False),
        ("section.trusted-shops", False),
        ("div.cookie-barley", False),
    ],
)
def test_names_of_notices_are_told_from_names_of_subjects(step: str, is_notice: bool) -> None:
    assert (always_removed(step) == "html.window") == is_notice


def test_an_article_whose_wrapper_is_called_a_notice_stays() -> None:
    sentence = ARTICLES["en"][0]
    article = "".join(f"<p>{n}: {sentence}</p>" for n in range(1, 5))
    text = clean_html(f"<title>1911</title><body><div class='cookie-box'><h1>1911</h1>{article}</div></body>".encode())
    assert text.text.count(sentence) == 4


@pytest.mark.parametrize(
    "names",
    [
        "modal dialog popup pop-up Cookie-Notice cookies_bar consentLayer GDPR-box ccpa_toast dsgvo-hint rgpd-tip lgpd",
        "axeptio borlabs-cookie borlabscookie cky-box cli-bar cmplz cmpbox cookie-law-info cookielawinfo cookiebot",
        "cookiefirst cookieyes cybot didomi-host eupopup fc-consent-root iubenda-cs-banner klaro moove_gdpr onetrust",
        "osano-cm qc-cmp2 sp_message_container tarteaucitron termly-x truste_box truste trustarc usercentrics wt-cli-x",
    ],
)
def test_each_name_of_a_window_is_known_in_any_case(names: str) -> None:
    own = [name if name != "lgpd" else "lgpd-alert" for name in names.split()]
    steps = [f"div.{spelt}" for name in own for spelt in (name, name.upper(), f"x ünter.{name}")]
    assert [step for step in steps if always_removed(step) != "html.window"] == []


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        ("p.site-Disclaimer", "html.disclaimer"),
        ("figcaption", "html.caption"),
        ("figcaption.big", "html.caption"),
        ("blockquote.twitter-tweet", "html.embed"),
        ("div.instagram-media", "html.embed"),
        ("div.tiktok-embed", "html.embed"),
        ("div.fb-post", "html.embed"),
        ("div.bluesky-embed", "html.embed"),
        ("p.lead", None),
    ],
)
def test_other_names_that_decide_alone(step: str, rule: str | None) -> None:
    assert always_removed(step) == rule
