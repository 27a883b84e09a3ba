"""Encoders of installed packages: only the one that is chosen is looked at."""

from pathlib import Path

import pytest

from ltrr.models.errors import InvalidSettings, UnknownName
from ltrr.retrievers.encoders import load_dense, load_sparse
from tests.models.test_discovery import install

BARE = "import numpy as np\nclass Bare:\n    name = 'bare'\n    def encode(self, texts): ...\ndef load_dense(model):\n"


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where installed modules are."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_broken_encoder_that_nobody_chose_stops_nothing(acme: Path) -> None:
    """Another family is found beside it, and named without it where a name is wrong; chosen, its package is named."""
    install(acme, "ltrr.encoders", "broken", "nowhere_to_be_found_either")
    assert load_sparse("expansion").name
    with pytest.raises(UnknownName, match="there are: fastembed, minilm, wordllama"):
        load_dense("nobody")
    with pytest.raises(InvalidSettings, match=r"ltrr\.encoders broken of acme .* cannot be imported"):
        load_dense("broken")


def test_an_encoder_that_lacks_something_is_told_before_it_is_used(acme: Path) -> None:
    """One that is not derived from its contract may have no vectors of queries."""
    (acme / "acme_bare.py").write_text(f"{BARE}    return Bare()\n")
    install(acme, "ltrr.encoders", "bare", "acme_bare")
    with pytest.raises(InvalidSettings, match="'bare' has no dimensions and no encode_queries: derive it"):
        load_dense("bare")
