"""fastembed's own loading and encoding, with models of a few hundred bytes made here; nothing is downloaded."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from ltrr.models.errors import InvalidSettings
from ltrr.retrievers.encoders import load_dense, load_sparse

WORDS = ("[PAD]", "[UNK]", "love", "amor", "diesel")
DENSE = np.array([[0, 0, 9], [0, 0, 9], [1, 0, 0], [0.9, 0.1, 0], [0, 1, 0]], dtype=np.float32)
SPLADE = np.diag([-1, -1, 1, 1, 1]).astype(np.float32)
SPLADE[2, 3] = 0.5  # love expands into amor


def model(folder: Path, table: np.ndarray, file: str = "model.onnx") -> Path:
    """Write a model that gives each token its row of a table, with a tokenizer of whole words."""
    path = folder / file
    path.parent.mkdir(parents=True)
    inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["b", "s"])]
    output = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["b", "s", table.shape[1]])
    node = helper.make_node("Gather", ["table", "input_ids"], ["rows"])
    graph = helper.make_graph([node], "rows", inputs, [output], [numpy_helper.from_array(table, "table")])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(made, path)
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 16, "pad_token": "[PAD]"}))
    (folder / "config.json").write_text(json.dumps({"pad_token_id": 0}))
    return folder


def test_dense_model_from_a_folder(tmp_path: Path) -> None:
    """A folder's model embeds texts by the mean of its tokens, as unit vectors; padding and blanks weigh nothing."""
    encoder = load_dense(f"fastembed:{model(tmp_path / 'tiny', DENSE)}")
    assert encoder.dimensions == 3
    vectors = encoder.encode(["love", "love diesel", " "])
    assert vectors == pytest.approx(np.array([[1, 0, 0], [0.5**0.5, 0.5**0.5, 0], [0, 0, 0]]), abs=1e-6)
    assert vectors.dtype == np.float32
    assert encoder.encode_queries(["love", "love diesel", " "]) == pytest.approx(vectors)
    assert encoder.encode([]).shape == (0, 3)


def test_pooling_is_the_models(tmp_path: Path) -> None:
    """What sentence-transformers pools by the first token is pooled so here; the model may be in onnx/."""
    folder = model(tmp_path / "first", DENSE, "onnx/model.onnx")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    [vector] = load_dense(f"fastembed:{folder}").encode(["diesel love"])
    assert vector == pytest.approx([0, 1, 0])


def test_sparse_model_from_a_folder(tmp_path: Path) -> None:
    """A SPLADE model gives log(1 + the largest logit) of each term; rarity is its own matter."""
    encoder = load_sparse(f"fastembed:{model(tmp_path / 'tiny', SPLADE)}")
    assert not encoder.idf
    both, diesel, empty = encoder.encode(["love amor", "diesel", ""])
    assert both.indices == [2, 3]
    assert both.values == pytest.approx(np.log1p([1.0, 1.0]).tolist())
    assert diesel.indices == [4]
    assert empty.indices == []
    [asked] = encoder.encode_queries(["love"])
    assert dict(zip(*asked, strict=True)) == pytest.approx({2: np.log1p(1.0), 3: np.log1p(0.5)})
    assert encoder.encode([]) == []


def test_a_folder_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    """A moved model is the same, a changed one of the same name is another; each is loaded as it is."""
    first = load_dense(f"fastembed:{model(tmp_path / 'a' / 'tiny', DENSE)}")
    moved = load_dense(f"fastembed:{model(tmp_path / 'b' / 'tiny', DENSE)}")
    changed = load_dense(f"fastembed:{model(tmp_path / 'c' / 'tiny', DENSE[:, [1, 0]])}")
    assert first.name == moved.name != changed.name
    assert first.name.startswith("fastembed:tiny@")
    assert changed.dimensions == 2


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    """A folder that is missing or empty, and a name that fastembed does not know, say what to name instead."""
    for load in (load_dense, load_sparse):
        with pytest.raises(InvalidSettings, match="there is no folder"):
            load(f"fastembed:{tmp_path / 'absent'}")
        with pytest.raises(InvalidSettings, match="export the model as ONNX"):
            load(f"fastembed:{tmp_path}")
        with pytest.raises(InvalidSettings, match=r"cannot load nobody/nothing: .*a folder that has it"):
            load("fastembed:nobody/nothing")
    with pytest.raises(InvalidSettings, match="fastembed looks for it there"):
        load_sparse(f"fastembed:{model(tmp_path / 'deep', SPLADE, 'onnx/model.onnx')}")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where fastembed is not installed, the message says how to install it."""
    monkeypatch.setitem(sys.modules, "fastembed", None)
    for load in (load_dense, load_sparse):
        with pytest.raises(InvalidSettings, match=r"pip install '\.\[fastembed\]'"):
            load("fastembed:BAAI/bge-small-en-v1.5")
