"""Tests of ltrr.retrievers.generators."""
