"""The codes of errors, in the order in which composition can raise them."""

from collections.abc import Mapping
from types import MappingProxyType

from supergraph.diagnostics.rule import Rule


def _field_set_rules(directive: str, code: str) -> dict[str, Rule]:
    """The codes that @key, @requires and @provides have alike."""
    return {
        f"{code}_INVALID_FIELDS_TYPE": Rule(
            f"The argument fields of @{directive} must be a string.",
            f'Write the fields of @{directive} at {{places}} as one string, for example "id name".',
        ),
        f"{code}_INVALID_FIELDS": Rule(
            f"The argument fields of @{directive} must select fields that exist, without aliases.",
            f"Correct the fields of @{directive} at {{places}}: name fields of the type, with a selection where they "
            "are objects.",
        ),
        f"{code}_DIRECTIVE_IN_FIELDS_ARG": Rule(
            f"The argument fields of @{directive} cannot apply directives.",
            f"Take the directives out of the fields of @{directive} at {{places}}.",
        ),
        f"{code}_UNSUPPORTED_ON_INTERFACE": Rule(
            f"@{directive} cannot be used here on an interface.",
            f"Take @{directive} off {{at}} and put it on the types that implement the interface.",
        ),
    }


_DOCUMENT = {
    "INVALID_GRAPHQL": Rule(
        "A document breaks a rule of GraphQL itself.",
        "Correct the SDL where the marker stands; every GraphQL tool will accept it then.",
    ),
    "INVALID_SUBGRAPH_NAME": Rule(
        "The name of a subgraph is reserved.",
        "Give the subgraph another name in the configuration.",
    ),
    "DIRECTIVE_DEFINITION_INVALID": Rule(
        "A subgraph defines a known directive in another way than its specification.",
        "Delete the definition of {at} at {places}: @link brings the right one.",
    ),
    "TYPE_DEFINITION_INVALID": Rule(
        "A subgraph defines a type of a linked specification in another way than that specification.",
        "Delete the definition of {at} at {places}, or rename the type.",
    ),
    "ROOT_QUERY_USED": Rule(
        "A type is called Query but is not the query root type.",
        "Rename the type Query at {places}, or make it the query root type.",
    ),
    "ROOT_MUTATION_USED": Rule(
        "A type is called Mutation but is not the mutation root type.",
        "Rename the type Mutation at {places}, or add mutation: Mutation to the schema definition.",
    ),
    "ROOT_SUBSCRIPTION_USED": Rule(
        "A type is called Subscription but is not the subscription root type.",
        "Rename the type Subscription at {places}, or add subscription: Subscription to the schema definition.",
    ),
    "UNSUPPORTED_FEATURE": Rule(
        "The subgraphs use something legal that is not supported.",
        "Do without {at}.",
    ),
    "INVALID_FEDERATION_SUPERGRAPH": Rule(
        "A document is not a supergraph that can be used.",
        "Compose the supergraph again.",
    ),
    "DOWNSTREAM_SERVICE_ERROR": Rule(
        "A subgraph answered a request with an error.",
        "Look at the subgraph's log.",
    ),
}

_LINKS = {
    "UNSUPPORTED_LINKED_FEATURE": Rule(
        "A linked specification must be honoured and is not known.",
        "Remove the @link at {places}.",
    ),
    "UNKNOWN_FEDERATION_LINK_VERSION": Rule(
        "A subgraph links a version of federation that does not exist.",
        "Link a version of federation from v2.0 to v2.14 at {places}.",
    ),
    "UNKNOWN_LINK_VERSION": Rule(
        "A subgraph links a version of a specification that does not exist.",
        "Link a version that exists at {places}; of the link specification itself that is v1.0.",
    ),
    "INVALID_LINK_DIRECTIVE_USAGE": Rule(
        "An application of @link contradicts itself, another one, or the linked specification.",
        "Correct the @link at {places}: one for each specification, each import once and by a name that exists.",
    ),
    "INVALID_LINK_IDENTIFIER": Rule(
        "The url of a @link is not that of a specification with a version.",
        'Write the url at {places} as "https://host/name/v1.0".',
    ),
    "LINK_IMPORT_NAME_MISMATCH": Rule(
        "Subgraphs call the same directive by different names.",
        "Import {at} under one name in all subgraphs: {places}.",
    ),
}

