"""BERT once more, in NumPy and for one text at a time: what the graph is compared with."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Weights = dict[str, Numbers]


class Forward:
    """The textbook's layers in double precision, without batches, padding or masks."""

    def __init__(self, weights: dict[str, NDArray[np.float32]], config: dict[str, Any]) -> None:
        renamed = {name.replace("gamma", "weight").replace("beta", "bias"): one for name, one in weights.items()}
        self._weights = {name.removeprefix("bert."): one.astype(np.float64) for name, one in renamed.items()}
        self._config = config

    def mean(self, ids: list[int]) -> Numbers:
        """Return the mean of the tokens' vectors at length 1."""
        mean = self.hidden(ids).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean))

    def splade(self, ids: list[int]) -> Numbers:
        """Return log(1 + relu(logit)) of each word, the largest over the tokens."""
        head = "cls.predictions"
        changed = self._norm(_gelu(self._linear(self.hidden(ids), f"{head}.transform.dense")), f"{head}.transform")
        logits = changed @ self._weights["embeddings.word_embeddings.weight"].T + self._weights[f"{head}.bias"]
        return np.asarray(np.log1p(np.maximum(logits, 0.0)).max(axis=0))

    def hidden(self, ids: list[int]) -> Numbers:
        """Return the last vector of each token: shape (tokens, width)."""
        words, places, segments = (
            self._weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position", "token_type")
        )
        x = self._norm(words[ids] + places[: len(ids)] + segments[0], "embeddings")
        for layer in range(self._config["num_hidden_layers"]):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attention(x, f"{name}.attention"), f"{name}.attention.output")
            wide = _gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._norm(x + self._linear(wide, f"{name}.output.dense"), f"{name}.output")
        return x

    def _attention(self, x: Numbers, name: str) -> Numbers:
        query, key, value = (self._linear(x, f"{name}.self.{part}") for part in ("query", "key", "value"))
        width = x.shape[1] // self._config["num_attention_heads"]
        parts = []
        for start in range(0, x.shape[1], width):
            head = slice(start, start + width)
            scores = np.exp(query[:, head] @ key[:, head].T / math.sqrt(width))
            parts.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, head])
        return self._linear(np.hstack(parts), f"{name}.output.dense")

    def _linear(self, x: Numbers, name: str) -> Numbers:
        return np.asarray(x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _norm(self, x: Numbers, name: str) -> Numbers:
        centred = x - x.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + self._config["layer_norm_eps"])
        name = f"{name}.LayerNorm"
        return np.asarray(scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def _gelu(x: Numbers) -> Numbers:
    return np.asarray(x * 0.5 * (1.0 + np.vectorize(math.erf)(x / math.sqrt(2.0))))
