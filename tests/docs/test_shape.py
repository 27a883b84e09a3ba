"""Pages are short, and as wide as the code."""

from tests.docs.pages import PAGES, README, every_page, plain

LINES = 280
COLUMNS = 120
REFERENCES = ("docs/settings.md", "CHANGELOG.md")  # one generated, one that only grows


@every_page
def test_pages_stay_short(page: str):
    """A page is for one task, README.md and CONTRIBUTING.md for a first look."""
    most = {"README.md": 150, "CONTRIBUTING.md": 99}.get(page, LINES)
    assert page in REFERENCES or len(PAGES[page].splitlines()) <= most


@every_page
def test_prose_is_as_wide_as_code(page: str):
    """No line is wider, but for rows of tables, and for code that cannot be broken."""
    wide = [line for line in plain(PAGES[page]).splitlines() if len(line) > COLUMNS and not line.startswith("|")]
    assert page in REFERENCES or wide == []


def test_readme_shows_code_at_once():
    """The commands to try it stand at the top."""
    assert "```bash" in README.splitlines()[:20]