_FIELD_SETS = {
    **_field_set_rules("key", "KEY"),
    **_field_set_rules("requires", "REQUIRES"),
    **_field_set_rules("provides", "PROVIDES"),
    "KEY_FIELDS_HAS_ARGS": Rule(
        "A field of a @key cannot take arguments.",
        "Choose a key of {at} that is made of fields without arguments.",
    ),
    "KEY_FIELDS_SELECT_INVALID_TYPE": Rule(
        "A field of a @key cannot be an interface or a union.",
        "Choose a key of {at} that is made of scalars, enums and objects.",
    ),
    "PROVIDES_FIELDS_HAS_ARGS": Rule(
        "A field of a @provides cannot take arguments.",
        "Leave fields with arguments out of the @provides at {places}.",
    ),
    "PROVIDES_FIELDS_MISSING_EXTERNAL": Rule(
        "A @provides names a field that the subgraph resolves anyway.",
        "Mark the provided field @external in this subgraph, or drop the @provides at {places}.",
    ),
    "REQUIRES_FIELDS_MISSING_EXTERNAL": Rule(
        "A @requires names a field that the subgraph resolves itself.",
        "Mark the required field @external in this subgraph, or drop the @requires at {places}.",
    ),
    "PROVIDES_ON_NON_OBJECT_FIELD": Rule(
        "A field with @provides must lead to an object type.",
        "Drop the @provides of {at}.",
    ),
}

_EXTERNAL = {
    "EXTERNAL_UNUSED": Rule(
        "An @external field is not used by any @key, @requires, @provides or interface.",
        "Delete {at} at {places}, or use it in a @requires, @provides or @key.",
    ),
    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE": Rule(
        "@external cannot stand together with another directive of the field.",
        "Take @external or the other directive off {at} at {places}.",
    ),
    "EXTERNAL_ON_INTERFACE": Rule(
        "A field of an interface cannot be @external.",
        "Take @external off {at}, and mark the fields of the implementing types where that is meant.",
    ),
    "EXTERNAL_MISSING_ON_BASE": Rule(
        "A field is @external in every subgraph that has it.",
        "Resolve {at} in one subgraph: define it there without @external.",
    ),
    "EXTERNAL_TYPE_MISMATCH": Rule(
        "An @external field has another type than the field it stands for.",
        "Give {at} the same type everywhere: {places}.",
    ),
    "EXTERNAL_ARGUMENT_MISSING": Rule(
        "An @external field lacks an argument of the field it stands for.",
        "Declare {at} wherever the field is @external: {places}.",
    ),
    "EXTERNAL_ARGUMENT_TYPE_MISMATCH": Rule(
        "An argument of an @external field has another type than in the field it stands for.",
        "Give {at} the same type everywhere: {places}.",
    ),
    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH": Rule(
        "An argument of an @external field has another default than in the field it stands for.",
        "Give {at} the same default everywhere: {places}.",
    ),
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL": Rule(
        "A directive that reaches the supergraph cannot stand on an @external field.",
        "Move the directive from {at} at {places} to the subgraph that resolves the field.",
    ),
    "TYPE_WITH_ONLY_UNUSED_EXTERNAL": Rule(
        "Nothing is left of a type without its unused @external fields.",
        "Delete {at} at {places}, or use its fields.",
    ),
}

_SHARING = {
    "INVALID_FIELD_SHARING": Rule(
        "Several subgraphs resolve a field that not all of them mark as shared.",
        "Add @shareable to {at} where it is missing ({places}), or keep it in one subgraph only.",
    ),
    "INVALID_SHAREABLE_USAGE": Rule(
        "@shareable cannot be used here.",
        "Take @shareable off {at} at {places}: it belongs on fields of object types, once.",
    ),
    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES": Rule(
        "Subgraphs that share a field have no type in common that it could return.",
        "Let all subgraphs return the same types from {at}: add the missing implementations or union members.",
    ),
    "OVERRIDE_FROM_SELF_ERROR": Rule(
        "A field cannot be taken over from its own subgraph.",
        "Name another subgraph in the @override of {at}, or drop it.",
    ),
    "OVERRIDE_SOURCE_HAS_OVERRIDE": Rule(
        "A field is taken over from a subgraph that takes it over itself.",
        "Keep @override on {at} in one subgraph only: {places}.",
    ),
    "OVERRIDE_ON_INTERFACE": Rule(
        "A field of an interface cannot be taken over.",
        "Take @override off {at}, and put it on the fields of the implementing types.",
    ),
    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE": Rule(
        "@override cannot stand together with another directive of the field.",
        "Take @override or the other directive off {at} at {places}.",
    ),
    "OVERRIDE_LABEL_INVALID": Rule(
        "The label of an @override is not of the known form.",
        'Write the label of {at} as percent(0) to percent(100), or as a word: "my_label".',
    ),
}

