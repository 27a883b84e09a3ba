"""Tests of serving/service."""
