"""Learning to rank and retrieve. The packages of the repository's folders, which stand here as links."""
