"""Why a GraphQL request is refused before anything is fetched."""

from router.errors import ClientError, InternalError


class BadGraphqlRequestError(ClientError):
    """The parameters of a GraphQL request are not what GraphQL over HTTP asks for."""

    code = "BAD_REQUEST"
    title = "The request is not a GraphQL request."


class InvalidJsonError(BadGraphqlRequestError):
    """The body is not JSON."""

    code = "INVALID_JSON"
    title = "The body is not JSON."


class BatchingNotEnabledError(BadGraphqlRequestError):
    """The body is a list of requests."""

    code = "BATCHING_NOT_ENABLED"
    title = "Batches of requests are not enabled."


class PersistedQueryNotSupportedError(BadGraphqlRequestError):
    """The request has a hash and no document. Clients that know this code send the document."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    title = "Persisted queries are not supported."


class IntrospectionDisabledError(ClientError):
    """The operation asks for the schema."""

    code = "INTROSPECTION_DISABLED"
    title = "Introspection is not enabled."


class MutationByGetError(ClientError):
    """A GET request may be repeated and prefetched by anyone on the way, so it must not change anything."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    title = "Mutations must be sent by POST."

    def __init__(self) -> None:
        super().__init__(headers={"Allow": "POST"})


class SubscriptionNotSupportedError(ClientError):
    """The operation is a subscription."""

    code = "SUBSCRIPTION_NOT_SUPPORTED"
    title = "Subscriptions are not supported in this version."


class PlanningTimeoutError(ClientError):
    """The operation takes longer to plan than ``supergraph.query_planning.timeout``."""

    code = "QUERY_PLANNING_TIMEOUT"
    title = "The operation is too complex to plan in time."


class PlanningFailedError(InternalError):
    """The planner knows no way to answer a valid operation."""

    code = "QUERY_PLANNING_FAILED"
    title = "The operation could not be planned."


class PlanTooComplexError(ClientError):
    """Planning was given up: a limit on its effort was reached."""

    code = "QUERY_PLAN_COMPLEXITY_EXCEEDED"
    title = "The operation is too complex to plan."
