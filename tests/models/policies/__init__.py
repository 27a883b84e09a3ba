"""Tests of models/policies."""
