"""Words of a query that only ask: who types "I am looking for a red dress" means "red dress"."""

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz.distance import OSA

from ltrr.models.wording import emphasis
from ltrr.retrievers.phrases.phrases import Phrases

_DO: Final = "get|find|have|see|buy|use|show|give|order|choose|pick|recommend|suggest"
_DONE: Final = " (?:do|mean|stand for)$"
_FROM: Final = (  # normalised: without apostrophes and diacritics
    # to be told of something: before the shorter ones that they begin with
    r"(?:(?:can|could) you )?(?:please )?(?:tell|teach|explain to) (?:me|us)(?: (?:more|something|all))?(?: about)?",
    r"(?:can|could) you (?:please )?(?:explain|describe)",
    r"where (?:can|do) (?:i|we|you|one) (?:read|learn)(?: more)? about",
    r"(?:(?:i|we) (?:need|want) to|i would like to|id like to) (?:know|learn|understand|read)(?: more)?(?: about)?",
    r"(?:erklare?|erzahle?) (?:mir|uns)(?: (?:etwas|mehr|was))?(?: (?:uber|von))?|(?:ich )?(?:mochte|will) wissen",
    r"(?:explique|expliquez|parle|parlez) moi(?: d[eu]s?)?|je (?:voudrais|veux) (?:savoir|comprendre)",
    r"explicame|(?:hablame|cuentame)(?: (?:de|del|sobre))?|(?:quiero|quisiera) saber(?: (?:de|sobre))?",
    r"spiegami|(?:parlami|dimmi)(?: (?:di|del|della))?|vorrei sapere(?: di)?",
    r"(?:explique|explica) me|(?:me )?fale? (?:me )?sobre|quero saber(?: (?:de|sobre))?",
    r"vertel (?:me|mij|ons)(?: (?:meer|iets))?(?: over)?|leg (?:me |mij )?uit(?: wat)?",
    r"(?:расскажи|объясни|скажи)(?:те)?(?: (?:мне|нам|пожалуиста))*(?: (?:о|об|про))?",
    r"(?:я )?хочу (?:узнать|знать|понять)(?: (?:о|об|про))?",
    # to be given something
    r"(?:(?:i|we) (?:am|are|was|were) |im |were )?(?:looking|searching|shopping) for|(?:search|look) for",
    rf"(?:i|we) (?:(?:really|just|also|do) )*(?:need|want|wanna)(?: to (?:{_DO}))?",
    rf"(?:i would|we would|id|wed) (?:like|love|need|want)(?: to (?:{_DO}))?",
    rf"need(?: to (?:{_DO}))?(?! for\b)|buy|purchase|order me",
    r"how (?:do|can|could|to) (?:(?:i|we|you|one) )?get rid of",
    rf"(?:(?:where|how|what|which) )?(?:can|could|do|may|should) (?:i|we|you|one) (?:please )?(?:{_DO})(?: me| us)?",
    r"(?:where|how) to (?:get|find|buy|use|order)",
    r"(?:where|how|when|why) (?:do|can|could|should|would|must|may) (?:i|we|you|one|they|people)",
    rf"what do(?:es)?(?= .*{_DONE})",
    r"do you (?:guys )?(?:have|sell|stock|carry|offer|know)|have you got|(?:is|are) there",
    r"(?:show|give|find|get|bring|send|recommend|suggest) (?:me|us)",
    r"(?:can you )?help (?:me|us)(?: to)?(?: (?:find|get|choose|pick|buy))?",
    r"(?:whats|whichs|(?:what|which) (?:is|are)) (?:the )?(?:best|top)|any(?: (?:good|decent|nice))?",
    # German
    r"(?:ich|wir) (?:suchen?|brauchen?|mochten?|will|wollen|hatten?)(?: gerne?)?(?: nach)?|suche(?: nach)?",
    r"(?:habt|haben|fuhrt|verkauft) (?:ihr|sie)|gibt es(?: bei euch)?|(?:zeige?|gib|finde|suche?) (?:mir|uns)",
    r"wo (?:finden?|bekommen?|kaufe|kann) (?:ich|wir|man)",
    # French
    r"(?:je )?(?:cherche|recherche|voudrais|veux)|jaimerais(?: avoir| acheter| trouver)?|jai besoin (?:de|dune?|des)",
    r"avez vous|y a t il|(?:montre|montrez|donne|donnez) moi|ou (?:puis je |peut on )?(?:trouver|acheter)",
    # Spanish
    r"(?:yo )?(?:busco|quiero|necesito|quisiera)(?: comprar| encontrar)?|estoy buscando",
    r"tienen|tienes|tiene|hay|muestrame|muestreme|donde (?:puedo )?(?:encontrar|comprar)",
    # Italian
    r"cerco|vorrei|avete|mostrami|mi serve|sto cercando|ho bisogno di|dove (?:posso )?(?:trovare|comprare)",
    # Portuguese
    r"(?:eu )?(?:procuro|quero|queria|preciso de)|estou procurando|voces tem|onde (?:posso )?(?:encontrar|comprar)",
    # Dutch
    r"ik (?:zoek|wil|zou graag)|op zoek naar|hebben jullie|heeft u|laat me|waar (?:vind|koop|kan) ik",
    # Russian
    r"(?:я |мы )?(?:ищу|ищем|хочу|хотим|хотел[аи]? бы)(?: (?:купить|наити|заказать|посмотреть|сделать))?",
    r"(?:мне |нам )?(?:нуж(?:ен|на|но|ны)|надо)(?: (?:купить|наити|заказать))?|купить|заказать",
    r"(?:покажи|наиди|даи|посоветуи|подскажи)(?:те)?(?: (?:мне|нам|пожалуиста))*|у вас есть|есть ли(?: у вас)?",
    r"(?:где|как) (?:мне |можно |я могу )?(?:купить|наити|взять|заказать|достать)",
    # Swedish, Danish, Norwegian
    r"jag (?:soker(?: efter)?|letar efter|behover|vill (?:ha|kopa))|(?:visa|ge|hitta) mig|finns det|har ni",
    r"jeg (?:soger(?: efter)?|soker(?: etter)?|leder efter|leter etter|mangler|trenger)|vis m[ei]g",
    r"jeg vil (?:gerne |gjerne )?(?:have|ha|kobe|kjope)|har (?:i|du|dere)|fin(?:des der|nes det)",
    r"(?:var|hvor) kan (?:jag|jeg|man) (?:kopa|hitta|kobe|finde|kjope|finne)",
    r"(?:var|hvor) (?:hittar|koper|finder|kober|finner|kjoper) (?:jag|jeg|man)",
    # Finnish
    r"(?:mina )?(?:etsin|haluan|haluaisin|tarvitsen)(?: (?:ostaa|loytaa))?|nayta (?:minulle|meille)|onko teilla",
    r"mista (?:voi |voin )?(?:ostaa|loytaa|loydan|saa|saan)",
    # Polish, Czech
    r"(?:ja )?(?:szukam|chce|chciala?bym|potrzebuje)(?: (?:kupic|znalezc))?|pokaz (?:mi|nam)|czy (?:macie|jest)",
    r"gdzie (?:moge |mozna )?(?:kupic|znalezc|kupie|znajde)|kde (?:mohu |muzu )?(?:koupit|najit|sehnat|koupim|najdu)",
    r"(?:ja )?(?:hledam|chci|potrebuj[iu]|chtela? bych)(?: (?:koupit|najit))?|ukaz(?:te)? mi",
    # Hungarian
    r"keresek|szeretnek(?: venni)?|mutasd(?: nekem)?|hol (?:lehet|tudok) (?:venni|kapni|talalni)|van nalatok",
    # Romanian
    r"(?:eu )?(?:caut|vreau|as vrea|am nevoie de)(?: sa (?:cumpar|gasesc))?(?: o)?|arata mi",
    r"unde (?:pot )?(?:gasi|cumpara|gasesc|cumpar)(?: o)?",
    # Turkish
    r"bana (?:goster|bul)|nerede(?:n)? (?:bulabilirim|alabilirim)",
    # Greek
    r"(?:ψαχνω|θελω|χρειαζομαι)(?: (?:για|να (?:αγορασω|βρω)))?|δειξε μου|που (?:μπορω να )?(?:βρω|αγορασω)|εχετε",
    # Indonesian
    r"(?:saya |aku )(?:mencari|cari|mau|ingin|butuh|perlu)(?: (?:beli|membeli))?|di ?mana (?:bisa )?(?:beli|membeli)",
)
_ALL: Final = (
    r"(?:(?:list|show|display|find|get|give) )?all(?: of)?|(?:a )?list of(?: all)?|all[ae]|tou(?:s|tes)(?= les )"
    r"|tod[ao]s(?= [ao]s | l[ao]s )|tutt[ei](?= (?:i|gli|le) )|все|kaikki|wszystkie|vsechny|butun|tum"
)
_ARTICLES: Final = (
    "an?|the|some|any|ein|eine|einen|une?|des|una|unos|unas|uno|um|uma|een|la|le|les|el|los|las|il|lo|het|en|ett?|egy"
)
_TO: Final = (
    r"please|pls|to (?:me|us)|asap|thanks|thank you|for me|near me|for sale|to buy",
    r"(?:should|can|could|do|would) (?:i|we|you) (?:use|buy|get|choose|take|recommend|have|sell)",
    r"bitte|kaufen|svp|sil vous plait|sil te plait|por favor|per favore|alstublieft|kopen",
    r"пожалуиста|купить|недорого|tack|takk|kiitos|prosze|prosim|kupic|koupit|kerem|va rog|lutfen",
    r"(?:satin )?(?:almak )?(?:istiyorum|ariyorum)|lazim|var mi|παρακαλω",
)
_WHERE: Final = "(?:哪里|哪裡|哪儿|哪兒)(?:可以|能)?(?:买|買)到?"
_GLUED_FROM: Final = (  # in Chinese, whose words stand beside each other without spaces
    rf"我?(?:想|要|想要)(?:买|買|找|购买|購買)|{_WHERE}|(?:帮|幫|给|給)我(?:找|看)(?:一下)?"
    "|(?:请|請)?(?:推荐|推薦)(?:一下)?|有(?:没有|沒有)"
)
_GLUED_TO: Final = (
    # Japanese: normalised, with spaces where scripts change
    r"を (?:買 (?:う|いたい(?:です)?)|探 (?:す|しています|してます|してる)|教 えて(?:ください| 下 さい)?)",
    r"が(?:ほしい| 欲 しい)(?:です)?|は?(?:ありますか|どこですか)|を?(?:ください|お 願 いします)|を? 下 さい",
    # Chinese
    rf"在?{_WHERE}|多少(?:钱|錢)|有(?:卖|賣)(?:吗|嗎)?",
    # Korean
    r"(?:을|를|이|가)? ?(?:사고 싶(?:어요?|습니다)|찾(?:아요|고 있(?:어요|습니다)|습니다)|있(?:어요|나요|습니까))",
    r"(?:을|를)? ?(?:주세요|추천(?:해 ?(?:주세요|줘))?)",
)
_RELATIVE: Final = frozenset(("that", "which", "who"))
_OF_CLAUSES: Final = (
    "let lets make makes made can could may might be been you your me us them it give gives gave have has had do does"
    " use used get gets help helps allow allows will would"
)
_JOINING: Final = frozenset(_OF_CLAUSES.split())
_FEWEST_RELATING: Final = 4
_BEGINS: Final = re.compile(
    rf"((?:(?:hi|hello|hey) )?(?:please )?(?:(?:{'|'.join(_FROM)})(?: (?:{_ALL}))?|{_ALL}))(?: (?:{_ARTICLES}))? (?=\S)"
    rf"|(?:{_GLUED_FROM}) ?(?=\S)"
)
_ENDS: Final = re.compile(rf"(?<=\S)(?: (?:{'|'.join(_TO)})| ?(?:{'|'.join(_GLUED_TO)}))$")
_FRAMES: Final = (  # what a query ends with that begins so
    (re.compile(r"(?:where|buy|purchase|order|shop)\b"), re.compile(" online$")),
    (re.compile(r"what do(?:es)?\b"), re.compile(_DONE)),
)


