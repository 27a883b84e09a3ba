"""Benches that need real servers."""
