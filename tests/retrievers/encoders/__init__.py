"""Tests of ltrr.retrievers.encoders."""
