"""doc2query: what is made of a model's answers, and what is said where there is no model."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from types import ModuleType

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from ltrr.models.errors import InvalidSettings
from ltrr.models.memory.prediction import PredictedQuery
from ltrr.models.records.entity import Entity
from ltrr.retrievers import generators
from ltrr.retrievers.generators.doc2query import Doc2Query

WORDS = {word: number for number, word in enumerate(("[UNK]", "love", "Story", "sad", "song"))}


@dataclass
class Answer:
    """What CTranslate2 answers for one text."""

    hypotheses: list[list[str]]
    scores: list[float]


class Translator:
    """CTranslate2's translator, as far as it is used."""

    def __init__(self, folder: str = "", device: str = "cpu") -> None:
        self.folder, self.device = folder, device
        self.asked: list[list[str]] = []

    def translate_batch(self, source: Sequence[list[str]], **options: object) -> list[Answer]:
        """Answer the same for each text."""
        assert options["num_hypotheses"] == options["beam_size"]
        assert options["return_scores"]
        self.asked += source
        hypotheses = [["love", "song"], ["Story"], ["love", "song"], []]
        return [Answer(hypotheses, [log(0.4), log(0.8), log(0.6), 0.0]) for _ in source]


def tokenizer() -> Tokenizer:
    """Return a tokenizer of a few words."""
    made = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))  # noqa: S106  # a token of text
    made.pre_tokenizer = Whitespace()
    return made


def test_answers_become_queries():
    """Each query once with its best probability, halved, normalised; an empty one is none."""
    translator = Translator()
    generator = Doc2Query("doc2query:test", tokenizer(), translator)
    entities = [Entity("a", "song", "love Story", {"mood": {"sad": 1.0}}), Entity("b", "song", "song")]
    first, second = generator.predict(entities)
    assert first == second == (PredictedQuery("story", 0.4), PredictedQuery("love song", 0.3))
    assert translator.asked[0] == ["love", "[UNK]", "sad"]  # texts are folded before


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch):
    """The message names what to install."""
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(InvalidSettings, match=r"pip install '\.\[doc2query\]'"):
        generators.load("doc2query:anything")


def test_a_folder_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A folder with a converted model and its tokenizer is used; one that lacks something says what."""
    extra = ModuleType("ctranslate2")
    extra.Translator = Translator  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ctranslate2", extra)
    with pytest.raises(InvalidSettings, match=r"no model\.bin and no tokenizer\.json"):
        generators.load(f"doc2query:{tmp_path}")
    (tmp_path / "model.bin").touch()
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    generator = generators.load(f"doc2query:{tmp_path}")
    assert generator.name == f"doc2query:{tmp_path}"
    assert generator.predict([Entity("b", "song", "song")])[0][0].query == "story"
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(InvalidSettings, match="cannot be read"):
        generators.load(f"doc2query:{tmp_path}")


def test_a_model_that_cannot_be_downloaded(monkeypatch: pytest.MonkeyPatch):
    """The message says that a folder would do."""
    monkeypatch.setitem(sys.modules, "ctranslate2", ModuleType("ctranslate2"))
    with pytest.raises(InvalidSettings, match="give the path of a folder"):
        generators.load("doc2query:no such/repo sitory")
