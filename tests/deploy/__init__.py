"""Tests of what deploys ltrr."""
