"""Tests of streams/embedded."""
