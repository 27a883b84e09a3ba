"""Tests of serving/publishing."""
