"""Tests of ltrr.retrievers.strategies."""
