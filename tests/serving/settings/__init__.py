"""Tests of serving/settings."""
