"""Packed strings."""

from zlib import crc32

from ltrr.retrievers.phrases.strings import Buckets, Found, Strings, bucketed, hashed, packed

TEXTS = ("love", "", "東京", "love story", "plumless", "buckeroo", "\ud800")


def test_found_by_text() -> None:
    """Every string has its number back, also where two have one hash; others have none."""
    assert crc32(b"plumless") == crc32(b"buckeroo")
    found = Found(hashed("x", TEXTS), "x")
    assert [found.find(text) for text in TEXTS] == list(range(len(TEXTS)))
    assert list(found) == list(TEXTS)
    assert found.find("lov") is None
    assert Found(hashed("x", ()), "x").find("love") is None


def test_read_by_number() -> None:
    """Strings that are not to be found take no room for that."""
    arrays = packed("x", TEXTS)
    assert len(arrays) == 2
    assert Strings(arrays, "x")[3] == "love story"


def test_buckets() -> None:
    """A string is under each of its keys, behind those that came before."""
    buckets = Buckets(bucketed("x", {"love": ("l", "e"), "lane": ("l", "e"), "": ("",)}), "x")
    assert buckets.get("l") == buckets.get("e") == ["love", "lane"]
    assert buckets.get("") == [""]
    assert buckets.get("x") == []
