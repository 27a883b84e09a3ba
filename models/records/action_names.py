"""What actions are called: one name for the spellings of many sites."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

ACTION_ALIASES: Final = {
    "item_click": "click",
    "product_click": "click",
    "result_click": "click",
    "search_click": "click",
    "select_item": "click",
    "product_clicked": "click",
    "clicked": "click",
    "item_view": "view",
    "product_view": "view",
    "product_viewed": "view",
    "view_item": "view",
    "viewed": "view",
    "add_to_basket": "add_to_cart",
    "add_to_bag": "add_to_cart",
    "added_to_cart": "add_to_cart",
    "cart_add": "add_to_cart",
    "product_added": "add_to_cart",
    "product_added_to_cart": "add_to_cart",
    "buy": "purchase",
    "order": "purchase",
    "purchased": "purchase",
    "order_completed": "purchase",
    "order_placed": "purchase",
    "checkout_completed": "purchase",
    "add_to_favorites": "favourite",
    "add_to_favourites": "favourite",
    "add_to_wishlist": "favourite",
}
"""Other names of usual actions, in their plain form."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[\s\-.:/]+")


@lru_cache(maxsize=1024)
def plain_name(action_name: str) -> str:
    """Return a name as all spell it: `addToCart`, `add-to-cart` and `Add to cart` are `add_to_cart`."""
    return _GAP.sub("_", _HUMP.sub("_", action_name.strip())).lower()


def weighted_name(action_name: str, weights: Mapping[str, float], aliases: Mapping[str, str]) -> str | None:
    """Return the name under which an action has a weight: its own, its plain one, or that it is another name for.

    aliases: from names in their plain form. None where there is no weight.
    """
    if action_name in weights:
        return action_name
    plain = plain_name(action_name)
    return next((name for name in (plain, aliases.get(plain)) if name in weights), None)
