"""Phrases that are packed, and what changes after that."""

from collections.abc import Sequence

import numpy as np
import pytest

from ltrr.models.records.entity import Entity
from ltrr.retrievers.phrases.packed import Packed
from ltrr.retrievers.phrases.packing import Packing
from ltrr.retrievers.phrases.phrases import Phrases

WORDS = ("love", "lover", "glove", "story", "of", "the", "night", "c#", "15.6", "東京都", "knight", "abba", "!!!")


def entity(rng: np.random.Generator, name: str) -> Entity:
    """Return an entity of few words, so that many share them."""

    def text() -> str:
        return " ".join(rng.choice(WORDS, int(rng.integers(1, 4))))

    return Entity(
        *(name, str(rng.choice(("song", "artist"))), text(), {"genre": {text(): 1.0}, "mail": {"a@b.de love": 0.5}}),
        str(rng.choice(("", text()))),
        tuple(text() for _ in range(rng.integers(3))),
        popularity=float(rng.integers(4)),
    )


def packed(entities: Sequence[Entity]) -> Phrases:
    """Return phrases that are packed."""
    packing = Packing()
    for one in entities:
        packing.add(one)
    return Phrases(Packed(*packing.packed()))


def added(entities: Sequence[Entity]) -> Phrases:
    """Return phrases that are in memory."""
    phrases = Phrases()
    for one in entities:
        phrases.add(one)
    return phrases


def seen(phrases: Phrases, texts: Sequence[str]) -> list[object]:
    """Return all that can be asked of texts."""
    found: list[object] = [len(phrases), sorted(phrases.first(10_000))]
    found += [phrases.variety(attribute) for attribute in ("type", "genre", "mail", "other")]
    for text in texts:
        found.append(phrases.heading(text))
        phrase = phrases.exact(text)
        if phrase:
            carriers, types = phrase.carriers(99), phrase.types()
            found.append((carriers, types, phrase.attributes, phrases.strength(phrase)))
        found += [phrases.resembles(text), phrases.spaced(text.replace(" ", ""), 3), phrases.words_near(text, 3)]
        found.append([(near.text, share) for near, share in phrases.near(text, 3)])
        found.append([part.text for part in phrases.containing(text.split(), 4)])
    return found


@pytest.mark.parametrize("seed", range(4))
def test_as_if_all_were_in_memory(seed: int) -> None:
    """What is packed is read as what is added, and stays so while entities come, change and go."""
    rng = np.random.default_rng(seed)
    held = {str(number): entity(rng, str(number)) for number in range(60)}
    held["top"] = Entity("top", "song", "top", popularity=9.0)  # the largest popularity of all times
    phrases = packed(list(held.values()))
    texts = [*WORDS, *(" ".join(rng.choice(WORDS, 2)) for _ in range(40)), "lvoe", "love storey", "nigth", "xyz"]
    assert seen(phrases, texts) == seen(added(list(held.values())), texts)
    for step in range(120):
        name = str(rng.integers(90))
        if name in held:
            phrases.remove(held.pop(name))
        if rng.random() < 0.6:
            held[name] = entity(rng, name)
            phrases.add(held[name])
        if step % 30 == 29:
            assert seen(phrases, texts) == seen(added(list(held.values())), texts)
    for one in held.values():
        phrases.remove(one)
    assert seen(phrases, texts)[:2] == [0, []]
    assert not any(map(phrases.resembles, texts))


def test_the_strongest_of_many() -> None:
    """Of more names with a word than are looked at those are found that are strongest, ties by text."""
    entities = [Entity(str(n), "song", f"love {n:04}", popularity=float(n % 400)) for n in range(1_000)]
    texts = ["love", "love 0007"]
    assert seen(packed(entities), texts) == seen(added(entities), texts)
