"""Tests of serving/retrieval."""
