"""Tests of retrievers.engines."""
