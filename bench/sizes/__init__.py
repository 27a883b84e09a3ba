"""What `bench scale` measures at one size, in a process of its own: a catalogue, a memory, arms."""
