"""Files that outlive a crash. Imports no other shelf."""