def meant(phrases: Phrases, words: Sequence[str], stemmer: str) -> Sequence[str]:
    """Return the words without those that ask at the beginning and at the end ("can I get a", "please").

    They stay where nothing else says something, where all of it is a name, alias or value, nearly one or its beginning,
    and where one has them and the word beside them: in music "I need a dollar" is a song, and "show me lamps" asks for
    lamps though a game is called "Show Me". stemmer: of the catalogue, see `emphasis`.
    """
    text = " ".join(words)
    begins = _BEGINS.match(text)
    start = begins.end() if begins else 0
    end = next(
        (last.start() for first, ends in _FRAMES if first.match(text) and (last := ends.search(text))), len(text)
    )
    while (last := _ENDS.search(text, start, end)) is not None:
        end = last.start()
    found = text[start:end].split()
    if (
        all(emphasis(word, stemmer) < 1 for word in found)
        or found == list(words)
        or _is_name(phrases, text, "".join(found))
    ):
        return words
    return between(phrases, text, start, end)


def relating(words: Sequence[str]) -> list[str]:
    """Return the words of a relative clause that only join what it says: "items that let you fly"."""
    if len(words) < _FEWEST_RELATING or _RELATIVE.isdisjoint(words[1:]):
        return []
    return [word for word in words if word in _JOINING]


def between(phrases: Phrases, text: str, start: int, end: int) -> Sequence[str]:
    """Return the words between two places, and those on a side where a name or value has them with the word beside."""
    asks, found, ends = (part.split() for part in (text[:start], text[start:end], text[end:]))
    before = asks if asks and phrases.has([*asks, found[0]]) else []
    behind = ends if ends and phrases.has([found[-1], *ends]) else []
    return [*before, *found, *behind]


def _is_name(phrases: Phrases, text: str, left: str) -> bool:
    """Return whether a text is a name, alias or value, nearly one, or begins one.

    left: what is left of it without what only asks, unspaced, of which it is no name where that is more like it.
    """
    if phrases.exact(text) or phrases.begun(text.replace(" ", "")):
        return True
    return any(OSA.normalized_similarity(one.joined, left) < alike for one, alike in phrases.near(text, 1))
