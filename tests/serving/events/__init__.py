"""Tests of serving/events."""
