"""Tests of ltrr.retrievers.phrases."""
