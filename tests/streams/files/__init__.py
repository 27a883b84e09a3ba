"""Tests of streams/files."""
