"""Tests of serving/terminal."""
