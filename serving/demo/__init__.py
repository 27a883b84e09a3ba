"""The world of the demo: a music catalogue, listeners who search it, and how they click; and Last.fm's real ones."""
