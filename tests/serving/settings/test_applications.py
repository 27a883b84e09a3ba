"""Which application a name stands for."""

import pytest

from ltrr.models.errors import InvalidInput
from ltrr.serving.settings.applications import application_named


def test_the_first_application_is_meant_where_none_is_said():
    """A name stands for itself; one that is not served says what to do."""
    assert application_named(None, ("shop", "blog")) == "shop"
    assert application_named("blog", ("shop", "blog")) == "blog"
    with pytest.raises(InvalidInput, match="'forum' is not served here; add it to LTRR_APPLICATIONS"):
        application_named("forum", ("shop", "blog"))
