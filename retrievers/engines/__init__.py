"""Engines: one module for each implementation of retrievers.engine.Engine."""
