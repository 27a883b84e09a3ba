"""fastembed: sentence-BERT and SPLADE models in ONNX, by the names that fastembed knows or from a folder.

A name is downloaded by fastembed at first use. A folder has `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`,
`tokenizer_config.json` and `config.json`, as sentence-transformers and optimum export them; `1_Pooling/config.json`
says how a dense model pools, the mean where it is absent. Needs the extra: pip install '.[fastembed]'.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ltrr.models.errors import InvalidSettings
from ltrr.retrievers.encoders import DenseEncoder, SparseEncoder, SparseVector

_FILES: Final = ("model.onnx", "onnx/model.onnx")
_SPLADE: Final = "prithivida/Splade_PP_en_v1"
_BATCH: Final = 32


class FastembedDense(DenseEncoder):
    """A model of sentence embeddings. model: fastembed's TextEmbedding."""

    def __init__(self, name: str, model: Any) -> None:  # noqa: ANN401  # fastembed may not be installed
        self.name = name
        self._model = model
        self.dimensions = len(next(iter(model.embed(["length"]))))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of texts as they are stored."""
        return self._units(texts, self._model.passage_embed(texts, batch_size=_BATCH))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of texts as they are asked for."""
        return self._units(texts, self._model.query_embed(texts, batch_size=_BATCH))

    def _units(self, texts: Sequence[str], embedded: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = np.stack(list(embedded)).astype(np.float32)
        vectors[[not text.strip() for text in texts]] = 0.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


class FastembedSparse(SparseEncoder):
    """A model of weighted terms. model: fastembed's SparseTextEmbedding; idf: the model leaves rarity to the index."""

    def __init__(self, name: str, model: Any, *, idf: bool) -> None:  # noqa: ANN401  # fastembed may not be installed
        self.name = name
        self.idf = idf
        self._model = model

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the terms of texts as they are stored."""
        return _terms(texts, self._model.embed(texts, batch_size=_BATCH))

    def encode_queries(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the terms of texts as they are asked for."""
        return _terms(texts, self._model.query_embed(texts))


def load_dense(model: str) -> FastembedDense:
    """Return a dense model by name or folder. Raises InvalidSettings where it cannot be had."""
    with _translated(model):
        fastembed: Any = import_module("fastembed")
        folder = _folder(model)
        if folder is None:
            return FastembedDense(f"fastembed:{model}", fastembed.TextEmbedding(model))
        name, file = _identity(folder), _file(folder)
        if name not in {known["model"] for known in fastembed.TextEmbedding.list_supported_models()}:
            description: Any = import_module("fastembed.common.model_description")
            fastembed.TextEmbedding.add_custom_model(
                model=name,
                pooling=description.PoolingType(_pooling(folder)),
                normalization=True,
                sources=description.ModelSource(url=folder.as_uri()),
                dim=0,  # the model itself says it
                model_file=file,
            )
        return FastembedDense(name, fastembed.TextEmbedding(name, specific_model_path=str(folder)))


def load_sparse(model: str) -> FastembedSparse:
    """Return a sparse model by name, or a SPLADE model from a folder. Raises InvalidSettings where it cannot be had."""
    with _translated(model):
        fastembed: Any = import_module("fastembed")
        folder = _folder(model)
        if folder is None:
            known = {one["model"].lower(): one for one in fastembed.SparseTextEmbedding.list_supported_models()}
            idf = bool(known.get(model.lower(), {}).get("requires_idf"))
            return FastembedSparse(f"fastembed:{model}", fastembed.SparseTextEmbedding(model), idf=idf)
        if _file(folder) != _FILES[0]:
            raise InvalidSettings(f"move {_file(folder)} to {folder / _FILES[0]}: fastembed looks for it there")
        loaded = fastembed.SparseTextEmbedding(_SPLADE, specific_model_path=str(folder))
        return FastembedSparse(_identity(folder), loaded, idf=False)


def _terms(texts: Sequence[str], embedded: Iterable[Any]) -> list[SparseVector]:
    if not texts:
        return []
    vectors = [SparseVector(one.indices.tolist(), one.values.tolist()) for one in embedded]
    return [vector if text.strip() else SparseVector([], []) for text, vector in zip(texts, vectors, strict=True)]


def _folder(model: str) -> Path | None:
    """Return the folder that is named, or None for a name of fastembed's (organisation/model)."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path.resolve()
    if not model or path.is_absolute() or model.startswith(("~", ".")):
        raise InvalidSettings(f"there is no folder {model!r}: name one that has {_FILES[0]}, or a model of fastembed's")
    return None


def _file(folder: Path) -> str:
    for file in _FILES:
        if (folder / file).is_file():
            return file
    raise InvalidSettings(f"{folder} has no {' and no '.join(_FILES)}: export the model as ONNX into it")


def _identity(folder: Path) -> str:
    """Return the folder's own name and a hash of weights and words: a folder may be moved, but not changed."""
    digest = hashlib.blake2b(digest_size=6)
    for file in (_file(folder), "tokenizer.json"):
        with (folder / file).open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "blake2b").digest())
    return f"fastembed:{folder.name}@{digest.hexdigest()}"


def _pooling(folder: Path) -> str:
    """Return how sentence-transformers would pool the vectors of tokens: by the first, or by their mean."""
    path = folder / "1_Pooling" / "config.json"
    first = path.exists() and json.loads(path.read_text(encoding="utf-8")).get("pooling_mode_cls_token")
    return "CLS" if first else "MEAN"


@contextmanager
def _translated(model: str) -> Iterator[None]:
    """Say of a model that cannot be loaded what to do: fastembed and what it uses raise anything."""
    try:
        yield
    except InvalidSettings:
        raise
    except ModuleNotFoundError as error:
        raise InvalidSettings(f"fastembed:{model} needs {error.name}: pip install '.[fastembed]'") from error
    except Exception as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise InvalidSettings(
            f"fastembed cannot load {model}: {said[0]}; name a model that it lists, with a network to download it, "
            "or a folder that has it"
        ) from error
