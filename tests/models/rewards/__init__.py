"""Tests of models/rewards."""
