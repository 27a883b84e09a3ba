"""Tests of models/learning."""
