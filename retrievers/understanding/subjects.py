"""What is wanted of a thing, beside the thing: "gimp tutorial", "install gimp", "gimp einfach erklärt"."""

import re
from collections.abc import Sequence
from typing import Final

from ltrr.models.wording import emphasis
from ltrr.retrievers.phrases.phrases import Phrases
from ltrr.retrievers.understanding.asking import between

_TEXTS: Final = "documentation|docs?|manual|tutorials?|guide|examples?|help|info|information"
_FROM: Final = (  # normalised: without apostrophes and diacritics
    rf"(?:(?:any|some) )?(?:{_TEXTS})(?: (?:on|about|for|of|with|to))?|(?:alternatives?|introduction) to",
    r"learn(?:ing)?(?: (?:about|(?:how )?to use))?|(?:how (?:to|do i|can i) )?(?:install|use|using|set up)",
    r"(?:latest|newest|current) version of|is(?: there)?|what (?:is|are|does)|whats|explain|free|simple|easy",
    r"open source|(?:what is )?the (?:meaning|definition) of|(?:meaning|definition) of(?: the word)?",
    # German
    r"bedeutung (?:von|des wortes)|was heisst",
    r"(?:anleitung|hilfe|beispiele?|tutorial|dokumentation|handbuch|infos?)(?: (?:zu[rm]?|uber|fur|von|mit))?",
    r"information(?:en)?(?: (?:zu[rm]?|uber))?|alternativen? zu|(?:neueste|aktuelle) version von|installieren?|lernen?",
    r"wie (?:geht|funktioniert|(?:benutze|verwende|nutze) ich)|was (?:ist|sind|macht|bedeutet)|wo (?:ist|finde ich)",
    # French
    r"(?:documentation|manuel|tutoriel|tuto|guide|exemples?|aide|informations?)(?: (?:sur|de|du|pour))?",
    r"(?:signification|definition|sens) (?:de|du)(?: mot)?|que (?:veut dire|signifie)",
    r"quest ce (?:que|quune?)(?: cest)?(?: que)?|cest quoi|(?:comment )?(?:installer|utiliser)|apprendre",
    r"comment (?:fonctionne|marche)|derniere version de|alternatives? a",
    # Spanish
    r"(?:documentacion|manual|tutorial|guia|ejemplos?|ayuda|informacion)(?: (?:sobre|de|del|para|con))?",
    r"(?:significado|definicion) de(?: la palabra)?|que significa",
    r"alternativas? a|que (?:es|son)|(?:como )?(?:instalar|usar|utilizar)|como funciona|aprender",
    r"ultima version de",
    # Italian
    r"(?:documentazione|manuale|tutorial|guida|esempio|esempi|aiuto|informazioni)(?: (?:su|sul|di|per|con))?",
    r"(?:significato|definizione) (?:di|della parola)|(?:che )?cosa significa",
    r"(?:che )?cos ?e|(?:come )?(?:installare|usare)|come funziona|imparare",
    r"ultima versione di|alternativ[ae] a",
    # Portuguese
    r"(?:documentacao|manual|tutorial|guia|exemplos?|ajuda|informacoes)(?: (?:sobre|de|do|da|para|com))?",
    r"(?:significado|definicao) d[eao](?: palavra)?|o que significa",
    r"o que e|(?:como )?(?:instalar|usar)|como funciona|aprender|ultima versao d[eoa]|alternativas? a",
    # Dutch
    r"(?:documentatie|handleiding|voorbeeld(?:en)?|hulp|informatie)(?: (?:over|van|voor|bij|met))?|alternatief voor",
    r"betekenis van(?: het woord)?|wat betekent",
    r"wat (?:is|zijn)|hoe (?:werkt|(?:gebruik|installeer) ik)|installeren|leren|nieuwste versie van",
    # Russian
    r"(?:инструкци[яи]|руководство|справка|документация|примеры?|учебник|помощь|информация)(?: (?:по|к|для|о|об|про))?",
    r"(?:что|кто) (?:это )?так(?:ое|ои|ая|ие)|что (?:это|значит|означает|делает)|как (?:работает|пользоваться)",
    r"(?:значение|определение)(?: слова)?",
    r"(?:как )?(?:установить|использовать|настроить|скачать)|альтернатив[аы]|последняя версия|объясни(?:те)?",
    # Swedish, Danish, Norwegian
    r"(?:vad ar|hvad er|hva er)|hur (?:fungerar|(?:anvander|installerar) jag)|(?:installera|installere?|ladda ner)",
    r"hvordan (?:fungerer|virker|(?:bruger|bruker|installerer) (?:jeg|man))",
    r"(?:handbok|handbog|bru[kg]sanvisning|ve[ij]ledning|hj(?:a|ae)lp)(?: (?:for|om|med|til|pa))?",
    # Finnish
    r"(?:mika|mita) on|mita tarkoittaa|miten (?:toimii|kaytetaan|asennetaan)|(?:kaytto)?ohje(?:et)?|asenna",
    # Polish, Czech
    r"znaczenie slowa",
    r"co to (?:jest|sa|znaczy)|co oznacza|jak (?:dziala|uzywac|zainstalowac)",
    r"(?:instrukcja|poradnik|pomoc)(?: (?:do|dla))?",
    r"co (?:je|jsou|znamena)(?: to)?|jak (?:funguje|pouzivat|nainstalovat)|(?:navod|prirucka)(?: (?:k|ke|na|pro))?",
    # Hungarian, Romanian
    r"mi az|mit jelent|hogyan (?:mukodik|kell hasznalni)|ce (?:este|inseamna|sunt)|cum (?:functioneaza|se foloseste)",
    # Greek, Indonesian
    r"τι (?:ειναι|σημαινει)|πωσ λειτουργει|apa (?:itu|arti)|(?:bagaimana )?cara (?:menggunakan|memakai|memasang)",
)
_TO: Final = (
    rf"{_TEXTS}|usage|(?:usage|users?|beginners?|quick start) guide|basics|introduction|explanation",
    r"(?:simply |easily )?explained|for (?:beginners|dummies)|step by step|(?:from|on) (?:the )?command line",
    r"(?:is |are )?not (?:working|starting|loading|running)|(?:does not|doesnt|will not|wont) (?:work|start|load|run)",
    r"downloads?|alternatives?|available|latest version|installation|install|program|software|package|free|open source",
    r"meaning|definition",
    # German
    r"anleitung|beispiele?|benutzen|verwenden|dokumentation|handbuch|hilfe|(?:einfach |kurz )?erklart|erklarung",
    r"(?:funktioniert|geht|startet) nicht|installieren|herunterladen|alternativen?|fur (?:anfanger|einsteiger)|lernen",
    # French
    r"manuel|tutoriel|tuto|exemples?|mode demploi|explication|explique|pour (?:les )?debutants|utilisation",
    r"ne (?:fonctionne|marche|demarre) pas|installer|telecharger|utiliser",
    # Spanish
    r"documentacion|guia|ejemplos?|explicado|explicacion|para principiantes|no (?:funciona|arranca)|instalar|descargar",
    # Italian
    r"documentazione|manuale|guida|esempi|esempio|spiegazione|spiegato|per principianti|non (?:funziona|si avvia)",
    r"installare|scaricare",
    # Portuguese
    r"documentacao|exemplos?|explicado|explicacao|para iniciantes|nao (?:funciona|inicia|abre)|baixar",
    # Dutch
    r"documentatie|handleiding|voorbeeld(?:en)?|uitleg|uitgelegd|voor beginners|(?:werkt|start) niet|gebruiken",
    # Russian
    r"инструкция|руководство|документация|примеры?|учебник|скачать|установить|бесплатно|не (?:работает|запускается)",
    r"(?:это )?что (?:это|такое)(?: такое)?|для (?:начинающих|чаиников)|аналоги?",
    # Turkish, and others
    r"(?:(?:kelimesi|sozcugu)(?:nin|nun)? )?(?:(?:anlami|manasi) ne|(?:(?:anlami|manasi) )?(?:nedir|ne demek(?:tir)?))",
    r"ne anlama gelir|nasil (?:calisir|kullanilir|kurulur|yapilir)|kilavuzu|bru[kg]sanvisning|navod|instrukcja",
)
_GLUED_FROM: Final = (  # in Chinese, whose words stand beside each other without spaces
    "(?:什么|什麼|甚麼)(?:是|叫)|(?:介绍|介紹|解释|解釋)(?:一下)?|怎(?:么|麼|样|樣)(?:用|使用|安装|安裝)"
)
_GLUED_TO: Final = (
    # Japanese: normalised, with spaces where scripts change
    r"(?:とは|って|は)(?: 何(?: (?:ですか|でしょうか|か))?|なに|どういう 意味(?: ですか)?)|とは|について",
    r"の? ?(?:意味|定義|説明|漢字|英語|例文|類語|読 み|(?:読 み|使 い|作 り|選 び) 方)(?: [はをで])?",
    # Chinese
    r"是(?:什么|什麼|甚麼)(?:意思)?|(?:什么|什麼|甚麼)意思|怎(?:么|麼)(?:用|使用|读|讀|写|寫|说|說|安装|安裝)",
    r"的?(?:意思|定义|定義|用法|读音|讀音|拼音|英文|翻译|翻譯|教程|说明书|說明書)",
    # Korean
    r"(?:이|가|은|는)? ?(?:뭐야|뭐예요|뭔가요|무슨 뜻(?:이야|이에요|인가요)?)",
    r"(?:이|가|은|는|이?란)? ?무엇(?:인가요|입니까)?",
    r"의? ?(?:뜻|의미|사용법|설명서)|영어로",
)
_QUESTION: Final = re.compile(
    r"(?:which|what|who|where|whose|welche[rsnm]?|was|wer|wo|quel(?:le)?s?|qui|ou|cual(?:es)?|que|quien|donde|quale|quali"
    r"|chi|dove|qual|quais|quem|onde|welke?|wat|wie|waar|что|кто|где|как(?:ои|ая|ое|ие)|vad|vem|vilk(?:en|et|a)|hvad?|hvem"
    r"|hvor|hvilke[nt]?|mika|kuka|missa|kto|gdzie|jakie?|kdo|kde|jak[yae]|melyik|hol|cine|unde|hangi|kim)"
)
AND: Final = re.compile(
    r"and|or|und|oder|et|ou|y|o|e|en|of|och|og|eller|i|ja|a|lub|nebo|ili|ve|и|или|και|η|dan|atau|es|vagy|si|sau"
)
_SMALL: Final = (
    "an?|the|der|die|das|den|ein|eine|une?|la|les?|las?|los|el|un[ao]?|il|lo|os?|uma?|de|het|een|en|ett?|egy|az"
)
_BEGINS: Final = re.compile(rf"(?:(?:{'|'.join(_FROM)})(?: (?:{_SMALL}))* |(?:{_GLUED_FROM}) ?)(?=\S)")
_ENDS: Final = re.compile(rf"(?<=\S)(?: (?:{'|'.join(_TO)})| ?(?:{'|'.join(_GLUED_TO)}))$")


