"""Tests of streams/workers."""
