"""Tests of models/statistics."""