def subject(phrases: Phrases, words: Sequence[str], stemmer: str) -> tuple[str, ...]:
    """Return the words without what is wanted of the thing that they are about, where the catalogue has that thing.

    That is another way to say the query, since such words may be meant, too: in a catalogue of tutorials what has all
    of them comes first. All stay where a name or value has them beside the word that they are about. stemmer: of the
    catalogue, see `emphasis`.

    Of a question that ends with a name or value of several words that is what it is about: "which opening starts with
    1.e4 c5".
    """
    if words and _QUESTION.fullmatch(words[0]) and (known := _ending(phrases, words)):
        return known
    text = " ".join(words)
    start, end = 0, len(text)
    while (last := _ENDS.search(text, 0, end)) is not None:
        end = last.start()
    while (first := _BEGINS.match(text, start, end)) is not None:
        start = first.end()
    if all(emphasis(word, stemmer) < 1 for word in text[start:end].split()):
        return tuple(words)
    found = between(phrases, text, start, end)
    return tuple(found if phrases.has(found) else words)


def _ending(phrases: Phrases, words: Sequence[str]) -> tuple[str, ...]:
    """Return the longest name or value of several words that a query ends with and is not; none where there is none.

    What stands behind "and" is not all that is asked for.
    """
    ends = (words[start:] for start in range(1, len(words) - 1) if not AND.fullmatch(words[start - 1]))
    return next((tuple(end) for end in ends if phrases.exact(" ".join(end))), ())
