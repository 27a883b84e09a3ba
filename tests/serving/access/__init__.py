"""Tests of serving/access."""
