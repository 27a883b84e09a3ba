"""Tests of streams/events."""
