"""The HTTP interface, the search page, and the client of both. Imports service."""
