"""Words that compare with a number, as people type them in several languages; all normalised."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple


class Comparison(NamedTuple):
    """What words say of the number beside them.

    bound: a field of `Range`. of_times: where the number is a year. alone: whether it is plain enough without what the
    number is of: "under 20" is a price, "Mad Max 2" is none.
    """

    bound: str
    of_times: bool = False
    alone: bool = True


_BEFORE_NUMBERS: Final = {
    Comparison("lt"): "under | below | less than | fewer than | lower than | smaller than | cheaper than | lighter than"
    " | shorter than | < | unter | weniger als | kleiner als | billiger als | gunstiger als | leichter als"
    " | kurzer als | moins de | en dessous de | au dessous de | inferieur a | inferieure a | moins cher que | menos de"
    " | menos que | por debajo de | inferior a | menor que | menor de | mas barato que | abaixo de | meno di | sotto i"
    " | al di sotto di | inferiore a | minder dan | goedkoper dan | mindre an | mindre end | mindre enn | mniej niz"
    " | ponizej | mene nez | менее | меньше | меньше чем | дешевле",
    Comparison("lt", alone=False): "sotto | onder | alle | pod | ниже",
    Comparison("lte"): "up to | at most | no more than | not more than | not over | not above | <= | ≤ | bis | bis zu"
    " | hochstens | jusqua"
    " | au plus | au maximum | hasta | como maximo | fino a | al massimo | maximaal | hoogstens | no maximo | hogst"
    " | hojst | hoyst | najwyzej | nejvyse | до",
    Comparison("lte", alone=False): "max | maximum | maximal | maximo | massimo | tot | ate | do | максимум",
    Comparison("gt", alone=False): "over | above | more than | greater than | larger than | bigger than | higher than"
    " | heavier than | longer than | > | uber | mehr als | grosser als | hoher als | schwerer als | langer als"
    " | plus de | au dessus de | superieur a | superieure a | mas de | por encima de | superior a | mayor que"
    " | mayor de | mais de | mais que | acima de | piu di | oltre | oltre i | sopra | sopra i | superiore a | meer dan"
    " | boven | mer an | mere end | mer enn | yli | wiecej niz | powyzej | vice nez | nad | более | больше | больше чем"
    " | свыше | выше",
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
_PEOPLE: Final = (
    "women woman men man kids kid children child adults adult people babies baby toddlers toddler boys girls boy girl"
    " teens students kinder kind frauen manner menschen babys enfants enfant femmes hommes ninos ninas mujeres hombres"
    " bambini donne uomini kinderen vrouwen mannen criancas mulheres homens dzieci дети детеи"
)
PEOPLE: Final = frozenset(_PEOPLE.split())
"""Whose age a number may be that stands behind them."""
_THINGS: Final = (
    "movie film song track album book game show title article product item thing car place city person job phone"
    " movies films songs tracks albums books games shows titles articles products items things cars places cities"
    " people jobs phones filme lieder alben bucher spiele artikel produkte dinge autos orte stadte handys livre"
    " livres jeux chansons produits articles voitures villes libros juegos canciones productos articulos coches"
    " ciudades libri giochi canzoni prodotti articoli citta telefoni boeken spellen liedjes producten livros jogos"
    " produtos carros cidades фильмы книги игры песни товары телефоны"
)
THINGS: Final = frozenset(_THINGS.split())
"""What a catalogue may be of: beside bounds they ask for all that is within, where no value has them."""
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


def _phrases(of: Mapping[Comparison, str]) -> dict[Phrase, list[Comparison]]:
    found: dict[Phrase, list[Comparison]] = {}
    for comparison, said in of.items():
        for phrase in said.split(" | "):
            found.setdefault(tuple(phrase.split()), []).append(comparison)
    return found


_BEFORE, _BEHIND = _phrases(_BEFORE_NUMBERS), _phrases(_BEHIND_NUMBERS)
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
