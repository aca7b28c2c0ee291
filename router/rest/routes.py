"""All REST routes of one snapshot, and which of them answers a request.

    http ──▶ RestRoutes.match ──▶ policies ──▶ the match's handler ──▶ operation | proxy | terminated
             ▲ you are here

The first route whose path and method fit answers. A path that only fits with other methods is matched too: the request
passes the policies under the name of the first such route, and its handler says 405 with ``Allow``.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from graphql import GraphQLSchema

from router.config.problems import ConfigError, ConfigProblem
from router.config.rest import RestSection, RouteSection
from router.errors import GatewayTimeoutError, MethodNotAllowedError
from router.policy.pipeline import Handler
from router.policy.request import Request, Response
from router.rest.load import load_operation
from router.rest.operation_route import OperationRoute, RunOperation
from router.rest.path import Template, parse_template, split_path
from router.rest.proxy_route import Forwards, ProxyRoute, TraceHeaders, load_proxy_route
from router.rest.terminated_route import TerminatedRoute
from router.upstream.forward import Forwarder

Target = OperationRoute | ProxyRoute | TerminatedRoute
"""What answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One route with everything that it needs to answer.

    Attributes:
        template: The whole path, ``base_path`` included.
        methods: HEAD included where GET is.
    """

    section: RouteSection
    template: Template
    methods: frozenset[str]
    target: Target


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RouteMatch:
    """Where a request leads.

    Attributes:
        name: The route's name, for metrics, logs and requirements.
        path: The route's template, for metrics and spans.
        handler: Answers the request once the policies let it pass; raises ``RequestError``.
    """

    name: str
    path: str
    handler: Handler


class RestRoutes:
    """The routes, in the order of the configuration.

    Args:
        section: The configuration, with file names made absolute.
        schema: The API schema, which operations are checked against.
        run: Runs an operation.
        trace: Knows the current trace.
        proxy_timeout_seconds: For proxy routes without a timeout of their own.
        forwarder: Sends their requests; closed with the routes.

    Raises:
        ConfigError: With every problem of every route.
    """

    def __init__(
        self,
        section: RestSection,
        *,
        schema: GraphQLSchema,
        run: RunOperation,
        trace: TraceHeaders,
        proxy_timeout_seconds: float,
        forwarder: Forwards | None = None,
    ) -> None:
        self._forwarder: Forwards = forwarder or Forwarder()
        problems: list[ConfigProblem] = []
        routes: list[Route] = []
        for route in section.routes:
            template = parse_template(_join(section.base_path, route.path))
            try:
                if route.operation is not None:
                    target: Target = _operation_route(route, template, schema, run)
                elif route.terminate is not None:
                    target = TerminatedRoute(route.terminate)
                else:
                    target = load_proxy_route(
                        route,
                        default_timeout_seconds=proxy_timeout_seconds,
                        forwarder=self._forwarder,
                        trace=trace,
                        path=template.text,
                    )
            except ConfigError as error:
                problems += error.problems
            except ValueError as error:
                problems.append(_problem(route, str(error)))
            else:
                routes.append(Route(route, template, _methods(route), target))
        problems += _conflicts(section)
        if problems:
            raise ConfigError(problems)
        self.routes = tuple(routes)

    def match(self, method: str, path: str) -> RouteMatch | None:
        """The route for a request, or ``None`` if none has its path.

        Raises:
            BadPathError: The path is refused, whichever routes there are.
        """
        if not self.routes:
            return None
        segments = split_path(path)
        fitting: list[Route] = []
        for route in self.routes:
            parameters = route.template.match(segments)
            if parameters is None:
                continue
            if method in route.methods:
                return _match(route, partial(_answer, route, parameters))
            fitting.append(route)
        return _match(fitting[0], partial(_refuse_method, _allowed(fitting))) if fitting else None

    async def aclose(self) -> None:
        """Close the connections to services."""
        await self._forwarder.aclose()


def _operation_route(
    section: RouteSection, template: Template, schema: GraphQLSchema, run: RunOperation
) -> OperationRoute:
    loaded = load_operation(section, template, schema)
    return OperationRoute(
        section=section,
        document=loaded.document,
        operation_name=loaded.operation_name,
        variables=loaded.variables,
        run=run,
    )


def _match(route: Route, handler: Handler) -> RouteMatch:
    return RouteMatch(name=route.section.name, path=route.template.text, handler=handler)


async def _answer(route: Route, parameters: Mapping[str, str], request: Request) -> Response:
    try:
        async with asyncio.timeout(route.section.timeout):
            return await route.target.answer(request, parameters)
    except TimeoutError as error:
        raise GatewayTimeoutError(f"route {route.section.name} did not answer in time") from error


async def _refuse_method(allowed: str, request: Request) -> Response:
    # A preflight never comes here, the CORS policy answers it. This is someone who asks what there is.
    # https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7
    if request.method == "OPTIONS":
        response = Response(status=204)
        response.headers["Allow"] = allowed
        return response
    raise MethodNotAllowedError(f"This path allows {allowed}.", headers={"Allow": allowed})


def _allowed(routes: Sequence[Route]) -> str:
    return ", ".join(sorted({"OPTIONS", *(method for route in routes for method in route.methods)}))


def _methods(route: RouteSection) -> frozenset[str]:
    methods: set[str] = set(route.allowed_methods)
    return frozenset(methods | {"HEAD"} if "GET" in methods else methods)


def _join(base_path: str, path: str) -> str:
    return base_path if base_path and path == "/" else base_path + path


def _conflicts(section: RestSection) -> Iterator[ConfigProblem]:
    """Routes that can never answer because an earlier one takes their requests, and names that are used twice."""
    earlier: list[tuple[RouteSection, Template]] = []
    for route in section.routes:
        template = parse_template(_join(section.base_path, route.path))
        if route.name == "graphql":
            yield _problem(route, 'the name "graphql" is taken by the GraphQL door')
        for other, other_template in earlier:
            if other.name == route.name:
                yield _problem(route, "another route has the same name")
            shared = sorted(_methods(other) & _methods(route))
            if shared and other_template.covers(template):
                yield _problem(
                    route,
                    f"route {other.name} ({other_template.text}) stands before it and takes its "
                    f"{', '.join(shared)} requests",
                )
        earlier.append((route, template))


def _problem(route: RouteSection, text: str) -> ConfigProblem:
    return ConfigProblem("", 0, 0, f"rest.routes: route {route.name}: {text}")
