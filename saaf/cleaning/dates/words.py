"""Function words of dates: connectors between their parts, words of times beside them, labels in front of them.

Of languages, not of any site. Written as people write them; compared as the folded tokens of
`saaf.cleaning.dates.calendars.date_tokens`.
"""

import re
from typing import Final

import regex

from saaf.cleaning.dates.calendars import date_tokens


def _tokens(*lines: str) -> frozenset[str]:
    return frozenset(token for line in lines for token in date_tokens(line))


# Connectors between day, month and year: "14 de diciembre de 2024", "14th, December", "2024年12月14日".
CONNECTORS: Final = _tokens(
    ", ، 、 . - – / ' ’ ·",
    "st nd rd th of the",
    "de del di do da d er º ª ος",
    "го г. року р. год года gada m",
    "ngày năm",
    "年 月 日 년 월 일",
    "พ.ศ. ค.ศ.",
    "ই শে লা রা ঠা",
    "को सन वां",
    "من م ماه سال ء ی",
    "ng ika ga жылғы жылы yil yilning йил წლის թ. թվականի ឆ្នាំ ປີ ခုနှစ် ၊",
    "ቀን ዓ.ም ዓ.ም. ፣ ፡ ፤",
    "गते वि.सं. साल",
)

# Words of times beside a date: times of day, time zones, weekdays' signs, and the words that join them.
TIME_WORDS: Final = _tokens(
    "at on am pm a.m. p.m. noon h hrs hours min",
    "z gmt utc ist pst pdt pt est edt et cst cdt ct mst mdt bst cet cest eet msk wib pkt gst hkt jst kst sgt aest t",
    "um uhr klo kl à a las los alle ore ora o hod god saat pukul jam lúc giờ",
    "в о об ч часов мск",
    "ώρα στις μ.μ. π.μ.",
    "ص م الساعة مساء صباحا مساءً صباحاً بتوقيت غرينتش جرينتش مكة دبي الموافق هـ",
    "ساعت ق.ظ ب.ظ بجے صبح شام دوپہر رات بعد از",
    "बजे सुबह शाम रात दोपहर पर",
    "টা মিনিট সকাল দুপুর বিকেল সন্ধ্যা রাত এএম পিএম",
    "上午 下午 午前 午後 時 时 分 秒 星期 周 週 一 二 三 四 五 六 日 天 曜 火 水 木 金 土",
    "오전 오후 시 분",
    "น. เวลา วันที่ วัน ที่",
    "ថ្ងៃទី ວັນທີ",
)

# Labels of the page's own date. Labels of other dates (deadline, born, event) are not here.
DATE_LABELS: Final = _tokens(
    "published posted publish updated last update modified date time on first originally created :",
    "veröffentlicht publiziert aktualisiert erstellt stand am vom zuletzt letzte aktualisierung datum geändert",
    "publié publiée mis mise à jour modifié le date de publication dernière",
    "publicado publicada actualizado actualizada fecha el última actualización de",
    "publicado atualizado em data última atualização",
    "pubblicato aggiornato il data ultimo aggiornamento ultima modifica",
    "gepubliceerd geplaatst bijgewerkt op laatst gewijzigd",
    "publicerad publicerat uppdaterad uppdaterat publisert oppdatert opdateret udgivet den julkaistu päivitetty",
    "opublikowano zaktualizowano data publikacji dodano aktualizacja utworzono",
    "zveřejněno publikováno aktualizováno vydáno objavljeno ažurirano zadnja izmjena publikované",
    "опубликовано обновлено дата публикации размещено опубліковано оновлено публикувано",
    "δημοσίευση δημοσιεύτηκε δημοσιεύθηκε ενημέρωση ημερομηνία τελευταία",
    "yayınlanma yayınlandı yayın giriş güncelleme güncellendi tarihi tarih son",
    "diterbitkan dipublikasikan diperbarui tanggal terbit",
    "cập nhật đăng xuất bản lúc",
    "ilichapishwa imechapishwa tarehe",
    "نشر النشر تاريخ تم في نُشر نشره نشرت آخر تحديث التحديث بتاريخ يوم التاريخ",
    "تاریخ انتشار منتشر شده در تاریخ: به روز رسانی بروزرسانی آخرین",
    "شائع اشاعت تاریخ شائع شدہ آخری اپ ڈیٹ اپڈیٹ",
    "प्रकाशित अपडेट अपडेटेड प्रकाशन तिथि तारीख अद्यतन अंतिम पोस्ट किया गया दिनांक",
    "প্রকাশিত প্রকাশ আপডেট সর্বশেষ তারিখ প্রকাশের সময়",
    "发布 時間 时间 日期 发表 發表 发 布 發 佈 更 新 时 间 時 間 表 于 於 日 期 出版 最 后 後",
    "公開 公 開 更新 更 新 最終 最 終 日時 時 投 稿 掲 載 配 信",
    "등록 입력 수정 게시 발행 작성일 최종 업데이트 기사입력 기사수정 승인",
    "เผยแพร่ อัปเดต อัพเดท เมื่อ ปรับปรุง ล่าสุด โพสต์",
    "פורסם עודכן בתאריך תאריך",
    "வெளியிடப்பட்டது புதுப்பிக்கப்பட்டது பதிவு",
)

