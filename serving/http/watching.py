"""What the dashboard asks. Each answer is made of what this process has in memory, of bounded size."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query

from ltrr.models.records.entity import LONGEST_ID
from ltrr.serving.http.dashboard_replies import (
    HealthShown,
    LiveShown,
    QueriesShown,
    QueryShown,
    StepsShown,
    StrategiesShown,
    VersionsShown,
)
from ltrr.serving.http.refusals import refusals
from ltrr.serving.service.service import Service
from ltrr.serving.watching.summaries import Order

_ADDRESSED = 4_000
_ASKED = refusals(400, 401, 403, 408, 413)
_NAMED = {**_ASKED, **refusals(404, 422)}
_Application = Annotated[str | None, Query(max_length=LONGEST_ID)]


def settled(service: Service, needs: Sequence[Any]) -> Sequence[Any]:
    """Return what a route depends on that shows what was learned: it needs that, and all that was kept is learned."""
    return [*needs, Depends(service.settle)]


def add_watching(app: FastAPI, service: Service, needs: Sequence[Any]) -> None:
    """Add the routes. needs: dependencies of FastAPI, as `Guard.needs` makes them."""
    named: Any = {"dependencies": needs, "responses": _NAMED}
    learned: Any = {"dependencies": settled(service, needs), "responses": _NAMED}
    asked: Any = {"dependencies": needs, "responses": _ASKED}

    @app.get("/v1/dashboard/live", response_model=LiveShown, response_model_exclude_unset=True, **named)
    async def live(application: _Application = None) -> dict[str, Any]:
        """Show the last quarter of an hour in steps of 10 s, and the last searches and actions."""
        return service.watch.live(application)

    @app.get("/v1/dashboard/history", response_model=StepsShown, **named)
    async def history(span: Literal["15m", "3h", "24h"] = "3h", application: _Application = None) -> dict[str, Any]:
        """Show what happened in each step of a span, since this process started."""
        return service.watch.history(application, span)

    @app.get("/v1/dashboard/strategies", response_model=StrategiesShown, **learned)
    async def strategies(application: _Application = None) -> dict[str, Any]:
        """Show what each strategy is worth and costs, with intervals."""
        return service.watch.strategies(application)

    @app.get("/v1/dashboard/queries", response_model=QueriesShown, **named)
    async def queries(order: Order = Order.VOLUME, application: _Application = None) -> dict[str, Any]:
        """Show the queries of the last searches: all by volume, those without results, or those without actions."""
        return service.watch.queries(application, order)

    @app.get("/v1/dashboard/query", response_model=QueryShown, **named)
    async def query(
        query: Annotated[str, Query(max_length=_ADDRESSED)], application: _Application = None
    ) -> dict[str, Any]:
        """Show the last searches for a query, with their plans and pages."""
        return service.watch.query(query, application)

    @app.get("/v1/dashboard/health", response_model=HealthShown, **asked)
    async def health() -> dict[str, Any]:
        """Show readiness, freshness, and what went wrong since this process started."""
        return await service.health()

    @app.get("/v1/versions", response_model=VersionsShown, **asked)
    async def versions() -> dict[str, Any]:
        """Show the versions that there are, and what each application is served from."""
        return service.versions()
