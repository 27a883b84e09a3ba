"""The words that the synthetic music world is made of.

Documents and queries share some words and not others, on purpose:

- the keys of GENRES and MOODS are values of attributes, and people type them;
- the words of a genre and of a mood stand in descriptions;
- `phrases` of a mood are what people type when they mean it. Apart from FILLERS, their words occur in no
  document, so only meaning connects them;
- the words of sayings (NICKS, LYRICS, SCENES) occur in no document either, and mean nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


def _words(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(separator))


@dataclass(frozen=True, slots=True)
class Mood:
    """A mood. words: what documents say of it; phrases: what people type for it."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]


# Genre -> words of descriptions. Neighbours sound alike: an artist's further genres are at most two steps away.
GENRES: Final[Mapping[str, tuple[str, ...]]] = {
    "opera": ("aria", "soprano", "libretto"),
    "classical": ("symphony", "violin", "cello"),
    "ambient": ("drone", "texture", "atmospheric"),
    "techno": ("synthesizer", "sequencer", "pulsing"),
    "house": ("four-on-the-floor", "basement", "looped"),
    "disco": ("strings", "mirrorball", "falsetto"),
    "funk": ("slap-bass", "clavinet", "syncopated"),
    "soul": ("horns", "organ", "testifying"),
    "gospel": ("choir", "hymn", "congregation"),
    "blues": ("slide", "delta", "harmonica"),
    "jazz": ("saxophone", "improvised", "quartet"),
    "swing": ("brass", "clarinet", "ballroom"),
    "tango": ("bandoneon", "milonga", "staccato"),
    "salsa": ("congas", "timbales", "montuno"),
    "reggae": ("offbeat", "dub", "skank"),
    "rap": ("rhymes", "turntable", "verses"),
    "pop": ("chorus", "hook", "polished"),
    "indie": ("jangling", "lo-fi", "bedroom"),
    "folk": ("acoustic", "fiddle", "ballad"),
    "country": ("banjo", "pedal-steel", "twang"),
    "rock": ("riff", "amplifier", "drums"),
    "grunge": ("distorted", "sludgy", "flannel"),
    "punk": ("three-chord", "shouted", "ragged"),
    "metal": ("double-bass", "growled", "shredding"),
}

MOODS: Final[Mapping[str, Mood]] = {
    "blue": Mood(
        ("sorrowful", "mournful", "melancholic", "grieving", "heartache"),
        (
            "crying and sad",
            "sad lonely misery",
            "feeling miserable and sad",
            "sadness and tears",
            "sad songs for the night",
        ),
    ),
    "love": Mood(
        ("tender", "romantic", "adoring", "devoted", "passionate"),
        (
            "lovers and affection",
            "affection for my sweetheart",
            "my darling wife",
            "intimate kisses",
            "kissing my girlfriend",
        ),
    ),
    "calm": Mood(
        ("serene", "gentle", "soothing", "tranquil", "restful"),
        ("relaxed and peaceful", "help me relax", "peace and quiet relaxation", "relaxing quietly"),
    ),
    "joy": Mood(
        ("cheerful", "jubilant", "merry", "joyous", "upbeat"),
        ("happiness and smiles", "happy smiling", "feel happy and glad", "delighted and happy", "happy songs"),
    ),
    "fury": Mood(
        ("raging", "snarling", "hostile", "furious", "wrathful"),
        ("anger and rage", "aggressive and violent anger", "angry and mad", "angry violent hatred"),
    ),
    "dream": Mood(
        ("hazy", "drifting", "ethereal", "dreamy", "otherworldly"),
        ("sleepy fantasy haze", "surreal fantasy", "magical and surreal"),
    ),
    "party": Mood(
        ("festive", "rowdy", "celebratory", "partying", "revelry"),
        ("birthday celebration", "celebrating with friends", "holiday celebration feast", "carnival celebration"),
    ),
    "focus": Mood(
        ("steady", "minimal", "unobtrusive", "focused", "attentive"),
        (
            "attention and concentration",
            "studying with concentration",
            "concentrate at work",
            "concentration and study",
        ),
    ),
    "retro": Mood(
        ("vintage", "nostalgic", "bygone", "antique", "classic"),
        ("old fashioned oldies", "traditional and old", "in the old days", "historic old memories"),
    ),
    "dark": Mood(
        ("ominous", "brooding", "sinister", "menacing", "shadowy"),
        ("sinful evil terror", "scary horror", "something evil and scary"),
    ),
    "epic": Mood(
        ("soaring", "majestic", "heroic", "grand", "legendary"),
        ("glorious heroes", "triumph of the heroes", "music for the heroes"),
    ),
    "drive": Mood(
        ("propulsive", "energetic", "relentless", "vigorous", "driving"),
        (
            "active and fast energy",
            "intense exercise energy",
            "powerful fast exercise",
            "running exercise",
            "fast workout",
        ),
    ),
}

