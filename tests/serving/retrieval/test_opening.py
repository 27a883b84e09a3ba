"""The index of a data folder is locked before anything of it is opened."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from ltrr.models.errors import StorageFailed
from ltrr.models.records.entity import Entity
from ltrr.serving.catalogue.rebuild import rebuild
from ltrr.serving.retrieval.opening import hold_index, open_index
from ltrr.serving.settings.settings import Settings


def test_nothing_is_opened_that_another_holds(tmp_path: Path):
    """Neither cards nor engines are touched, whatever log or spool the other process has; once it ends all is open."""
    settings = Settings(data_dir=tmp_path)
    in_use = f"the index in {tmp_path} is in use by another process"
    with hold_index(tmp_path):
        for opening in (lambda: open_index(settings, tmp_path), lambda: rebuild(settings)):
            with pytest.raises(StorageFailed, match=in_use):
                opening()
        assert [path.name for path in (tmp_path / "index").iterdir()] == [".lock"]
    with closing(open_index(settings, tmp_path)) as index:
        asyncio.run(index.index([Entity("x", "song", "Morning")]))
        with pytest.raises(StorageFailed, match=in_use):
            rebuild(settings)
    assert [one["entities"] for one in rebuild(settings)["rebuilt"]] == [1]
