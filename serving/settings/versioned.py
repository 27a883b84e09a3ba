"""Settings by name that a version of the learned state can have of its own."""

SHAPING = (
    "action_aliases",
    "action_weights",
    "action_windows_s",
    "arms",
    "context_attributes",
    "estimate_looks",
    "half_life_s",
    "join_window_s",
    "ladder",
    "late_s",
    "max_calls",
    "memory_pairs",
    "memory_queries",
    "ordinal_base",
    "regressor",
    "senders",
    "session_s",
)
"""Settings that the recorded state depends on (see Learning.teaching): a version that was rebuilt keeps all of them."""
VERSIONED = (
    *SHAPING,
    "baseline",
    "caution",
    "exploration",
    "greed",
    "max_candidates",
    "memory_prior",
    "noise",
    "policy",
    "price_per_call",
    "price_per_candidate",
    "price_weight",
    "ranker_precision",
    "reward_precision",
)
"""Settings that a version can have of its own."""