THEMES: Final = (*GENRES, *MOODS)

FILLERS: Final = frozenset(
    _words(
        "a all and at by for from i in is it like me music my of on one or s something song songs that the to with "
        "you your"
    )
)

DECADES: Final = ("1960s", "1970s", "1980s", "1990s", "2000s", "2010s", "2020s")

FIRST_NAMES: Final = _words(
    "Ada Amara Anton Bela Bruno Cora Dario Della Edda Elio Emeka Esme Farah Felix Gilda Hana Hugo Ida Ines Ivo Jonas "
    "Juno Kaito Klara Lars Leila Lino Lucia Mabel Malik Mara Milo Nadia Nils Noor Odette Olga Oscar Paloma Petra "
    "Quinn Rafa Rhea Rosa Sami Selma Silas Sunniva Tariq Thea Tobias Uma Vera Viggo Wanda Xenia Yara Yusuf Zelda Zora"
)

SYLLABLES: Final = _words(
    "ba bel bor cal cor da del dor el fa fen gal gor ha hal is ka kel kin la len lo lu ma mar mel mi mon na nel no "
    "or pa pel quo ra ren ri ro sa sel so ta ten tor u va vel vin wa wen yo za zel"
)

ADJECTIVES: Final = _words(
    "Amber Bitter Borrowed Broken Burning Copper Crooked Distant Electric Empty Faded Feral Frozen Gilded Golden "
    "Hidden Hollow Honest Idle Ivory Little Lost Lunar Marble Northern Paper Patient Restless Rusted Sacred Salted "
    "Scarlet Second Secret Seven Silver Simple Sleeping Slow Southern Stolen Strange Tangled Thousand Twisted Velvet "
    "Wandering Wild Winter Wooden"
)

NOUNS: Final = _words(
    "Anchor Arrow Avenue Basin Bell Bridge Candle Canyon Carousel Cathedral Cloud Comet Compass Coyote Crown "
    "Diamond Echo Engine Falcon Feather Ferry Flame Forest Garden Ghost Harbor Highway Horizon Island Kite Ladder "
    "Lantern Letter Lion Machine Magnet Meadow Mirror Moth Mountain Ocean Orchard Otter Palace Parade Pilot "
    "Planet Prairie Raven Rider River Satellite Shadow Signal Sparrow Static Station Stranger Summer Thunder "
    "Tiger Tower Umbrella Valley Window"
)

VERBS: Final = _words("Burn Carry Chase Climb Count Cross Follow Hold Leave Paint Shake Steal Turn Wake")

LABELS: Final = ("debut", "collection", "sessions", "live recordings", "demos", "anthology")

FRAMES: Final = ("{}", "{} tonight", "{} please", "play {}")

NICKS: Final = _words("captain uncle mister lady professor baron duchess grandmaster saint madam")
LYRICS: Final = _words(
    "ooh baby,hey darling,tell mama,call the doctor,spin me round,bring back monday,dial my number", ","
)
SCENES: Final = (
    _words("advert trailer episode meme commercial video"),
    _words("toothpaste airline penguin insurance skateboard pizza robot shampoo astronaut dentist"),
)
