"""The names and values of a catalogue: by text, spelling and words. What is packed is mapped from a file."""
