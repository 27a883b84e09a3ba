"""Tests of proposed mappings."""
