"""Tests of models/records."""
