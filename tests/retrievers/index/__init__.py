"""Tests of retrievers/index."""
