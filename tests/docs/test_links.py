"""Links and paths lead somewhere, and every page can be reached."""

import re

from tests.docs.pages import PAGES, README, ROOT, every_page, plain

FOLDERS = ("models", "retrievers", "streams", "serving", "bench", "deploy", "tests", "docs", "ltrr")


@every_page
def test_files_exist(page: str):
    """Every file of the repository that a page names is there, or the folder where a NAME belongs."""
    text = re.sub(r"^<!-- .* -->$", "", PAGES[page], flags=re.MULTILINE)  # files that an example adds
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", text)
    places = [ROOT / name.partition("NAME")[0] for name in named]
    assert [place for place in places if not place.exists()] == []


@every_page
def test_modules_exist(page: str):
    """Every module that a page names is there."""
    named = re.findall(r"\bltrr(?:\.[a-z_]+){2,}", PAGES[page])
    places = [ROOT / name.replace(".", "/") for name in named]
    assert [place for place in places if not place.is_dir() and not place.with_suffix(".py").exists()] == []


def test_pages_that_code_names_exist():
    """Every page of docs/ that code, a message or a configuration names is there."""
    files = [path for folder in FOLDERS if folder != "ltrr" for path in (ROOT / folder).rglob("*.py")]
    files += [*ROOT.glob("*.yml"), *ROOT.glob("*.toml"), ROOT / "Makefile"]
    named = {name for file in files for name in re.findall(r"\bdocs/[\w/-]+\.\w+", file.read_text(encoding="utf-8"))}
    assert {name for name in named if not (ROOT / name).exists()} == set()


def headings(text: str) -> list[str]:
    """Return the anchors of a page's headings, as GitHub makes them of headings that stand once."""
    found = re.findall(r"^#+ (.*)", plain(text), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found]


@every_page
def test_headings_stand_once(page: str):
    """A link to a heading can mean one alone; in CHANGELOG.md each version has the same ones."""
    found = headings(PAGES[page])
    assert page == "CHANGELOG.md" or len(found) == len(set(found)), sorted(found)


@every_page
def test_links_lead_somewhere(page: str):
    """Every link between pages names a file that is there, and a heading in it."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[page]):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in headings(file.read_text(encoding="utf-8")), target


def test_every_page_is_linked():
    """README.md leads to every page of docs/."""
    assert {page for page in PAGES if page.startswith("docs/")} <= set(re.findall(r"\]\((docs/[\w/-]+\.md)", README))
