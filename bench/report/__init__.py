"""What `make bench-report` runs, and the table that it writes into bench/README.md."""
