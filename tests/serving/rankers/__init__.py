"""Tests of serving/rankers."""
