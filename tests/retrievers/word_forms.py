"""A shop in which words have many forms, and what people type for its things."""

import asyncio
from collections.abc import Iterable

from ltrr.bench.known_items.installation import Installation
from ltrr.bench.known_items.items import KnownItem
from ltrr.models.records.entity import Entity
from ltrr.retrievers.index.index import Index
from ltrr.serving.settings.settings import load_settings


def thing(object_id: str, name: str, brand: str, popularity: float = 50.0) -> Entity:
    """Return a product, popular unless it is said."""
    return Entity(object_id, "product", name, {"brand": {brand: 1.0}}, popularity=popularity)


SHOP = (
    thing("SKU-48213-B", "Garden chair", "Oak", 1.0),
    Entity("drill", "product", "Cordless drill", numbers={"year": (2006.0,)}, popularity=1.0),
    *(Entity(f"drill-{n}", "product", "Cordless drill", numbers={"year": (2007.0 + n,)}) for n in range(25)),
    thing("BX7-BX9", "Drawers", "Oak", 1.0),
    *(thing(f"BX7-{n}", f"Knob {n}", "BX7-BX9", 100.0) for n in range(25)),
    thing("toner", "Brother TN-2420 toner black", "Brother", 1.0),
    thing("other-toner", "Brother TN-2410 toner black", "Brother"),
    thing("stand", "Monitor stand 2420", "Viewer"),
    thing("printer", "HL-L2350DW laser printer", "Brother", 1.0),
    thing("other-printer", "HL-L2375DW laser printer", "Brother"),
    thing("bolt", "Hex bolt M8x20 zinc", "Bolt & Co", 1.0),
    thing("other-bolt", "Hex bolt M20x8 zinc", "Bolt & Co"),
    thing("spaced-bolt", "Hex bolt M8 x 25 zinc", "Bolt & Co", 1.0),
    thing("nut", "Hex nut M8, pack of 20", "Bolt & Co"),
    thing("ink", "HP 305XL ink tricolour", "HP", 1.0),
    thing("other-ink", "HP 305 ink black", "HP"),
    thing("dress", "Dress XL red 305", "Frock"),
    thing("sleeve", 'Laptop sleeve 15.6"', "Tote", 1.0),
    thing("other-sleeve", 'Laptop sleeve 15.4" with 6 pockets', "Tote"),
    thing("bag", "Laptop bag 14 inch, 15 colours, 6 pockets", "Tote"),
    thing("socket", "Socket 3/8 drive", "Grip", 1.0),
    thing("other-socket", "Socket 38 mm", "Grip"),
    thing("sockets", "Socket set of 8, 3 sizes", "Grip"),
    thing("sharp", "C# in Depth", "Manning", 1.0),
    thing("plus", "C++ Primer", "Addison", 1.0),
    thing("plain", "C for Beginners", "Wiley"),
    thing("serum", "Vitamin C serum", "Glow"),
    thing("dotnet", "Pro .NET Memory", "Apress", 1.0),
    thing("net", "Fishing net", "Catch"),
    thing("exclaimed", "!!!", "Warp", 1.0),
    thing("wow", "Wow! Wow! Wow!", "Warp"),
    thing("headphones", "Bluetooth headphones", "Sonic", 1.0),
    thing("speaker", "Blue Tooth speaker mini", "Sonic", 1.0),
    thing("brush", "Tooth brush blue", "Dental"),
    thing("mini", "Speaker mini", "Sonic"),
    thing("gunjo", "群青日和", "東京事変", 1.0),
    thing("flash", "東京フラッシュ", "Vaundy"),
    thing("yoru", "夜に駆ける", "YOASOBI"),
    thing("dog", "犬", "ペット", 1.0),
    thing("small", "子犬の首輪", "ペット"),
    thing("hotel", "ホテル", "ジャラン", 1.0),
    thing("raise", "建てる", "ことば"),
    thing("please", "お願いします", "ことば"),
    thing("eat", "食べる", "ことば", 1.0),
    thing("moon", "月亮代表我的心", "鄧麗君", 1.0),
    thing("land", "我的祖国", "郭蘭英"),
    thing("spring", "봄날", "방탄소년단", 1.0),
    thing("springs", "봄봄봄", "로이킴"),
    thing("scent", "น้ำหอมผู้ชายกลิ่นทะเล", "ทะเลไทย", 1.0),
    thing("shirt", "เสื้อยืดผู้หญิงสีขาว", "แฟชั่น"),
    thing("scented", "Parfum d\u2019ambiance", "L'Occitane", 1.0),
    thing("water", "Ambre, eau de parfum", "Dior"),
    thing("kit", "Bookbinding kit", "Oak", 1.0),
    thing("pouch", "Book pouch, wooden clasp", "Tote"),
    thing("hello", "Hello", "Adele", 1.0),
    thing("dream", "Adele and the dream", "Nobody"),
    *(thing(f"filler-{n}", f"Filler {7 * n} {'abcdefgh'[n % 8]} part {n}", "Fill", n) for n in range(1, 40)),
)

