"""Tests of serving/catalogue."""
