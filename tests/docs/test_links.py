"""Links and paths lead somewhere, and every page can be reached."""

import re

from tests.docs.pages import PAGES, README, ROOT, every_page


@every_page
def test_files_exist(page: str):
    """Every file of the repository that a page names is there, but for those that an example adds."""
    text = re.sub(r"^<!-- .* -->$", "", PAGES[page], flags=re.MULTILINE)
    folders = "models|retrievers|streams|serving|bench|deploy|tests|docs"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", text)
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_links_lead_somewhere(page: str):
    """Every link between pages names a file that is there, and a heading in it."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[page]):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target


def test_every_page_is_linked():
    """README.md leads to every page of docs/."""
    assert {page for page in PAGES if page.startswith("docs/")} <= set(re.findall(r"\]\((docs/[\w/-]+\.md)", README))