FORMS = {
    "SKU-48213-B": ("SKU-48213-B", "sku48213b", "sku 48213 b", "48213", "sku-482"),
    "BX7-BX9": ("BX7-BX9", "bx7 bx9", "bx7bx9", "oak BX7-BX9"),
    "drill": ("cordless drill 2006", "2006 drill"),
    "toner": ("TN-2420", "TN2420", "tn 2420", "brother tn2420"),
    "printer": ("HL-L2350DW", "hll2350dw", "HL L2350DW", "l2350dw", "printer 2350"),
    "bolt": ("M8x20", "M8 x 20", "m8 x20", "hex bolt m8x20"),
    "spaced-bolt": ("M8x25", "m8 x 25"),
    "ink": ("305XL", "305 xl", "hp305xl"),
    "sleeve": ('15.6"', "15.6", "laptop sleeve 15.6"),
    "socket": ("3/8", 'socket 3/8"'),
    "sharp": ("c#", "C# in depth"),
    "plus": ("c++", "C++ primer"),
    "dotnet": (".net", ".NET memory"),
    "net": ("net",),
    "exclaimed": ("!!!",),
    "headphones": ("bluetooth", "blue tooth headphones", "blue tooth head", "bluetooth headp"),
    "speaker": ("bluetooth speaker", "bluetoothspeaker"),
    "scented": (
        "ambiance",
        "d'ambiance",
        "dambiance",
        "ambiances",
        "occitane",
        "l'occitane",
        "loccitane",
        "occitane parf",
    ),
    "gunjo": ("群青日和", "群青", "日和", "東京事変", "東京事変群青日和"),
    "yoru": ("駆ける", "夜に駆けた", "駆けます"),
    "dog": ("犬", "犬です", "犬とは", "犬を買いたいです", "犬 英語", "黒犬"),
    "hotel": ("ホテル", "ほてる", "ﾎﾃﾙ", "ホテルです", "ホテルお願いします"),
    "eat": ("食べる", "食べません", "たべる 食べた"),
    "moon": ("代表", "心", "鄧麗君月亮", "我想买月亮", "月亮是什么"),
    "spring": ("봄날", "소년단", "방탄소년단봄날", "봄날이 뭐야"),
    "scent": ("ผู้ชาย", "กลิ่นทะเล"),
    "shirt": ("สีขาว",),
    "kit": ("bookbinder", "bookbinders", "oak bookbinders"),
    "hello": ("helloadele", "adelehello", "adele"),
}
CASES = tuple((text, object_id) for object_id, texts in FORMS.items() for text in texts)
NONSENSE = ("zxqv flurbn", "qwertzuiop", "xyzzy plughs", "vexnor")


def pages(index: Index, texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the first pages that a new installation over an index answers, in the order of its ranking."""
    settings = load_settings(text_deadline_s=30.0, vector_deadline_s=30.0, swap_share=0.0, explore_share=0.0)

    async def ask() -> list[tuple[str, ...]]:
        asked = await Installation(index, settings, "default", 0).ask([KnownItem("", text) for text in texts])
        await index.stop()
        return [page.object_ids for page in asked]

    return asyncio.run(ask())
