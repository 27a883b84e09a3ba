"""Tests of retrievers.strategies."""
