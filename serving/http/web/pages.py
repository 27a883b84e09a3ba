"""The web pages, each one document: browsers ask for nothing else, and run nothing that is not in it."""

import re
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


def sewn(name: str) -> str:
    """Return a document with the files that it names, `/* look.css */` on a line of its own, in their places."""
    text = (_HERE / name).read_text(encoding="utf-8")
    return re.sub(r"^/\* ([\w-]+\.(?:css|js)) \*/$", lambda named: _part(named[1]), text, flags=re.MULTILINE)


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8").rstrip("\n")


SEARCH_PAGE: Final = sewn("search.html")
DASHBOARD_PAGE: Final = sewn("dashboard.html")
