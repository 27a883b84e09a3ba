"""What the interface says of itself."""

from ltrr.serving.http.api import create_app
from tests.serving.shop import Shop


def test_operations_have_names_of_their_own(shop: Shop) -> None:
    """No two operations of openapi.json have one id, from which clients are generated."""
    paths = create_app(shop.service, close=False).openapi()["paths"]
    ids = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert len(ids) == len(set(ids))
