"""Tests of retrievers."""
