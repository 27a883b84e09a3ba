"""The words of a text that people say: without what machines write in it for each other."""

import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import Final

from ltrr.models.text import ENGLISH, normalise, stem, tokenise

_TAGS: Final = (
    "a|abbr|b|blockquote|body|br|button|center|code|dd|div|dl|dt|em|font|footer|h[1-6]|head|header|hr|html|i|iframe|img"
    "|li|main|nav|ol|p|pre|script|section|small|span|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|tr|u|ul|video"
)
_TAG: Final = re.compile(rf"<![^<>]*>|</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SCHEME: Final = re.compile(r"\b[a-z][a-z0-9+-]{1,15}://(?:www\.)?|\bwww\.", re.IGNORECASE)
_ATOM: Final = r"[^\s<>()\[\]{},;:\"'@]"
_EMAIL: Final = re.compile(rf"(?<!{_ATOM})(?<!@){_ATOM}+@{_ATOM}+\.[^\W\d_]{{2,}}")  # begins where a word does
_WRITTEN: Final = re.compile(r"[@<&]|://|www\.|^\s*[\[{]", re.IGNORECASE)

_WORD: Final = re.compile(r"\w+")
_LONGEST: Final = 60
_MOST_WORDS: Final = 10
_ENGLISH: Final = (
    "a an the of for with to in on at by from and or is are was be it its that this these those how what when where"
    " which who why do does my your our their as into than near"
)
_OTHERS: Final = (
    "der das und ein eine einen von zu im auf den dem le la les de du et un une avec dans au aux el los las del y una"
    " para con por il lo gli della di nel o os da das dos e em um uma het een van en met voor"
    " и в во на с со для по из от к о у"
)
_EVERYWHERE: Final = frozenset(f"{_ENGLISH} {_OTHERS}".split())
"""Words that say next to nothing, without those that are names or other words elsewhere ("die", "mit", "pour")."""
_WHERE_SPOKEN: Final = {
    "german": "die was wie wo wann wer wen wem warum wieso weshalb wozu welche welcher welches welchen ich du er sie es"
    " wir ihr man mich mir sich mein meine meinen dein deine kann können ist sind war wird werden hat habe haben mit"
    " nicht an am aus bei nach über unter vom zum zur für im ins oder einem einer eines des als auch neben"
    " zwischen nahe",
    "french": "comment quel quelle quels quelles quoi qui que quand où pourquoi combien est sont ai as ont je tu il"
    " elle on nous vous ils elles mon ma mes ton ta tes son sa ses notre votre leur ce cet cette ces ne pas en sur sous"
    " pour par sans ou aux se près proche autour vers entre chez depuis",
    "spanish": "cómo como qué que cuál cual cuáles cuándo cuando dónde donde quién quien cuánto por porque yo tú él mi"
    " mis tu tus su sus se me te es son está están un unos unas al lo en sin sobre no hay puedo este esta estos estas"
    " cerca entre hasta desde",
    "italian": "come che cosa quale quali quando dove chi perché quanto io tu si mi ti è sono ho ha mio mia tuo tua suo"
    " sua i gli una uno al allo alla ai dal dallo dalla nello nella sul sulla su tra fra senza non questo questa"
    " vicino fino",
    "portuguese": "como que qual quais quando onde quem porque porquê quanto eu ele ela meu minha seu sua se é são"
    " está na no nas nos ao à pelo pela sem sobre não este esta perto entre até desde",
    "dutch": "hoe wat waar wanneer wie waarom welke ik je jij hij zij wij mijn jouw is zijn was wordt kan kun de der"
    " aan uit bij om op te niet of als ook dit dat deze die naar over naast tussen",
    "swedish": "och i på att av för med till från om är var vara en ett den det de som vad hur när vem varför vilken"
    " vilket vilka jag du han hon vi ni min mitt mina din ditt dina sin sitt mig dig sig inte kan ska eller men vid",
    "danish": "og i på at af for med til fra om er en et den det de som hvad hvordan hvor hvornår hvem hvorfor hvilken"
    " hvilket hvilke jeg du han hun vi min mit mine din dit dine sin sit mig dig sig ikke kan skal eller men ved har",
    "norwegian": "og i på at å av for med til fra om er en ei et den det de som hva hvordan hvor når hvem hvorfor"
    " hvilken hvilket hvilke jeg du han hun vi dere min mitt mine din ditt dine sin sitt meg deg seg ikke kan skal"
    " eller men ved har",
    "finnish": "ja on ei en se ne tämä tuo mikä mitä missä mistä mihin milloin kuka miksi miten kuinka millainen onko"
    " minä sinä hän me te he minun sinun että tai kun jos kuin mutta myös ovat ole oli",
    "russian": "и в во на с со к ко о об от до из за по под над при про без для у не ни но а или же ли бы то это этот"
    " эта эти что чем чего как какой какая какое какие где куда откуда когда кто зачем почему сколько я ты он она оно"
    " мы вы они мой моя мое мои твой твоя твои меня мне тебя тебе его ее их нам вам нас вас",
    "polish": "i w we z ze na do od o u po za dla przez przy pod nad bez lub albo ale że to ten ta te jest są nie się"
    " jak co czy gdzie kiedy kto dlaczego jaki jaka jakie który która które ile ja ty on ona my wy mój moja moje",
    "czech": "a i v ve na s se z ze do od k ke o u po pro při pod nad bez je jsou jsem co jak kde kdy kdo proč jaký"
    " jaká jaké který která které kolik já ty on ona my vy můj moje to ten ta nebo ale že",
    "hungarian": "a az és egy hogy mi mit ki kit hol hova mikor miért hogyan milyen melyik mennyi van vannak nem is én"
    " te ez ezt azt vagy de meg csak",
    "romanian": "și cu de din în la pe pentru sau un o este sunt nu ce cum unde când cine care cât eu tu el ea noi voi"
    " meu mea mei mele se să că",
    "turkish": "ve bir bu şu o da de ile için gibi ne nasıl nerede nereye neden niçin kim hangi kaç ben sen biz siz"
    " benim senin mi mı mu mü var değil ama veya en çok",
    "greek": "ο η το οι τα του της των τον την στο στη στην στον σε με για από και είναι που πως τι πότε ποιος ποια"
    " ποιο γιατί δεν να ένα μια μου σου",
    "indonesian": "yang dan di ke dari untuk dengan pada adalah ini itu apa bagaimana dimana kapan siapa mengapa kenapa"
    " berapa saya aku kamu dia kami kita tidak atau juga",
    "arabic": "في من على الى إلى عن مع هذا هذه ما ماذا كيف اين أين متى لماذا هل انا أنا انت أنت هو هي لا او أو و يا",
    "persian": "و در از به با برای را که این آن است چه چگونه کجا چرا من تو او ما شما نیست یا",
    "hindi": "है हैं का की के में से को और या यह वह क्या कैसे कहाँ कब कौन क्यों मैं तुम आप मेरा मेरी एक नहीं",
}
"""Further ones, of catalogues in these languages alone."""
_FAINT: Final = 0.05
_SHORTEST: Final = 3
_LONGEST_TWO: Final = 32


def said(text: str) -> tuple[str, ...]:
    """Return the words of what people say of a value or description, see `prose`."""
    return tokenise(prose(text))


def prose(text: str) -> str:
    """Return a value or description as people say it.

    Left out are e-mail addresses, the scheme and "www" of others, tags of HTML, and the keys of a text that is JSON.
    """
    return _SCHEME.sub(" ", _EMAIL.sub(" ", _plain(text))) if _WRITTEN.search(text) else text


def is_said(text: str) -> bool:
    """Tell whether all of a text is what people say."""
    return prose(text) == text


def is_prose(text: str) -> bool:
    """Tell whether a text says more than anybody types in full: it is read for its words alone, as a description is."""
    return len(text) > _LONGEST and len(tokenise(text)) > _MOST_WORDS


@cache
def _small(stemmer: str) -> frozenset[str]:
    return _EVERYWHERE | set(tokenise(_WHERE_SPOKEN.get(stemmer, "")))


def emphasis(word: str, stemmer: str = ENGLISH) -> float:
    """Return how much a word says beside others: 1; a twentieth of that "the", "for" and "von".

    stemmer: of the catalogue, see `stem`; so that "wie" says little in German.
    """
    return _FAINT if word in _small(stemmer) else 1.0


def weighty(words: Sequence[str], stemmer: str = ENGLISH) -> Sequence[str]:
    """Return the words that say something, see `emphasis`, or all where none does."""
    small = _small(stemmer)
    return [word for word in words if word not in small] or words


def shingles(words: Sequence[str], stemmer: str = ENGLISH) -> Iterator[str]:
    """Return each two neighbours of the words that say something, by their stems, as one term; no word is one."""
    return map("~".join, pairwise([stem(word, stemmer) for word in weighty(words, stemmer)]))


def parted(word: str, stemmer: str = ENGLISH) -> Iterator[str]:
    """Yield as what two neighbours, see `shingles`, a word may be meant that was typed without the space between them.

    "backdoor" -> "bac~kdoor", "back~door", "backd~oor": which of them are there the catalogue has to say. What has more
    than 32 letters is one.
    """
    cuts = range(_SHORTEST, len(word) - _SHORTEST + 1) if word.isalpha() and len(word) <= _LONGEST_TWO else ()
    for at in cuts:
        yield from shingles((word[:at], word[at:]), stemmer)


def neighbours(words: Sequence[str], stemmer: str = ENGLISH) -> Iterator[tuple[int, int, str]]:
    """Yield the places of each two neighbours of the words that say something, and both as one term (`shingles`)."""
    small = _small(stemmer)
    telling = [place for place, word in enumerate(words) if word not in small] or range(len(words))
    for (one, two), term in zip(pairwise(telling), shingles(words, stemmer), strict=True):
        yield one, two, term


def inverted(name: str) -> Iterator[tuple[str, ...]]:
    """Yield what an inverted name is read as: "Rope, silk (50 feet)" as "silk 50 feet rope", and as "silk rope"."""
    segments = [words for words in map(tokenise, name.split(",")) if words]
    if len(segments) > 1:
        yield tuple(chain.from_iterable(reversed(segments)))
        yield from ((behind[0], before[-1]) for before, behind in pairwise(segments))


def emails(text: str) -> tuple[str, ...]:
    """Return the e-mail addresses of a text: no words, but an entity can be asked for by one."""
    return tuple(_EMAIL.findall(_plain(text))) if "@" in text else ()


def _plain(text: str) -> str:
    """Return a text without marks of JSON or HTML; parts that these keep apart are."""
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):  # it is no JSON, or nested as no text is
            text = " ".join(_strings(json.loads(text)))
    return html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text


def _strings(held: object) -> Iterator[str]:
    """Yield the texts and numbers in what was JSON, in their order, without keys."""
    if isinstance(held, dict):
        held = list(held.values())
    if isinstance(held, list):
        for one in held:
            yield from _strings(one)
    elif held is not None and not isinstance(held, bool):
        yield str(held)


def marked(text: str) -> dict[str, set[str]]:
    """Return each folded word -> how it is written in small letters, for words that folding changes: none in ASCII."""
    found: dict[str, set[str]] = {}
    for word in () if text.isascii() else _WORD.findall(unicodedata.normalize("NFC", text).casefold()):
        if (folded := _folded(word)) != word:
            found.setdefault(folded, set()).add(word)
    return found


def spelt_otherwise(marks: Mapping[str, set[str]], text: str) -> bool:
    """Tell whether a text has a word that folding makes one of some, written in another way, and not in theirs.

    marks: as `marked` has them.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    held = {(folded, word) for word in words if (folded := _folded(word)) in marks}
    return any(all((folded, one) not in held for one in marks[folded]) for folded, _ in held)


_folded = lru_cache(16_384)(normalise)
