"""Tests of retrievers.generators."""
