"""A service under steady traffic, parts of which are killed: what its clients were told, and what is true."""
