"""Attributes that tell whom to reach: addresses of mail, telephone numbers, names of accounts.

They are kept and shown as all attributes are, and nobody finds anything by them: they name nothing, describe nothing,
and narrow nothing down.
"""

import re
from collections.abc import Collection
from typing import Final

_MOST: Final = 0.5
_MAIL: Final = re.compile(r"[^\s@]@[^\s@]+\.\w")
_TELEPHONE: Final = re.compile(r"(\+\d|\(?0\d)[\d ()/.-]{6,}")
_ACCOUNT: Final = re.compile(r"[a-z][-_.a-z0-9]*")
_BETWEEN: Final = re.compile(r"[\W_]")
_OF_ACCOUNTS: Final = ("login", "user", "nick", "account", "maintainer", "author", "uploader")


def is_contact(attribute: str, values: Collection[str]) -> bool:
    """Tell whether most values of an attribute, as they are written, are contacts.

    Accounts look as other words do: theirs are words in small letters of an attribute that is called like one.
    """
    account = _BETWEEN.sub("", attribute.lower()).removesuffix("name").endswith(_OF_ACCOUNTS)
    found = sum(
        bool(_MAIL.search(value) or _TELEPHONE.fullmatch(value) or (account and _ACCOUNT.fullmatch(value)))
        for value in values
    )
    return found > _MOST * len(values)
