"""What is logged and asked: entities, queries, impressions, actions. Imports no other shelf."""
