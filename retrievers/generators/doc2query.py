"""Predict queries with a doc2query model: sequence to sequence, run by CTranslate2, without torch.

The model is a folder that `ct2-transformers-converter --copy_files tokenizer.json` makes of a doc2query model such as
doc2query/msmarco-t5-small-v1, or a repository of that form on the Hugging Face hub. Source: Nogueira and Lin 2019.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer

from ltrr.models.errors import InvalidSettings
from ltrr.models.memory.prediction import PredictedQuery
from ltrr.models.records.entity import Entity
from ltrr.models.text import normalise
from ltrr.retrievers.documents.documents import embedded_text

NEEDS_MODEL: Final = True
_QUERIES: Final = 8
_LONGEST: Final = 32
_INPUT: Final = 256
_BATCH: Final = 32
_WORTH: Final = 0.5
_FILES: Final = ("model.bin", "tokenizer.json")


class Doc2Query:
    """A model and its tokenizer. A query is worth half the geometric mean of the probabilities of its tokens."""

    def __init__(self, name: str, tokenizer: Tokenizer, translator: Any) -> None:  # noqa: ANN401  # of an optional extra
        self.name = name
        self._tokenizer = tokenizer
        self._tokenizer.enable_truncation(_INPUT)
        self._translator = translator

    def follow(self, old: Sequence[Entity | None], new: Sequence[Entity | None]) -> None:
        """Need nothing but the entity itself."""

    def predict(self, entities: Sequence[Entity]) -> list[tuple[PredictedQuery, ...]]:
        """Return the queries of each entity, by beam search: the same each time."""
        texts = [embedded_text(entity) for entity in entities]
        answers = self._translator.translate_batch(
            [encoding.tokens for encoding in self._tokenizer.encode_batch(texts)],
            max_batch_size=_BATCH,
            beam_size=_QUERIES,
            num_hypotheses=_QUERIES,
            max_decoding_length=_LONGEST,
            return_scores=True,
        )
        return [self._queries(answer) for answer in answers]

    def _queries(self, answer: Any) -> tuple[PredictedQuery, ...]:  # noqa: ANN401  # CTranslate2's
        scores: dict[str, float] = {}
        for tokens, log_probability in zip(answer.hypotheses, answer.scores, strict=True):
            ids = [self._tokenizer.token_to_id(token) for token in tokens]
            query = normalise(self._tokenizer.decode([number for number in ids if number is not None]))
            if query:
                scores[query] = max(_WORTH * min(1.0, math.exp(log_probability)), scores.get(query, 0.0))
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return tuple(PredictedQuery(query, round(score, 4)) for query, score in best)


def load(model: str) -> Doc2Query:
    """Return the generator of a model. model: a folder, else a repository, which is downloaded once.

    Raises InvalidSettings where the extra is not installed, or the model cannot be had.
    """
    try:
        import ctranslate2  # noqa: PLC0415  # an optional extra, loaded where it is asked for
    except ImportError:
        raise InvalidSettings("doc2query models need CTranslate2: pip install '.[doc2query]'") from None
    folder = Path(model) if Path(model).is_dir() else _downloaded(model)
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise InvalidSettings(
            f"{folder} has no {' and no '.join(missing)}: convert the model with "
            "`ct2-transformers-converter --copy_files tokenizer.json`"
        )
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return Doc2Query(f"doc2query:{model}", tokenizer, ctranslate2.Translator(str(folder), device="cpu"))
    except Exception as error:  # both libraries raise what their native code says
        raise InvalidSettings(f"the model in {folder} cannot be read: {error}") from error


def _downloaded(model: str) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415  # it takes half a second, which most never need

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.bin", "*.txt"]))
    except (OSError, ValueError) as error:
        raise InvalidSettings(
            f"{model!r} is no folder, and cannot be downloaded as a model ({error}): give the path of a folder"
        ) from error
