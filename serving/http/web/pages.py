"""The web pages, each one document: browsers ask for nothing else, and run nothing that is not in it."""

import re
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_NAMED: Final = r"^(?:/\* ([\w-]+\.(?:css|js)) \*/|<!-- ([\w-]+\.html) -->)$"


def sewn(name: str) -> str:
    """Return a document with the files in their places that it names on lines of their own.

    These are `/* look.css */` in styles and scripts, and `<!-- head.html -->` elsewhere.
    """
    text = (_HERE / name).read_text(encoding="utf-8")
    return re.sub(_NAMED, lambda named: _part(named[1] or named[2]), text, flags=re.MULTILINE)


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8").rstrip("\n")


SEARCH_PAGE: Final = sewn("search.html")
DASHBOARD_PAGE: Final = sewn("dashboard.html")
