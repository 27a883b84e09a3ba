"""What a site's own names of actions stand for."""

from collections.abc import Mapping

from ltrr.models.errors import InvalidSettings
from ltrr.models.records.action_names import ACTION_ALIASES, plain_name


def with_aliases(own: Mapping[str, str], weights: Mapping[str, float]) -> dict[str, str]:
    """Return the usual other names with a site's own, in their plain form.

    Raises InvalidSettings where one stands for a name that has no weight.
    """
    wrong = sorted(set(own.values()) - weights.keys())
    if wrong:
        raise InvalidSettings(
            f"LTRR_ACTION_ALIASES: {', '.join(wrong)} has no weight; LTRR_ACTION_WEIGHTS has "
            f"{', '.join(sorted(weights))}"
        )
    return ACTION_ALIASES | {plain_name(name): stands for name, stands in own.items()}
