"""Plans, exact distributions over them, and how a page departs from its ranking. Imports statistics."""
