"""Tests of streams/state."""
