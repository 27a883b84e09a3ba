"""Pages with actions as a ranker that is trained in batches learns from them. Imports learning and ranking."""
