"""Tests of serving/watching."""
