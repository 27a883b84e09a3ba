"""Words that compare with a number, as people type them in several languages; all normalised."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple


class Comparison(NamedTuple):
    """What words say of the number beside them.

    bound: a field of `Range`. of_times: where the number is a year. alone: whether it is plain enough without what the
    number is of: "under 20" is a price, "Mad Max 2" is none. of: the quality that they tell, see `Fields.of`, or "".
    """

    bound: str
    of_times: bool = False
    alone: bool = True
    of: str = ""


_BEFORE_NUMBERS: Final = {
    Comparison("lt"): "under | below | less than | fewer than | lower than | < | unter | weniger als | billiger als"
    " | gunstiger als | cheaper than | moins de | en dessous de | au dessous de | inferieur a | inferieure a"
    " | moins cher que | menos de | menos que | por debajo de | inferior a | menor que | menor de | mas barato que"
    " | abaixo de | meno di | sotto i | al di sotto di | inferiore a | minder dan | goedkoper dan | mindre an"
    " | mindre end | mindre enn | mniej niz | ponizej | mene nez | менее | меньше | меньше чем | дешевле",
    Comparison("lt", alone=False): "sotto | onder | alle | pod | ниже",
    Comparison("lte"): "up to | at most | no more than | not more than | not over | not above | <= | ≤ | bis | bis zu"
    " | hochstens | jusqua"
    " | au plus | au maximum | hasta | como maximo | fino a | al massimo | maximaal | hoogstens | no maximo | hogst"
    " | hojst | hoyst | najwyzej | nejvyse | до",
    Comparison("lte", alone=False): "max | maximum | maximal | maximo | massimo | tot | ate | do | максимум",
    Comparison("gt", alone=False): "over | above | more than | greater than | higher than | > | uber | mehr als"
    " | hoher als | plus de | au dessus de | superieur a | superieure a | mas de | por encima de | superior a"
    " | mayor que | mayor de | mais de | mais que | acima de | piu di | oltre | oltre i | sopra | sopra i"
    " | superiore a | meer dan | boven | mer an | mere end | mer enn | yli | wiecej niz | powyzej | vice nez | nad"
    " | более | больше | больше чем | свыше | выше",
    Comparison("gte", alone=False): "at least | no less than | not less than | min | minimum | minimal | starting at"
    " | >= | ≥ | mindestens | wenigstens | ab | au moins | a partir de | al menos | por lo menos | como minimo | desde"
    " | pelo menos | almeno | a partire da | minimo | minstens | vanaf | minst | mindst | vahintaan | co najmniej | od"
    " | alespon | не менее | от | минимум",
    Comparison("lt", of_times=True): "before | prior to | older than | earlier than | vor | alter als | avant"
    " | plus vieux que | antes de | antes del | anterior a | prima del | prima di | voor | ouder dan | innan | ennen"
    " | przed | pred | до | раньше",
    Comparison("lte", of_times=True): "until | till | through | up to | bis | jusqua | jusquen | hasta | fino al | tot"
    " | ate",
    Comparison("gt", of_times=True): "after | later than | newer than | nach | neuer als | apres | plus recent que"
    " | despues de | despues del | posterior a | dopo | dopo il | depois de | na | nieuwer dan | efter | etter | po"
    " | после",
    Comparison("gte", of_times=True): "since | seit | ab | depuis | a partir de | desde | dal | sinds | vanaf | sedan"
    " | siden | od",
}
_OF_QUALITIES: Final = {
    ("weight", "lt"): "lighter than | leichter als | plus leger que | mas ligero que | piu leggero di | lichter dan",
    ("weight", "gt"): "heavier than | schwerer als | plus lourd que | mas pesado que | piu pesante di | zwaarder dan",
    ("length", "lt"): "shorter than | kurzer als | plus court que | mas corto que | piu corto di | korter dan",
    ("length", "gt"): "longer than | langer als | plus long que | mas largo que | piu lungo di | langer dan",
    ("height", "gt"): "taller than | higher than | grosser als | hoher als | plus grand que | plus haut que"
    " | mas alto que | piu alto di | hoger dan",
    ("height", "lt"): "smaller than | shorter than | kleiner als | plus petit que | mas bajo que | piu basso di",
    ("depth", "gt"): "deeper than | tiefer als | plus profond que | mas profundo que | piu profondo di | dieper dan",
    ("speed", "gt"): "faster than | schneller als | plus rapide que | mas rapido que | piu veloce di | sneller dan",
    ("speed", "lt"): "slower than | langsamer als | plus lent que | mas lento que | piu lento di | trager dan",
    ("size", "gt"): "larger than | bigger than | grosser als | plus grand que | mas grande que | piu grande di"
    " | groter dan",
    ("size", "lt"): "smaller than | kleiner als | plus petit que | mas pequeno que | piu piccolo di | kleiner dan",
    ("age", "gt"): "older than | alter als | plus vieux que | mayor que | mayor de | piu vecchio di | ouder dan",
    ("age", "lt"): "younger than | junger als | plus jeune que | menor que | menor de | piu giovane di | jonger dan",
}
_BEHIND_NUMBERS: Final = {
    Comparison("lte"): "or less | or fewer | or under | or below | or cheaper | and under | and below | oder weniger"
    " | ou moins | o menos | o meno | of minder",
    Comparison("gte", alone=False): "or more | or over | or above | or higher | or better | and up | and over"
    " | and above | and more | upwards | oder mehr | und mehr | ou plus | o mas | ou mais | o piu | of meer",
    Comparison("lte", of_times=True): "or earlier | or older | and earlier | and older | and before | or before",
    Comparison("gte", of_times=True): "or later | or newer | and later | and newer | and after | onwards | onward"
    " | oder neuer | oder spater | ou apres | en adelante | in poi",
}
AT_LEAST: Final = Comparison("gte", alone=False)
"""What a plus behind a number says."""
_BETWEEN: Final = {
    "between | zwischen": "and | und | - | to",
    "entre": "et | y | e | a | -",
    "tra | fra": "e | -",
    "tussen": "en | -",
    "mellan | mellem | mellom": "och | og | -",
    "miedzy": "a | i | -",
    "между": "и | -",
    "from": "to | until | till | through | -",
    "von": "bis | -",
    "de": "a | -",
    "desde": "hasta",
    "da": "a | -",
    "van": "tot | -",
    "od": "do | -",
    "от": "до | -",
    "": "to | - | bis",
}
_MADE: Final = (
    "released published made built produced manufactured born founded opened launched introduced written from"
    " erschienen veroffentlicht gebaut hergestellt geboren gegrundet aus sorti sortis sortie sorties publie publies"
    " publiee publiees construit construits fabrique fabriques de publicado publicados publicada publicadas hecho"
    " hechos construido construidos del uscito usciti uscita uscite pubblicato pubblicati costruito costruiti"
)
MADE: Final = frozenset(_MADE.split())
"""What is said of a time, and is no word that an entity has."""
WITHIN: Final = frozenset(("in", "im", "en", "nel", "em", "в"))
"""What stands before the year in which something was."""
_OLD: Final = (
    "year old | year olds | years old | yr old | yr olds | yo | jahre alt | jahrige | jahrigen | ans | anos | anni"
    " | jaar oud | jarigen | лет"
)
OLD: Final = frozenset(tuple(words.split()) for words in _OLD.split(" | "))
"""What stands behind the age of somebody."""
_PEOPLE: Final = (
    "women woman men man kids kid children child adults adult people babies baby toddlers toddler boys girls boy girl"
    " teens students kinder kind frauen manner menschen babys enfants enfant femmes hommes ninos ninas mujeres hombres"
    " bambini donne uomini kinderen vrouwen mannen criancas mulheres homens dzieci дети детеи"
)
PEOPLE: Final = frozenset(_PEOPLE.split())
"""Whose age a number may be that stands behind them."""
MULTIPLES: Final = {"k": 1e3, "million": 1e6, "billion": 1e9, "milliard": 1e9} | {
    word: many
    for many, words in {
        1e3: "thousand thousands tausend mille mil mila duizend tys тыс",
        1e6: "millions mio mln millionen millones milioni miljoen mi mi. млн",
        1e9: "billions bn mrd milliarden milliards miliardi",
    }.items()
    for word in words.split()
}

Phrase = tuple[str, ...]


def _phrases(of: Iterable[tuple[Comparison, str]]) -> dict[Phrase, list[Comparison]]:
    found: dict[Phrase, list[Comparison]] = {}
    for comparison, said in of:
        for phrase in said.split(" | "):
            found.setdefault(tuple(phrase.split()), []).append(comparison)
    return found


_TELLING: Final = [(Comparison(bound, alone=False, of=of), said) for (of, bound), said in _OF_QUALITIES.items()]
_BEFORE, _BEHIND = _phrases([*_TELLING, *_BEFORE_NUMBERS.items()]), _phrases(_BEHIND_NUMBERS.items())
_PAIRS: Final = {
    (first, joint)
    for firsts, joints in _BETWEEN.items()
    for first in firsts.split(" | ")
    for joint in joints.split(" | ")
}
_LONGEST: Final = max(map(len, (*_BEFORE, *_BEHIND)))


def before(words: Sequence[str]) -> tuple[int, list[Comparison]]:
    """Return what the last words before a number say of it, and how many words say it: as many as can."""
    sizes = range(min(_LONGEST, len(words)), 0, -1)
    return next(((size, _BEFORE[said]) for size in sizes if (said := tuple(words[-size:])) in _BEFORE), (0, []))


def behind(words: Sequence[str]) -> tuple[int, list[Comparison]]:
    """Return what the first words behind a number say of it, and how many words say it: as many as can."""
    sizes = range(min(_LONGEST, len(words)), 0, -1)
    return next(((size, _BEHIND[said]) for size in sizes if (said := tuple(words[:size])) in _BEHIND), (0, []))


def joins(first: str, joint: str) -> bool:
    """Tell whether two numbers are the ends of a range. first: the word before them, or none; joint: between them."""
    return (first, joint) in _PAIRS
