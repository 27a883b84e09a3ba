"""Tests of serving/decisions."""
