"""The codes of hints, the most important first."""

from collections.abc import Mapping
from types import MappingProxyType

from supergraph.diagnostics.rule import Rule

_WARNINGS = {
    "INCONSISTENT_DEFAULT_VALUE_PRESENCE": Rule(
        "A default that not all subgraphs have is dropped.",
        "Give {at} the same default everywhere: {places}.",
    ),
    "INCONSISTENT_INPUT_OBJECT_FIELD": Rule(
        "An input field that not all subgraphs have is dropped.",
        "Add {at} to the other subgraphs that use the input.",
    ),
    "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM": Rule(
        "A value of an input enum that not all subgraphs have is dropped.",
        "Add {at} to the other subgraphs that use the enum.",
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE": Rule(
        "A directive for operations that not all subgraphs define is dropped.",
        "Define {at} in all subgraphs, or in none.",
    ),
    "NO_EXECUTABLE_DIRECTIVE_INTERSECTION": Rule(
        "A directive for operations has no location that all subgraphs allow, and is dropped.",
        "Define {at} alike in all subgraphs: {places}.",
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE": Rule(
        "A directive for operations is repeatable in some subgraphs only.",
        "Define {at} alike in all subgraphs: {places}.",
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS": Rule(
        "A directive for operations is allowed in different locations.",
        "Define {at} alike in all subgraphs: {places}.",
    ),
    "INCONSISTENT_DESCRIPTION": Rule(
        "Subgraphs describe one thing in different words.",
        "Describe {at} alike everywhere, or in one subgraph only: {places}.",
    ),
    "INCONSISTENT_ARGUMENT_PRESENCE": Rule(
        "An optional argument that not all subgraphs have is dropped.",
        "Add {at} to the other subgraphs that resolve the field.",
    ),
    "FROM_SUBGRAPH_DOES_NOT_EXIST": Rule(
        "A field is taken over from a subgraph that does not exist.",
        "Correct the subgraph's name in the @override at {places}, or drop the @override.",
    ),
    "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": Rule(
        "Subgraphs apply a directive with different arguments, of which one is chosen.",
        "Apply the directive to {at} with the same arguments everywhere: {places}.",
    ),
    "DIRECTIVE_COMPOSITION_WARN": Rule(
        "A composed directive is used in a subgraph that does not compose it.",
        "Add @composeDirective to the subgraph that uses {at}.",
    ),
    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN": Rule(
        "Subgraphs that share a field can return different types from it.",
        "Let all subgraphs know the same types for {at}, and return only those that all know.",
    ),
}

_INFORMATION = {
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE": Rule(
        "Subgraphs give a field different types, of which the widest is used.",
        "Give {at} the same type everywhere, if the difference is not meant: {places}.",
    ),
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE": Rule(
        "Subgraphs give an argument different types, of which the narrowest is used.",
        "Give {at} the same type everywhere, if the difference is not meant: {places}.",
    ),
    "INCONSISTENT_ENTITY": Rule(
        "A type has a key in some subgraphs only.",
        "Add the @key of {at} to the other subgraphs, if they are to be reached.",
    ),
    "OVERRIDDEN_FIELD_CAN_BE_REMOVED": Rule(
        "A field that another subgraph has taken over is not used any more.",
        "Delete {at} from the subgraph it was taken from: {places}.",
    ),
    "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED": Rule(
        "The subgraph that a field was taken over from does not have it any more.",
        "Drop the @override of {at} at {places}.",
    ),
    "OVERRIDE_MIGRATION_IN_PROGRESS": Rule(
        "A field is resolved by two subgraphs while it moves from one to the other.",
        "Drop the label of the @override of {at} when the move is over: {places}.",
    ),
    "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": Rule(
        "Subgraphs apply a directive with different arguments, which are merged.",
        "Apply the directive to {at} with the same arguments everywhere, if the difference is not meant: {places}.",
    ),
    "DIRECTIVE_COMPOSITION_INFO": Rule(
        "A @composeDirective is not needed, or subgraphs link different versions of its specification.",
        "Drop the @composeDirective, or link one version everywhere: {places}.",
    ),
    "IMPLICITLY_UPGRADED_FEDERATION_VERSION": Rule(
        "A feature needs a later version of federation than the subgraphs link.",
        "Link the later version of federation at {places}.",
    ),
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": Rule(
        "An argument is contextual in one subgraph and an ordinary one in another.",
        "Use @fromContext for {at} everywhere, or leave the argument out elsewhere: {places}.",
    ),
}

_DETAILS = {
    "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD": Rule(
        "A type without key does not have all its fields in every subgraph.",
        "Add {at} to the other subgraphs, if it is to be had from all of them.",
    ),
    "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD": Rule(
        "An interface does not have all its fields in every subgraph.",
        "Add {at} to the other subgraphs, if it is to be had from all of them.",
    ),
    "INCONSISTENT_UNION_MEMBER": Rule(
        "A union does not have all its members in every subgraph.",
        "Add the member to {at} in the other subgraphs, if they can return it.",
    ),
    "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM": Rule(
        "An output enum does not have all its values in every subgraph.",
        "Add {at} to the other subgraphs, if they can return it.",
    ),
    "UNUSED_ENUM_TYPE": Rule(
        "An enum is not used anywhere.",
        "Delete {at}, or use it: {places}.",
    ),
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE": Rule(
        "A directive for schemas is repeatable in some subgraphs only.",
        "Define {at} alike in all subgraphs: {places}.",
    ),
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS": Rule(
        "A directive for schemas is allowed in different locations.",
        "Define {at} alike in all subgraphs: {places}.",
    ),
}

HINT_RULES: Mapping[str, Rule] = MappingProxyType({**_WARNINGS, **_INFORMATION, **_DETAILS})
"""By code."""
