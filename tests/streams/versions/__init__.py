"""Tests of streams/versions."""
