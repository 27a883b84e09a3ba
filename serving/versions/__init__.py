"""Serve each application from its active version, and say what is known of versions."""
