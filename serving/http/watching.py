"""What the dashboard asks. Each answer is made of what this process has in memory, of bounded size."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query

from ltrr.serving.service.service import Service
from ltrr.serving.watching.tables import Order


def add_watching(app: FastAPI, service: Service, needs: Sequence[Any]) -> None:
    """Add the routes. needs: dependencies of FastAPI, as `Guard.needs` makes them."""
    watch = service.watch

    @app.get("/v1/dashboard/live", dependencies=needs)
    async def live(application: str | None = None) -> dict[str, Any]:
        """Show the last quarter of an hour in steps of 10 s, and the last searches and actions."""
        return watch.live(application)

    @app.get("/v1/dashboard/history", dependencies=needs)
    async def history(span: Literal["15m", "3h", "24h"] = "3h", application: str | None = None) -> dict[str, Any]:
        """Show what happened in each step of a span, since this process started."""
        return watch.history(application, span)

    @app.get("/v1/dashboard/strategies", dependencies=needs)
    async def strategies(application: str | None = None) -> dict[str, Any]:
        """Show what each strategy is worth and costs, with intervals."""
        return watch.strategies(application)

    @app.get("/v1/dashboard/queries", dependencies=needs)
    async def queries(order: Order = Order.VOLUME, application: str | None = None) -> dict[str, Any]:
        """Show the queries of the last searches: all by volume, those without results, or those without actions."""
        return watch.queries(application, order)

    @app.get("/v1/dashboard/query", dependencies=needs)
    async def query(query: Annotated[str, Query(max_length=20_000)], application: str | None = None) -> dict[str, Any]:
        """Show the last searches for a query, with their plans and pages."""
        return watch.query(query, application)

    @app.get("/v1/dashboard/health", dependencies=needs)
    async def health() -> dict[str, Any]:
        """Show readiness, freshness, and what went wrong since this process started."""
        return await service.health()

    @app.get("/v1/versions", dependencies=needs)
    async def versions() -> dict[str, Any]:
        """Show the versions that there are, and what each application is served from."""
        return service.versions()
