"""WordLlama: static token embeddings whose weights come inside the wheel; nothing is downloaded."""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from ltrr.models.errors import InvalidSettings
from ltrr.retrievers.encoders import DenseEncoder

CHARACTERS: Final = 2_000


class WordLlama(DenseEncoder):
    """Mean of the token vectors, normalised. table: shape (tokens, dimensions)."""

    def __init__(self, tokenizer: Tokenizer, table: NDArray[np.float32]) -> None:
        self.name = "wordllama"
        self.dimensions = int(table.shape[1])
        self._tokenizer = tokenizer
        self._table = table

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions); texts are cut at 2,000 characters."""
        cut = [text[:CHARACTERS] for text in texts]
        encodings = self._tokenizer.encode_batch_fast(cut, add_special_tokens=False)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, encoding in enumerate(encodings):
            if encoding.ids:
                vectors[row] = self._table[encoding.ids].sum(axis=0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


@cache
def read_wheel() -> tuple[Tokenizer, NDArray[np.float32]]:
    """Read tokenizer and table out of the installed wheel, whose own loader looks in the wrong folder."""
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise InvalidSettings("the encoder wordllama is not installed: pip install wordllama")
    wheel = Path(spec.submodule_search_locations[0])
    tokenizer = Tokenizer.from_file(str(wheel / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    weights = load_file(wheel / "weights" / "l2_supercat_256.safetensors")
    table = weights["embedding.weight"].astype(np.float32)
    table.flags.writeable = False
    return tokenizer, table


def load_dense(model: str = "") -> WordLlama:
    """Return the encoder of the installed wheel, which has one model."""
    if model:
        raise InvalidSettings(f"wordllama has one model: say wordllama, not wordllama:{model}")
    return WordLlama(*read_wheel())
