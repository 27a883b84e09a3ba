"""Commands over what was learned: versions, replays, trained rankers, estimates. One file a command."""
