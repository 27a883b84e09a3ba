"""Tests of serving/search."""
