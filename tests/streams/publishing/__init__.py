"""Tests of streams/publishing."""
