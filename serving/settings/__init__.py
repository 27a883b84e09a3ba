"""Settings of a process, and what follows from them alone. Imports no other shelf."""