_MERGING = {
    "NO_QUERIES": Rule(
        "No subgraph has a query.",
        "Add a field to the type Query of a subgraph.",
    ),
    "TYPE_KIND_MISMATCH": Rule(
        "Subgraphs use one name for types of different kinds.",
        "Rename {at} in one of the subgraphs, or make it the same kind everywhere: {places}.",
    ),
    "EXTENSION_WITH_NO_BASE": Rule(
        "A type is extended that no subgraph defines.",
        "Define {at} in a subgraph, or write type instead of extend type at {places}.",
    ),
    "FIELD_TYPE_MISMATCH": Rule(
        "Subgraphs give a field types that do not fit together.",
        "Give {at} the same type everywhere: {places}.",
    ),
    "FIELD_ARGUMENT_TYPE_MISMATCH": Rule(
        "Subgraphs give an argument types that do not fit together.",
        "Give {at} the same type everywhere: {places}.",
    ),
    "FIELD_ARGUMENT_DEFAULT_MISMATCH": Rule(
        "Subgraphs give an argument different defaults.",
        "Give {at} the same default everywhere: {places}.",
    ),
    "INPUT_FIELD_DEFAULT_MISMATCH": Rule(
        "Subgraphs give an input field different defaults.",
        "Give {at} the same default everywhere: {places}.",
    ),
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH": Rule(
        "An argument that must be given is not known to all subgraphs that resolve the field.",
        "Add {at} to the other subgraphs, or make it optional at {places}.",
    ),
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH": Rule(
        "An input field that must be given is not known to all subgraphs that use the input.",
        "Add {at} to the other subgraphs, or make it optional at {places}.",
    ),
    "EMPTY_MERGED_INPUT_TYPE": Rule(
        "Subgraphs have no field of an input type in common.",
        "Give {at} a field that all of them have: {places}.",
    ),
    "EMPTY_MERGED_ENUM_TYPE": Rule(
        "Subgraphs have no value of an enum in common.",
        "Give {at} a value that all of them have: {places}.",
    ),
    "ENUM_VALUE_MISMATCH": Rule(
        "An enum that is used for input and for output differs between subgraphs.",
        "Give {at} the same values everywhere: {places}.",
    ),
    "DIRECTIVE_COMPOSITION_ERROR": Rule(
        "A @composeDirective cannot be followed.",
        "Correct the @composeDirective at {places}: one imported directive, of one version and definition everywhere.",
    ),
}

_INTERFACES = {
    "INTERFACE_FIELD_NO_IMPLEM": Rule(
        "A type lacks a field that its interface has in another subgraph.",
        "Add the field to the types that lack it, or take it out of the interface at {places}.",
    ),
    "INTERFACE_OBJECT_USAGE_ERROR": Rule(
        "A type with @interfaceObject does not agree with the interface it stands for.",
        "Give {at} the @key of the interface, define the interface in another subgraph, and no implementation here.",
    ),
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION": Rule(
        "A type lacks the key of its interface.",
        "Add the interface's @key, resolvable, to every implementing type of the subgraph: {places}.",
    ),
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE": Rule(
        "A subgraph with a key on an interface must know all its implementations.",
        "Define the missing implementations of {at} in the subgraph, or drop the interface's @key at {places}.",
    ),
}

