"""Tests of models/baseline."""
