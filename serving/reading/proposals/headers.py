"""What columns are called: fields, and the language of what they say."""

from collections.abc import Iterator, Sequence
from typing import Final

from ltrr.models.text import normalise
from ltrr.serving.reading.cells import words_of
from ltrr.serving.reading.mapping import WITHIN

_LANGUAGES: Final = frozenset(
    {
        *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi"),
        *("fr", "gl", "he", "hi", "hr", "hu", "it", "ja", "ko", "lt", "lv", "nb", "nl"),
        *("pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh"),
        *("ara", "ces", "dan", "deu", "ell", "eng", "fin", "fra", "fre", "ger", "heb", "hun", "ita"),
        *("jpn", "kor", "nld", "nor", "pol", "por", "rus", "spa", "swe", "tur", "ukr", "zho"),
    }
)
"""Codes at the end of a column's name, without those that are words of columns, too ("id", "no")."""

_GLUED: Final = ("id", "code")
HINTS: Final = {
    "object_id": (
        *("object id", "id", "sku", "product id", "item id", "asin", "article number", "gtin", "ean", "isbn", "uuid"),
        *("part number", "part no", "item number", "item no", "article no", "artikelnummer", "artikelnr", "mpn"),
        *("uid", "guid", "code", "key", "handle", "slug", "number", "url"),
        *("nr", "no", "ref", "reference", "referencia", "codigo", "codice", "kennung", "артикул", "番号", "商品コード"),
    ),
    "name": (
        *("display name", "name", "full name", "fullname", "title", "product name", "product title"),
        *("label", "headline", "subject"),
        *("titel", "bezeichnung", "artikelname", "produktname", "nom", "titre", "nombre", "nome", "titolo"),
        *("titulo", "naam", "navn", "namn", "nazwa", "nazev", "название", "наименование"),
        *("名前", "商品名", "名称", "제목"),
    ),
    "description": (
        *("description", "body", "body html", "text", "summary", "abstract", "overview", "content", "plot"),
        *("beschreibung", "descripcion", "descricao", "descrizione", "omschrijving", "beskrivning", "beskrivelse"),
        *("texte", "texto", "testo", "tekst", "opis", "popis", "описание", "説明", "商品説明", "描述", "설명"),
    ),
    "type": ("type", "product type", "kind", "entity type"),
    "popularity": (
        *("popularity", "sales", "sold", "units sold", "orders", "purchases", "plays", "play count", "streams"),
        *("listens", "listeners", "views", "downloads", "likes", "votes", "vote count", "review count", "reviews"),
        "ratings count",
        *("population", "followers", "subscribers", "visitors", "visits", "hits", "stars", "citations"),
    ),
    "created_s": (
        *("created s", "created", "created at", "date added", "added", "published", "published at", "publish date"),
        *("release date", "released", "launch date", "date", "timestamp"),
    ),
    "aliases": (
        *("aliases", "alias", "synonyms", "synonym", "alternative names", "alternate names", "alternatenames"),
        *("alternative titles", "other names", "original title", "original name", "also known as", "aka", "nicknames"),
        *("common name", "vernacular name", "trivial name", "local name"),
    ),
    "deleted": ("deleted", "is deleted"),
}
"""Field -> what its column is often called, the likeliest first; also at the end of a longer name."""

_MAKER: Final = (
    "brand",
    "make",
    "maker",
    "manufacturer",
    "vendor",
    "marke",
    "hersteller",
    "marque",
    "fabricant",
    "marca",
)
_MODEL: Final = ("model", "model name", "modell", "modele", "modelo", "modello")
"""What columns are called of who makes a thing, and of what that is called there, the likeliest first."""

_FIRST: Final = (
    *("first name", "firstname", "name first", "given name", "givenname", "name given", "forename", "first", "given"),
    *("vorname", "prenom", "nombre", "nome", "voornaam", "fornavn", "fornamn", "imie", "jmeno", "имя", "名", "name"),
)
_LAST: Final = (
    *("last name", "lastname", "name last", "surname", "family name", "familyname", "name family", "last", "family"),
    *("nachname", "familienname", "nom", "nom de famille", "apellidos", "apellido", "cognome", "sobrenome"),
    *("achternaam", "etternavn", "efternavn", "efternamn", "nazwisko", "prijmeni", "фамилия", "姓"),
)
"""What columns of people's first and last names are called, the likeliest first."""


def called(field: str, columns: Sequence[str]) -> Iterator[str]:
    """Yield the columns that are called as a field often is, the likeliest first.

    In whatever language; an id's name may only end so, as "geonameid" and "hexcode" do.
    """
    whole = {name: untranslated(name) for name in columns}
    outer = {name: untranslated(name.partition(WITHIN)[0]) for name in columns if WITHIN in name}
    hints = [normalise(hint) for hint in HINTS[field]]
    for hint in hints:
        yield from (name for name, words in whole.items() if words == hint)
    for hint in hints:
        yield from (name for name, words in outer.items() if words == hint)
    for hint in hints:
        yield from (name for name, words in whole.items() if words.endswith(f" {hint}"))
    for hint in hints:
        yield from (name for name, words in outer.items() if words.endswith(f" {hint}"))
    if field == "object_id":
        yield from (name for name, words in whole.items() if words.endswith(_GLUED))


def is_plainly(field: str, column: str) -> bool:
    """Tell whether a column is called as a field often is, with no word more."""
    return untranslated(column) in map(normalise, HINTS[field])


def halves(columns: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (first, last, whose): columns that make up a person's name, the likeliest first.

    whose: what both are called besides, such as "author".
    """
    firsts, lasts = ([*_parts(hints, columns)] for hints in (_FIRST, _LAST))
    found = [
        (first, last, whose) for first, whose in firsts for last, of in lasts if (whose, first != last) == (of, True)
    ]
    return sorted(found, key=lambda pair: bool(pair[2]))


def made(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return (maker, model): columns that name a thing together, the likeliest first."""
    makers, models = ([*_parts(hints, columns)] for hints in (_MAKER, _MODEL))
    return [(maker, model) for maker, by in makers for model, of in models if by == of]


def _parts(hints: Sequence[str], columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns that are called so, with what stands before."""
    for hint in map(normalise, hints):
        yield from ((name, "") for name in columns if untranslated(name) == hint)
        longer = (name for name in columns if untranslated(name).endswith(f" {hint}"))
        yield from ((name, untranslated(name).removesuffix(f" {hint}")) for name in longer)


def untranslated(name: str) -> str:
    """Return the words of a column's name but for its language."""
    words = words_of(name)
    return normalise(" ".join(words[: -_language_words(words)] if _language_words(words) else words))


def language(name: str) -> str | None:
    """Return the language that a column's name ends with, None where it does not: "name.en-US", "title_de"."""
    words = words_of(name)
    count = _language_words(words)
    return " ".join(words[-count:]) if count else None


def _language_words(words: Sequence[str]) -> int:
    """Return how many words at the end of a column's name are a language: with a country they are two."""
    for count in (2, 1):
        if len(words) > count and words[-count] in _LANGUAGES and (count == 1 or len(words[-1]) == len("US")):
            return count
    return 0


def translations(named: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """Yield the columns that say in other languages what those that are the name do."""
    said = set(map(untranslated, named))
    yield from (name for name in columns if name not in named and language(name) and untranslated(name) in said)
