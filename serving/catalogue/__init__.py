"""Files of the catalogue, loading them, and building indexes anew."""
