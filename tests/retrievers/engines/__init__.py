"""Tests of ltrr.retrievers.engines."""
