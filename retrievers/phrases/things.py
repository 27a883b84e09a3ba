"""Words for what a catalogue may be of, which say nothing there: "nordic countries" among countries."""

from collections.abc import Sequence
from typing import Final

from ltrr.models.text import common_forms
from ltrr.models.wording import emphasis
from ltrr.retrievers.phrases.phrases import Phrases

_THINGS: Final = (
    "movie film song track album book game show title article product item thing car place city person job phone"
    " movies films songs tracks albums books games shows titles articles products items things cars places cities"
    " people jobs phones country countries nation nations planet planets mountain mountains river rivers lake lakes"
    " town towns airport airports airline airlines school schools university universities college colleges"
    " restaurant restaurants hotel hotels recipe recipes dish dishes dog dogs cat cats breed breeds animal animals bird"
    " birds plant plants tree trees flower flowers company companies brand brands wine wines beer beers player players"
    " athlete athletes team teams artist artists band bands author authors actor actors director directors writer"
    " writers singer singers podcast podcasts video videos series app apps program programs website websites license"
    " licenses licence licences font fonts spell spells monster monsters card cards stock stocks event events course"
    " courses filme lieder alben bucher spiele artikel produkte dinge autos orte stadte handys lander berge"
    " flusse rezepte hunde katzen vogel pflanzen tiere firmen weine biere spieler"
    " livre livres jeux chansons produits articles voitures villes pays films recettes chiens vins"
    " libros juegos canciones productos articulos coches ciudades paises peliculas recetas perros vinos"
    " libri giochi canzoni prodotti articoli citta telefoni paesi ricette cani vini"
    " boeken spellen liedjes producten landen steden recepten honden livros jogos produtos carros cidades filmes"
    " receitas фильмы книги игры песни товары телефоны страны города рецепты собаки"
)
THINGS: Final = frozenset(_THINGS.split())
"""Normalised. Where a value is one of them, or names have it beside the words that it stands beside, it says more."""
_LOOKED_AT: Final = 200
VARIED: Final = 0.5
"""What is different for more of what has it, such as of which album a song is, is a name."""


def things_of(phrases: Phrases, words: Sequence[str], stemmer: str) -> list[str]:
    """Return the words at either end of a query that only say what the catalogue may be of, beside others that it has.

    None where a value is such a word, or a name or value has it beside the next word.
    """
    start, end = 0, len(words)
    while start < end and _says_nothing(phrases, words[start], words[start : start + 2], stemmer):
        start += 1
    while start < end and _says_nothing(phrases, words[end - 1], words[max(end - 2, start) : end], stemmer):
        end -= 1
    known = any(emphasis(word, stemmer) == 1 and phrases.has([word]) for word in words[start:end])
    return [*words[:start], *words[end:]] if known else []


def _says_nothing(phrases: Phrases, word: str, beside: Sequence[str], stemmer: str) -> bool:
    return word in THINGS and not phrases.has(beside) and not is_value(phrases, word, stemmer)


def is_value(phrases: Phrases, word: str, stemmer: str) -> bool:
    """Tell whether one of the strongest values is a word, or ends with it, in any form: "phones", "cell phones"."""
    forms = {word, f"{word}s", f"{word}es", *common_forms(word, stemmer)}
    found = (one for form in forms for one in (phrases.exact(form), *phrases.containing([form], _LOOKED_AT)))
    ending = (one for one in found if one is not None and one.text.split()[-1] in forms)
    return any(phrases.variety(attribute) < VARIED for one in ending for attribute in one.attributes)
