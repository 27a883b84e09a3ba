"""What `ltrr policy` shows of versions."""

from io import StringIO

from rich.console import Console

from ltrr.serving.commands.learned.policy import _versions

ROW = {"revision": 12_345, "behind": 144, "workers": 2, "policy_records": 123, "memory_records": 4_567}
ROW |= {"complete": True, "forgetting": {}, "trouble": None}


def test_no_word_is_broken_at_eighty_characters():
    """Neither a heading nor a mode is; names of versions may be. What it cannot know is said."""
    rows = [
        {"version": "v1", "modes": {"default": ["online"]}, "recipe": None, **ROW},
        {"version": "a-long-name-of-a-replay", "modes": {}, "recipe": {}, **ROW},
    ]
    shown = Console(width=80, file=StringIO(), color_system=None)
    for table in _versions({"versions": rows, "unplaced": ["games"]}):
        shown.print(table)
    assert isinstance(shown.file, StringIO)
    text = shown.file.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    for word in ("version", "revision", "behind", "workers", "records", "(online)", "12345", "policy,", "queries"):
        assert word in text
    assert "learned for games, too, never promoted" in " ".join(text.split())
