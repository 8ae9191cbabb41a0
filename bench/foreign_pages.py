"""Drawn pages in many scripts: a bill and a page of prose of each, in several fonts, sizes and states of the print.

`pages(language)` gives the same pixels wherever the same fonts are installed: Debian's fonts-noto-core, fonts-noto-cjk
and fonts-dejavu-core. The prose is article 1 of the Universal Declaration of Human Rights. Read by bench/legibility.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_FONTS = Path("/usr/share/fonts")
_LATIN = ("NotoSans-Regular.ttf", "NotoSerif-Regular.ttf", "NotoSans-Bold.ttf", "DejaVuSans.ttf", "DejaVuSansMono.ttf")
_CJK = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
_SIZES = (20, 34, 26)


@dataclass(frozen=True)
class Language:
    """`items` of a bill, the last one its total; `prose` is wrapped at `wrap` characters."""

    fonts: tuple[str, ...]
    items: str
    prose: str
    wrap: int = 46


KNOWN = {
    "English": Language(
        _LATIN,
        "Tea|Coffee|Bread and butter|Tomato soup|Cash|Receipt|Date|Total",
        "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
        "and should act towards one another in a spirit of brotherhood.",
    ),
    "French": Language(
        _LATIN,
        "Thé|Café crème|Pâté|Soupe à l'oignon|Espèces|Reçu|Numéro|Total à régler",
        "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
        "conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    ),
    "German": Language(
        _LATIN,
        "Tee|Kaffee|Brötchen|Gemüsesuppe|Straße|Gläser|Rückgeld|Summe",
        "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt "
        "und sollen einander im Geiste der Brüderlichkeit begegnen.",
    ),
    "Polish": Language(
        _LATIN,
        "Herbata|Kawa|Chleb żytni|Zupa grzybowa|Gotówka|Źródło|Książka|Łącznie",
        "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i "
        "sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    ),
    "Czech": Language(
        _LATIN,
        "Čaj|Káva|Chléb|Polévka|Řízek|Účet|Ženy|Celkem",
        "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a mají "
        "spolu jednat v duchu bratrství.",
    ),
    "Turkish": Language(
        _LATIN,
        "Çay|Kahve|Ekmek|Mercimek çorbası|Nakit|Fiş|Tarih|Toplam tutarı",
        "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine "
        "karşı kardeşlik zihniyeti ile hareket etmelidirler.",
    ),
    "Portuguese": Language(
        _LATIN,
        "Chá|Café|Pão com manteiga|Sopa de feijão|Dinheiro|Recibo|Número|Total à vista",
        "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, "
        "devem agir uns para com os outros em espírito de fraternidade.",
    ),
    "Hungarian": Language(
        _LATIN,
        "Tea|Kávé|Kenyér vajjal|Gyümölcsleves|Készpénz|Nyugta|Dátum|Összesen",
        "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és lelkiismerettel "
        "bírván, egymással szemben testvéri szellemben kell hogy viseltessenek.",
    ),
    "Romanian": Language(
        _LATIN,
        "Ceai|Cafea|Pâine cu unt|Supă de roșii|Numerar|Bon fiscal|Dată|Total de plată",
        "Toate ființele umane se nasc libere și egale în demnitate și în drepturi. Ele sunt înzestrate cu rațiune și "
        "conștiință și trebuie să se comporte unele față de altele în spiritul fraternității.",
    ),
    "Chinese": Language(
        _CJK,
        "绿茶|咖啡|面包|番茄汤|现金|收据|日期|总计",
        "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
        18,
    ),
    "Japanese": Language(
        _CJK,
        "お茶|コーヒー|食パン|トマトスープ|現金|領収書|日付|合計",
        "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを"
        "授けられており、互いに同胞の精神をもって行動しなければならない。",
        18,
    ),
}
FOREIGN = {
    "Vietnamese": Language(
        _LATIN,  # the reader knows "ơ" and "á", and neither "ờ" nor "ạ"
        "Bơ|Cơm gà|Rau muống|Nước cam|Tiền mặt|Hóa đơn|Đường mía|Tổng cộng",
        "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hóa "
        "ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
    ),
    "Russian": Language(
        _LATIN,
        "Чай|Кофе|Хлеб с маслом|Суп томатный|Наличные|Касса|Дата|Итого",
        "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и "
        "должны поступать в отношении друг друга в духе братства.",
    ),
    "Ukrainian": Language(
        _LATIN,
        "Чай|Кава|Хліб|Борщ|Готівка|Каса|Дата|Усього",
        "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і "
        "повинні діяти у відношенні один до одного в дусі братерства.",
    ),
    "Greek": Language(
        _LATIN,
        "Τσάι|Καφές|Ψωμί|Σούπα|Μετρητά|Απόδειξη|Ημερομηνία|Σύνολο",
        "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με "
        "λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
    ),
    "Arabic": Language(
        ("NotoNaskhArabic-Regular.ttf", "NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf"),
        "شاي|قهوة|خبز|شوربة|نقدا|إيصال|التاريخ|المجموع",
        "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا "
        "وعليهم أن يعامل بعضهم بعضا بروح الإخاء.",
        30,
    ),
    "Hebrew": Language(
        ("NotoSansHebrew-Regular.ttf", "NotoSerifHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
        "תה|קפה|לחם|מרק|מזומן|קבלה|תאריך|סך הכל",
        "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם "
        "לנהוג איש ברעהו ברוח של אחווה.",
        36,
    ),
    "Thai": Language(
        ("NotoSansThai-Regular.ttf", "NotoSerifThai-Regular.ttf", "NotoSansThai-Bold.ttf"),
        "ชา|กาแฟ|ขนมปัง|ซุป|เงินสด|ใบเสร็จ|วันที่|รวม",
        "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกัน ด้วยเจตนารมณ์แห่งภราดรภาพ",
        34,
    ),
    "Hindi": Language(
        ("NotoSansDevanagari-Regular.ttf", "NotoSerifDevanagari-Regular.ttf", "NotoSansDevanagari-Bold.ttf"),
        "चाय|कॉफ़ी|रोटी|सूप|नकद|रसीद|तारीख|कुल",
        "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन "
        "प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
        34,
    ),
    "Bengali": Language(
        ("NotoSansBengali-Regular.ttf", "NotoSansBengali-Bold.ttf"),
        "চা|কফি|রুটি|স্যুপ|নগদ|রসিদ|তারিখ|মোট",
        "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে; সুতরাং সকলেরই একে অপরের "
        "প্রতি ভ্রাতৃত্বসুলভ মনোভাব নিয়ে আচরণ করা উচিত।",
        34,
    ),
    "Tamil": Language(
        ("NotoSansTamil-Regular.ttf", "NotoSansTamil-Bold.ttf"),
        "தேநீர்|காபி|ரொட்டி|சூப்|பணம்|ரசீது|தேதி|மொத்தம்",
        "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும் உரிமைகளிலும் சமமானவர்கள்.",
        26,
    ),
    "Georgian": Language(
        ("NotoSansGeorgian-Regular.ttf", "NotoSerifGeorgian-Regular.ttf"),
        "ჩაი|ყავა|პური|სუპი|ნაღდი|ქვითარი|თარიღი|ჯამი",
        "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით. მათ მინიჭებული აქვთ გონება და "
        "სინდისი და ერთმანეთის მიმართ უნდა იქცეოდნენ ძმობის სულისკვეთებით.",
        40,
    ),
    "Armenian": Language(
        ("NotoSansArmenian-Regular.ttf", "NotoSansArmenian-Bold.ttf"),
        "Թեյ|Սուրճ|Հաց|Ապուր|Կանխիկ|Անդորրագիր|Ամսաթիվ|Ընդամենը",
        "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու իրավունքներով։ Նրանք ունեն "
        "բանականություն ու խիղճ և միմյանց պետք է եղբայրաբար վերաբերվեն։",
        40,
    ),
    "Korean": Language(
        _CJK,
        "녹차|커피|식빵|토마토 수프|현금|영수증|날짜|합계",
        "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 "
        "부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
        26,
    ),
}


def pages(language: Language) -> Iterator[tuple[str, Image.Image]]:
    """Every kind in every font, once clean and once worn, in changing sizes."""
    for kind, draw in (("bill", _bill), ("prose", _prose)):
        for at, name in enumerate(language.fonts):
            clean, worn = _SIZES[at % len(_SIZES)], _SIZES[(at + 1) % len(_SIZES)]
            yield f"{kind} {name} {clean}", draw(language, _font(name, clean), clean)
            yield f"{kind} {name} {worn} worn", _worn(draw(language, _font(name, worn), worn))


def _bill(language: Language, font: ImageFont.FreeTypeFont, size: int) -> Image.Image:
    rng, items = random.Random(language.items), language.items.split("|")
    page = Image.new("RGB", (20 * size, 2 * size * (len(items) + 2)), "#f8f7f2")
    pen, digits = ImageDraw.Draw(page), _font("DejaVuSans.ttf", size)
    for row, item in enumerate(items):
        y = size * (2 * row + 1)
        pen.text((size, y), item, fill="#202020", font=font)
        pen.text((19 * size, y), f"{rng.uniform(1, 90):.2f}", fill="#202020", font=digits, anchor="ra")
    return page


def _prose(language: Language, font: ImageFont.FreeTypeFont, size: int) -> Image.Image:
    lines, line, spaced = list[str](), "", " " in language.prose
    for word in language.prose.split(" ") if spaced else list(language.prose):
        longer = f"{line}{' ' if spaced and line else ''}{word}"
        lines, line = (lines, longer) if len(longer) <= language.wrap else ([*lines, line], word)
    lines.append(line)
    width = max(round(font.getlength(one)) for one in lines) + 2 * size
    page = Image.new("RGB", (width, round(1.8 * size * (len(lines) + 1))), "white")
    for row, one in enumerate(lines):
        ImageDraw.Draw(page).text((size, round(1.8 * size * (row + 0.5))), one, fill="black", font=font)
    return page


def _worn(page: Image.Image) -> Image.Image:
    """Half the size and back, slightly turned, on grey paper."""
    small = page.resize((page.width * 7 // 10, page.height * 7 // 10)).resize(page.size)
    turned = small.rotate(0.8, Image.Resampling.BICUBIC, fillcolor="#f0f0f0")
    return Image.blend(turned.filter(ImageFilter.GaussianBlur(0.6)), Image.new("RGB", page.size, "#a0a098"), 0.3)


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    found = sorted(_FONTS.rglob(name))
    if not found:
        raise SystemExit(f"{name} is not installed: apt-get install fonts-noto-core fonts-noto-cjk fonts-dejavu-core")
    return ImageFont.truetype(found[0], size)
