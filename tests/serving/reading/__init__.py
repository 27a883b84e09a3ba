"""Tests of serving/reading."""
