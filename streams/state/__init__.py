"""Learned state on its compacted topics: keys, one writer for each partition, followers. Imports events and kafka."""
