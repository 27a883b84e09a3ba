"""A mapping for a file that comes without one."""
