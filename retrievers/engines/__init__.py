"""Engines: one module for each implementation of ltrr.retrievers.engines.base.Engine."""