_INACCESSIBLE = {
    "REFERENCED_INACCESSIBLE": Rule(
        "Something visible has a hidden type.",
        "Mark what refers to {at} @inaccessible as well, or show {at}.",
    ),
    "DEFAULT_VALUE_USES_INACCESSIBLE": Rule(
        "A visible default uses something hidden.",
        "Change the default, or show {at}.",
    ),
    "QUERY_ROOT_TYPE_INACCESSIBLE": Rule(
        "The query root type is hidden.",
        "Take @inaccessible off the query root type at {places}, or off one of its fields.",
    ),
    "REQUIRED_INACCESSIBLE": Rule(
        "Something that clients must give is hidden from them.",
        "Make {at} optional, or show it.",
    ),
    "IMPLEMENTED_BY_INACCESSIBLE": Rule(
        "A visible interface needs something that is hidden.",
        "Show {at}, or hide it in the interface too.",
    ),
    "DISALLOWED_INACCESSIBLE": Rule(
        "Something that GraphQL or a specification defines cannot be hidden.",
        "Take @inaccessible off {at}.",
    ),
    "ONLY_INACCESSIBLE_CHILDREN": Rule(
        "Everything in a visible type is hidden.",
        "Mark {at} itself @inaccessible, or show one of its parts.",
    ),
}

_CONTEXT = {
    "CONTEXT_NAME_INVALID": Rule(
        "The name of a @context is not a name.",
        "Call the context at {places} by letters and digits, without underscores.",
    ),
    "CONTEXT_NOT_SET": Rule(
        "A @fromContext names a context that no type sets.",
        "Set the context with @context on a type that leads to {at}, or correct its name at {places}.",
    ),
    "NO_CONTEXT_IN_SELECTION": Rule(
        "The value of a @fromContext names no context.",
        'Begin the field of @fromContext at {places} with the context: "$name {{ field }}".',
    ),
    "CONTEXT_INVALID_SELECTION": Rule(
        "A @fromContext selects something that the context does not have, or not one value.",
        "Select one field that every type with the context has, and that has the argument's type, at {places}.",
    ),
    "CONTEXT_NO_RESOLVABLE_KEY": Rule(
        "A type with contextual arguments has no key to come back by.",
        "Add a resolvable @key to the type of {at}.",
    ),
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": Rule(
        "An argument is contextual in one subgraph and must be given in another.",
        "Use @fromContext for {at} everywhere, or make it optional elsewhere: {places}.",
    ),
}

_AUTHORIZATION_AND_COST = {
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE": Rule(
        "Interfaces and interface objects cannot have requirements of their own.",
        "Move the requirement from {at} to the types that implement the interface.",
    ),
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS": Rule(
        "A field reads protected fields but does not ask for what they ask.",
        "Repeat the requirements of the fields that {at} reads on {at}.",
    ),
    "COST_APPLIED_TO_INTERFACE_FIELD": Rule(
        "A field of an interface cannot have a cost.",
        "Move @cost from {at} to the fields of the implementing types.",
    ),
    "LIST_SIZE_APPLIED_TO_NON_LIST": Rule(
        "@listSize is for lists.",
        "Take @listSize off {at}, or name lists in its sizedFields.",
    ),
    "LIST_SIZE_INVALID_ASSUMED_SIZE": Rule(
        "The assumed size of a list is negative.",
        "Give assumedSize of {at} a number from 0.",
    ),
    "LIST_SIZE_INVALID_SLICING_ARGUMENT": Rule(
        "A slicing argument of @listSize is no integer argument of the field.",
        "Name Int arguments of {at} in slicingArguments.",
    ),
    "LIST_SIZE_INVALID_SIZED_FIELD": Rule(
        "A sized field of @listSize is no list below the field.",
        "Name list fields of the type of {at} in sizedFields.",
    ),
}

_SATISFIABILITY = {
    "SATISFIABILITY_ERROR": Rule(
        "Clients could ask for something that no subgraph can be asked for.",
        "Give the type a resolvable @key in the subgraphs that cannot be reached, or resolve {at} where the operation "
        "comes from, with @shareable on both sides.",
    ),
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": Rule(
        "There are too many ways through the subgraphs to check them all.",
        "Use fewer different keys for the same types.",
    ),
}

ERROR_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        **_DOCUMENT,
        **_LINKS,
        **_FIELD_SETS,
        **_EXTERNAL,
        **_SHARING,
        **_MERGING,
        **_INTERFACES,
        **_INACCESSIBLE,
        **_CONTEXT,
        **_AUTHORIZATION_AND_COST,
        **_SATISFIABILITY,
    }
)
"""By code."""
