"""Tests of `serving/inspection/`."""
