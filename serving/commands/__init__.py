"""The command line: one file a command, wired in cli. Imports all other shelves; none imports it."""
