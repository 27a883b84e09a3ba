"""Tests of models/state."""
