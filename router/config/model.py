"""The whole configuration: one field for each block of ``router.yaml``, with every default."""

from collections.abc import Mapping
from typing import Literal

from router.config.authentication import AuthenticationSection
from router.config.authorization import AuthorizationSection
from router.config.coprocessor import CoprocessorSection
from router.config.demand_control import DemandControlSection
from router.config.execution import ExecutionSection
from router.config.headers import HeadersSection
from router.config.masking import IncludeSubgraphErrors
from router.config.plugins import PluginSection
from router.config.policies import PoliciesSection
from router.config.ratelimit import RateLimitSection
from router.config.response_extensions import ResponseExtensionsSection
from router.config.rest import RestSection
from router.config.section import Section
from router.config.security import CorsSection, CsrfSection, LimitsConfig, SecuritySection
from router.config.server import HealthCheckSection, ServerSection
from router.config.supergraph import SubgraphSection, SupergraphSection
from router.config.telemetry import TelemetrySection
from router.config.tls import TlsSection
from router.config.traffic import TrafficShapingSection


class Config(Section):
    """What a gateway is told; every block can be left out."""

    version: Literal[1] = 1
    """Version of this format."""

    supergraph: SupergraphSection = SupergraphSection()
    subgraphs: Mapping[str, SubgraphSection] = {}
    """The subgraphs to compose, by name."""

    override_subgraph_url: Mapping[str, str] = {}
    """URLs that replace those of the supergraph, by subgraph."""

    execution: ExecutionSection = ExecutionSection()
    headers: HeadersSection = HeadersSection()
    cors: CorsSection = CorsSection()
    csrf: CsrfSection = CsrfSection()
    authentication: AuthenticationSection = AuthenticationSection()
    authorization: AuthorizationSection = AuthorizationSection()
    limits: LimitsConfig = LimitsConfig()
    demand_control: DemandControlSection = DemandControlSection()
    ratelimit: RateLimitSection = RateLimitSection()
    security: SecuritySection = SecuritySection()
    policies: PoliciesSection = PoliciesSection()
    plugins: tuple[PluginSection, ...] = ()
    """Policies of your own, in Python."""

    coprocessor: CoprocessorSection | None = None
    traffic_shaping: TrafficShapingSection = TrafficShapingSection()
    tls: TlsSection = TlsSection()
    rest: RestSection = RestSection()
    include_subgraph_errors: IncludeSubgraphErrors = IncludeSubgraphErrors()
    response_extensions: ResponseExtensionsSection = ResponseExtensionsSection()
    telemetry: TelemetrySection = TelemetrySection()
    server: ServerSection = ServerSection()
    health_check: HealthCheckSection = HealthCheckSection()
