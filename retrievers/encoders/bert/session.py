"""Texts through a BERT graph in ONNX Runtime, in batches of a bounded size."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ltrr.retrievers.encoders.bert.files import Files
from ltrr.retrievers.encoders.bert.graph import OUTPUT, Graph, Pooling

LENGTH: Final = 256
"""Tokens of a text that are read: those that all-MiniLM-L6-v2 was trained to read."""

_CHARACTERS: Final = 2_000  # more than have room in as many tokens, of most languages
_AT_ONCE: Final = LENGTH  # tokens of a batch: larger ones are slower, since they leave the processor's cache
_THREADS: Final = 2


class Session:
    """A model that gives a vector for each text.

    Texts of similar length share a batch, so that little is computed for padding: of the longest there is one in it.
    Safe in several threads, which share two that compute.
    """

    def __init__(self, files: Files, pool: Pooling) -> None:
        self._tokenizer = files.tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LENGTH)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.enable_cpu_mem_arena = False  # it would keep the most that any batch has needed
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others need the cores
        model = Graph(files.weights, files.config).model(pool).SerializeToString()
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(self, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Yield places in texts and their vectors, until all that have content were there."""
        places = [place for place, text in enumerate(texts) if text.strip()]
        encoded = self._tokenizer.encode_batch_fast([texts[place][:_CHARACTERS] for place in places])
        ids = dict(zip(places, (one.ids for one in encoded), strict=True))
        for batch in _batches(sorted(places, key=lambda place: len(ids[place])), ids):
            tokens = np.zeros((len(batch), len(ids[batch[-1]])), dtype=np.int64)
            mask = np.zeros_like(tokens)
            for row, place in enumerate(batch):
                tokens[row, : len(ids[place])] = ids[place]
                mask[row, : len(ids[place])] = 1
            [pooled] = self._session.run([OUTPUT], {"input_ids": tokens, "attention_mask": mask})
            yield batch, pooled


def _batches(places: Sequence[int], ids: dict[int, list[int]]) -> Iterator[list[int]]:
    """Yield places, shortest text first, as many at once as have room when padded to the longest."""
    batch: list[int] = []
    for place in places:
        if batch and (len(batch) + 1) * len(ids[place]) > _AT_ONCE:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
