"""Tests of serving/processes."""
