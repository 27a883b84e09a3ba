"""Tests of serving/versions."""