# Labels of the date of a change, and those of the first publication, as they stand in a line.
_UPDATE: Final = regex.compile(
    r"""(?:last\s+)?(?:update|modified|revised|reviewed)[ds]?\b | lastupdate
    | (?:zuletzt\s+)?(?:aktualisiert|geändert|bearbeitet) | mise?\s+à\s+jour | modifié
    | (?:última\s+)?a[ct]+uali[sz](?:ad[oa]|ación|ação) | (?:ultimo\s+)?aggiorna(?:to|mento) | bijgewerkt | gewijzigd
    | uppdaterad | oppdatert | opdateret | päivitetty | (?:za|a)ktuali(?:zowano|zacja|zováno|zované) | ažurirano
    | обновлен | оновлен | изменен | (?:τελευταία\s+)?ενημέρωση | güncelle | diperbarui | cập\s+nhật
    | (?:آخر\s+)?تحديث | بروزرسانی | به‌روزرسانی | اپ\s?ڈیٹ | अपडेट | अद्यतन | আপডেট | হালনাগাদ
    | 最終更新 | 最[后後]更新 | 수정 | อัปเดต | อัพเดท | עודכן
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_MAX_LINE_CHARACTERS: Final = 400  # a longer line is prose
_YEAR: Final = re.compile(r"\d{4}")
_PUBLICATION: Final = regex.compile(
    r"""publi | posted | created | first | originally | veröffentlicht | erstellt | gepubliceerd | geplaatst
    | opublikowano | dodano | zveřejněno | objavljeno | опубликован | опубліков | δημοσ | yayın | diterbitkan
    | xuất\s+bản | نشر | انتشار | شائع | प्रकाश | প্রকাশ | 发布 | 發布 | 公開 | 掲載 | 등록 | 입력 | เผยแพร่ | פורסם
    """,
    regex.VERBOSE | regex.IGNORECASE,
)


def without_update(line: str) -> str:
    """Return a line with a date without its note of a later change: "Updated 5 May 2024" is no publication.

    What stands before the note, or from a label of publication behind it on, is returned; "" where the line is only
    such a note.
    """
    if len(line) > _MAX_LINE_CHARACTERS or not _YEAR.search(line) or not (update := _UPDATE.search(line)):
        return line
    if any(map(str.isdigit, line[: update.start()])):
        return line[: update.start()]
    publication = _PUBLICATION.search(line, update.end())
    return line[publication.start() :] if publication else ""


def update_note(line: str) -> str:
    """Return a line from its note of a later change on ("Updated 5 May 2024"), "" where there is none."""
    update = _UPDATE.search(line) if len(line) <= _MAX_LINE_CHARACTERS and _YEAR.search(line) else None
    return line[update.start() :] if update else ""
