"""Learned state as searches are decided with it, and in which mode. Imports rankers and settings."""
