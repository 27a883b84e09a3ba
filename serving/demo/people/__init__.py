"""Who searches in the demo: what they want, how they put it, what they click; Last.fm's listeners."""
