"""What engines keep of an entity: terms, words, vectors. Imports requests and encoders."""
