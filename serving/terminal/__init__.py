"""What commands read from, and write to, a terminal. Imports no other shelf."""
