"""The graph of a BERT model in ONNX, made of its weights: 20 lines of algebra, nothing traced or exported.

Source: Devlin, Chang, Lee and Toutanova 2019 (BERT); Reimers and Gurevych 2019 (mean pooling); Formal, Piwowarski and
Clinchant 2021 (SPLADE, max pooling).
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from ltrr.retrievers.encoders.bert.files import Weights

Pooling = Callable[["Graph", str], str]

OUTPUT: Final = "pooled"
_OPSET: Final = 20  # the first with Gelu
_IR: Final = 9
_MASKED: Final = -1e9
_LEAST_NORM: Final = 1e-12


class Graph:
    """A BERT over `input_ids` and `attention_mask`, both int64 of shape (texts, tokens). config: the model's own."""

    def __init__(self, weights: Weights, config: dict[str, Any]) -> None:
        self._weights = weights
        self._config = config
        self._nodes: list[Any] = []
        self._kept: dict[str, Any] = {}
        self._heads = int(config["num_attention_heads"])
        self._width = int(config["hidden_size"]) // self._heads

    def model(self, pool: Pooling) -> ModelProto:
        """Return the model with one output, of shape (texts, what pool makes of a text)."""
        self.op("Identity", pool(self, self._encoded()))
        self._nodes[-1].output[0] = OUTPUT
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "dimensions"])
        graph = helper.make_graph(self._nodes, "bert", inputs, [output], list(self._kept.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401  # as ONNX has them
        """Add a node; return the name of its output."""
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: NDArray[Any] | list[int] | float, name: str = "") -> str:
        """Add numbers; return their name. Lists are whole numbers."""
        array = np.asarray(values, dtype=np.int64 if isinstance(values, list) else np.float32)
        name = name or f"constant_{len(self._kept)}"
        if name not in self._kept:
            self._kept[name] = numpy_helper.from_array(array, name)
        return name

    def weight(self, name: str) -> str:
        """Add weights of the model by their name."""
        return self.constant(self._weights[name], name)

    def linear(self, values: str, name: str) -> str:
        """Multiply by a matrix, which PyTorch keeps transposed, and add."""
        matrix = self.constant(self._weights[f"{name}.weight"].T, f"{name}.weight")
        return self.op("Add", self.op("MatMul", values, matrix), self.weight(f"{name}.bias"))

    def normalised(self, values: str, name: str) -> str:
        """Normalise a layer."""
        scale, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", values, scale, shift, epsilon=self._config.get("layer_norm_eps", 1e-12))

    def mask(self) -> str:
        """Return which tokens are there, 1 or 0, of shape (texts, tokens, 1)."""
        return self.op("Unsqueeze", self.op("Cast", "attention_mask", to=TensorProto.FLOAT), self.constant([2]))

    def _encoded(self) -> str:
        """Return a vector for each token: shape (texts, tokens, width)."""
        absent = self.op("Sub", self.constant(1.0), self.op("Cast", "attention_mask", to=TensorProto.FLOAT))
        bias = self.op("Unsqueeze", self.op("Mul", absent, self.constant(_MASKED)), self.constant([1, 2]))
        hidden = self._embedded()
        for layer in range(int(self._config["num_hidden_layers"])):
            name = f"encoder.layer.{layer}"
            attended = self.linear(
                self._attended(hidden, bias, f"{name}.attention.self"), f"{name}.attention.output.dense"
            )
            hidden = self.normalised(self.op("Add", attended, hidden), f"{name}.attention.output.LayerNorm")
            wide = self.op("Gelu", self.linear(hidden, f"{name}.intermediate.dense"))
            narrow = self.linear(wide, f"{name}.output.dense")
            hidden = self.normalised(self.op("Add", narrow, hidden), f"{name}.output.LayerNorm")
        return hidden

    def _embedded(self) -> str:
        words = self.op("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        # a text is one segment, the first, whose vector goes with every place
        places = self._weights["embeddings.position_embeddings.weight"]
        segment = self._weights["embeddings.token_type_embeddings.weight"][0]
        tokens = self.op("Slice", self.op("Shape", "input_ids"), self.constant([1]), self.constant([2]))
        table = self.constant(places + segment, "places")
        return self.normalised(
            self.op("Add", words, self.op("Slice", table, self.constant([0]), tokens, self.constant([0]))),
            "embeddings.LayerNorm",
        )

    def _attended(self, hidden: str, bias: str, name: str) -> str:
        shape = self.constant([0, 0, self._heads, self._width])

        def heads(part: str, order: list[int]) -> str:
            return self.op("Transpose", self.op("Reshape", self.linear(hidden, f"{name}.{part}"), shape), perm=order)

        query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
        scores = self.op("Mul", self.op("MatMul", query, key), self.constant(1.0 / math.sqrt(self._width)))
        weighed = self.op("MatMul", self.op("Softmax", self.op("Add", scores, bias), axis=-1), value)
        joined = self.op("Transpose", weighed, perm=[0, 2, 1, 3])
        return self.op("Reshape", joined, self.constant([0, 0, self._heads * self._width]))


def mean_unit(graph: Graph, hidden: str) -> str:
    """Pool by the mean of the tokens that are there, of length 1: sentence-BERT."""
    mask, axis = graph.mask(), graph.constant([1])
    total = graph.op("ReduceSum", graph.op("Mul", hidden, mask), axis, keepdims=0)
    mean = graph.op("Div", total, graph.op("ReduceSum", mask, axis, keepdims=0))
    norm = graph.op("ReduceL2", mean, axis, keepdims=1)
    return graph.op("Div", mean, graph.op("Max", norm, graph.constant(_LEAST_NORM)))


def max_log(graph: Graph, hidden: str) -> str:
    """Pool by the largest log(1 + relu(logit)) of each word of the vocabulary: SPLADE, over the masked-word head.

    The largest logit is taken first, since the logarithm and the word's bias keep the order of tokens: of the many
    logits of a batch only the largest are touched again. Tokens that are not there stand in for the first one.
    """
    name = "cls.predictions.transform"
    first = graph.op("Slice", hidden, graph.constant([0]), graph.constant([1]), graph.constant([1]))
    there = graph.op("Where", graph.op("Cast", graph.mask(), to=TensorProto.BOOL), hidden, first)
    changed = graph.normalised(graph.op("Gelu", graph.linear(there, f"{name}.dense")), f"{name}.LayerNorm")
    words = graph.op("Transpose", graph.weight("embeddings.word_embeddings.weight"), perm=[1, 0])
    highest = graph.op("ReduceMax", graph.op("MatMul", changed, words), graph.constant([1]), keepdims=0)
    highest = graph.op("Add", highest, graph.weight("cls.predictions.bias"))
    return graph.op("Log", graph.op("Add", graph.constant(1.0), graph.op("Relu", highest)))


POOLINGS: Final[dict[str, Pooling]] = {"mean": mean_unit, "splade": max_log}
