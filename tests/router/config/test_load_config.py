from pathlib import Path
from typing import Protocol

import pytest

from router.config.load import load_config
from router.config.problems import ConfigError
from router.config.supergraph import IntrospectionSection


class Write(Protocol):
    def __call__(self, text: str, name: str = "router.yaml", /) -> Path: ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str, name: str = "router.yaml", /) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_file


def problems(*paths: Path, environ: dict[str, str] | None = None) -> list[tuple[int, int, str]]:
    with pytest.raises(ConfigError) as caught:
        load_config(paths, environ or {})
    return [(problem.line, problem.column, problem.message) for problem in caught.value.problems]


def test_no_file_gives_the_defaults() -> None:
    config = load_config([], {})
    assert config.supergraph.listen == "127.0.0.1:4000"
    assert config.supergraph.introspection is False


def test_an_empty_file_gives_the_defaults(write: Write) -> None:
    assert load_config([write("")], {}) == load_config([], {})


def test_a_later_file_wins_key_by_key(write: Write) -> None:
    first = write("supergraph: {path: /one, introspection: true}\nserver: {workers: 2}", "a.yaml")
    second = write("supergraph: {path: /two}", "b.yaml")
    config = load_config([first, second], {})
    assert (config.supergraph.path, config.supergraph.introspection, config.server.workers) == ("/two", True, 2)


def test_a_list_in_a_later_file_replaces_the_earlier_one(write: Write) -> None:
    first = write("csrf: {required_headers: [a, b]}", "a.yaml")
    second = write("csrf: {required_headers: [c]}", "b.yaml")
    assert load_config([first, second], {}).csrf.required_headers == ("c",)


def test_an_unknown_key_is_refused_where_it_stands_with_the_nearest_known_key(write: Write) -> None:
    path = write("version: 1\nlimits:\n  max_deptth: 3\n")
    assert problems(path) == [(3, 3, 'limits.max_deptth: unknown key; did you mean "max_depth"?')]


def test_an_unknown_key_inside_a_list_is_placed(write: Write) -> None:
    path = write("cors:\n  policies:\n    - origins: [a]\n      metods: [GET]\n")
    assert problems(path) == [(4, 7, 'cors.policies.0.metods: unknown key; did you mean "methods"?')]


def test_a_key_without_a_likeness_is_refused_without_a_guess(write: Write) -> None:
    assert problems(write("zzzzqqqq: 1")) == [(1, 1, "zzzzqqqq: unknown key")]


def test_a_mistake_is_placed_in_the_file_that_made_it(write: Write) -> None:
    first = write("limits: {max_depth: 3}", "a.yaml")
    second = write("limits:\n  max_depth: deep", "b.yaml")
    with pytest.raises(ConfigError) as caught:
        load_config([first, second], {})
    assert [problem.file for problem in caught.value.problems] == [str(second)]


def test_a_documented_key_that_this_version_lacks_is_told_apart(write: Write) -> None:
    assert problems(write("batching: {enabled: true}")) == [(1, 1, "batching: not supported in this version")]


@pytest.mark.parametrize(
    ("text", "line", "column", "start"),
    [
        ("limits: {max_depth: deep}", 1, 10, "limits.max_depth: input should be a valid integer"),
        ("limits: {max_depth: '15'}", 1, 10, "limits.max_depth: input should be a valid integer"),
        ("limits: {max_depth: true}", 1, 10, "limits.max_depth: input should be a valid integer"),
        ("supergraph: {defer_support: 1}", 1, 14, "supergraph.defer_support: input should be a valid boolean"),
        ("supergraph: {path: graphql}", 1, 14, "supergraph.path: string should match"),
        ("supergraph: {listen: '4000'}", 1, 14, "supergraph.listen: a listen address is host:port"),
        ("server: {shutdown: {delay: 5}}", 1, 21, "server.shutdown.delay: a duration is a number with a unit"),
        ("server: 3", 1, 1, "server: "),
        ("version: 2", 1, 1, "version: input should be 1"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_where_it_stands(
    write: Write, text: str, line: int, column: int, start: str
) -> None:
    [(found_line, found_column, message)] = problems(write(text))
    assert (found_line, found_column) == (line, column)
    assert message.startswith(start)


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    path = write("suprgraph: {}\nlimits: {max_depth: x}\nserver: {workers: 0}\n")
    assert [line for line, _, _ in problems(path)] == [1, 2, 3]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: no such file"):
        load_config([tmp_path / "absent.yaml"], {})


def test_text_that_is_not_yaml_is_refused_where_it_breaks(write: Write) -> None:
    [(line, _, message)] = problems(write("limits:\n  max_depth: [1\n"))
    assert line == 3
    assert message.startswith("not YAML")


def test_a_key_written_twice_is_refused(write: Write) -> None:
    assert problems(write("limits: {}\nlimits: {}")) == [(2, 1, '"limits" is written twice')]


def test_a_file_that_is_not_a_mapping_is_refused(write: Write) -> None:
    assert problems(write("- limits")) == [(1, 1, "the file must hold a mapping of keys")]


def test_an_environment_variable_is_expanded(write: Write) -> None:
    config = load_config([write('supergraph: {path: "/${env.BASE}/graphql"}')], {"BASE": "v1"})
    assert config.supergraph.path == "/v1/graphql"


@pytest.mark.parametrize("environ", [{}, {"P": ""}])
def test_a_default_stands_in_for_an_unset_or_empty_variable(write: Write, environ: dict[str, str]) -> None:
    assert load_config([write('supergraph: {path: "${env.P:-/x}"}')], environ).supergraph.path == "/x"


def test_an_expanded_number_is_a_number(write: Write) -> None:
    assert load_config([write('limits: {max_depth: "${env.DEPTH:-7}"}')], {}).limits.max_depth == 7


def test_an_unset_variable_without_a_default_is_refused(write: Write) -> None:
    [(line, column, message)] = problems(write('supergraph:\n  path: "${env.NOWHERE}"'))
    assert (line, column) == (2, 3)
    assert message == "NOWHERE is not set in the environment; write ${env.NOWHERE:-default} if it may be"


def test_a_file_reference_is_read_beside_the_configuration(write: Write) -> None:
    write("/from-a-file\n", "path.txt")
    assert load_config([write('supergraph: {path: "${file.path.txt}"}')], {}).supergraph.path == "/from-a-file"


def test_what_a_variable_holds_is_not_expanded_again(write: Write) -> None:
    config = load_config([write('override_subgraph_url: {a: "${env.A}"}')], {"A": "${env.B}", "B": "x"})
    assert config.override_subgraph_url["a"] == "${env.B}"


def test_an_unknown_kind_of_reference_is_refused(write: Write) -> None:
    [(_, _, message)] = problems(write('supergraph: {path: "${vault.x}"}'))
    assert "${env.NAME} and ${file.PATH}" in message


def test_a_file_that_the_configuration_names_is_looked_for_beside_it(write: Write, tmp_path: Path) -> None:
    config = load_config([write("supergraph: {source: {file: ./graph.graphql}}")], {})
    assert config.supergraph.source.file == str(tmp_path / "graph.graphql")  # type: ignore[union-attr] # as written


def test_subgraphs_have_rovers_shape(write: Write, tmp_path: Path) -> None:
    path = write("subgraphs:\n  users: {routing_url: 'http://u/graphql', schema: {file: users.graphql}}")
    users = load_config([path], {}).subgraphs["users"]
    assert (users.url, users.schema_source.file) == ("http://u/graphql", str(tmp_path / "users.graphql"))


def test_a_subgraph_with_two_schemas_is_refused(write: Write) -> None:
    [(_, _, message)] = problems(write("subgraphs: {a: {routing_url: 'http://a', schema: {sdl: x, file: y}}}"))
    assert message == "subgraphs.a.schema: a schema has exactly one of file, subgraph_url, python and sdl"


def test_a_python_schema_is_looked_for_beside_the_file_that_names_it(write: Write, tmp_path: Path) -> None:
    path = write("subgraphs: {a: {routing_url: 'http://a', schema: {python: 'shop.schema:schema'}}}")
    assert load_config([path], {}).subgraphs["a"].schema_source.python_path == str(tmp_path)


def test_a_python_schema_may_be_looked_for_elsewhere(write: Write, tmp_path: Path) -> None:
    path = write("subgraphs: {a: {routing_url: 'http://a', schema: {python: 'shop:schema', python_path: src}}}")
    assert load_config([path], {}).subgraphs["a"].schema_source.python_path == str(tmp_path / "src")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("{sdl: x, headers: {a: b}}", "headers are sent to a subgraph_url, and there is none"),
        ("{sdl: x, python_path: y}", "python_path is where python is looked for, and there is none"),
    ],
)
def test_an_option_without_its_source_is_refused(write: Write, schema: str, message: str) -> None:
    [(_, _, found)] = problems(write(f"subgraphs: {{a: {{routing_url: 'http://a', schema: {schema}}}}}"))
    assert found == f"subgraphs.a.schema: {message}"


def test_a_python_schema_names_a_module_and_an_attribute(write: Write) -> None:
    [(_, _, found)] = problems(write("subgraphs: {a: {routing_url: 'http://a', schema: {python: shop.py}}}"))
    assert found.startswith("subgraphs.a.schema.python: ")


def test_a_subgraph_without_a_url_is_refused(write: Write) -> None:
    [(_, _, message)] = problems(write("subgraphs: {a: {schema: {sdl: x}}}"))
    assert message == "subgraphs.a: routing_url is missing"


def test_a_subgraph_that_is_introspected_needs_no_second_url(write: Write) -> None:
    config = load_config([write("subgraphs: {a: {schema: {subgraph_url: 'http://a'}}}")], {})
    assert config.subgraphs["a"].url == "http://a"


def test_a_duration_without_a_unit_is_refused_even_with_a_point(write: Write) -> None:
    [(_, _, message)] = problems(write("server: {shutdown: {delay: 5.0}}"))
    assert message.startswith("server.shutdown.delay: a duration is a number with a unit")


def test_a_number_that_is_still_none_after_expansion_is_refused(write: Write) -> None:
    [(_, _, message)] = problems(write('limits: {max_depth: "${env.D:-deep}"}'))
    assert message.startswith("limits.max_depth: input should be a valid integer")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config([tmp_path], {})


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        load_config([path], {})


def test_endless_nesting_is_refused(write: Write) -> None:
    [(_, _, message)] = problems(write("limits: " + "[" * 100 + "]" * 100))
    assert message == "nested too deeply"


@pytest.mark.parametrize("key", ["[a, b]: 1", "? {a: b}\n: 1", "<<: {a: 1}"])
def test_a_key_that_is_not_text_is_refused(write: Write, key: str) -> None:
    [(_, _, message)] = problems(write(key))
    assert message == "a key must be plain text"


def test_a_file_reference_that_leads_nowhere_has_a_default(write: Write) -> None:
    assert load_config([write('supergraph: {path: "${file.none.txt:-/x}"}')], {}).supergraph.path == "/x"


def test_a_file_reference_that_leads_nowhere_is_refused(write: Write) -> None:
    [(_, _, message)] = problems(write('supergraph: {path: "${file.none.txt}"}'))
    assert message == "the file none.txt cannot be read"


def test_introspection_may_be_for_callers_who_are_known(write: Write) -> None:
    config = load_config([write("supergraph: {introspection: {authenticated: true}}")], {})
    assert config.supergraph.introspection == IntrospectionSection(authenticated=True)


def test_limits_that_only_warn_may_be_named(write: Write) -> None:
    config = load_config([write("limits: {warn_only: [max_depth]}")], {})
    assert (config.limits.only_warns("max_depth"), config.limits.only_warns("max_aliases")) == (True, False)


def test_the_demos_configuration_is_valid() -> None:
    path = Path(__file__).parents[3] / "config" / "router.yaml"
    assert set(load_config([path], {}).subgraphs) == {"users", "orders", "products"}


def test_a_documented_key_is_told_apart_wherever_it_stands(write: Write) -> None:
    path = write("rest: {routes: [{name: a, path: /a, upstream: 'http://a', cache: {ttl: 5m}}]}")
    [(_, _, message)] = problems(path)
    assert message == "rest.routes.0.cache: not supported in this version"


def test_the_global_rate_limit_may_stand_under_traffic_shaping(write: Write) -> None:
    path = write("traffic_shaping: {router: {global_rate_limit: {capacity: 5, interval: 1m}}}")
    limit = load_config([path], {}).traffic_shaping.router.global_rate_limit
    assert limit is not None
    assert (limit.capacity, limit.interval) == (5, 60.0)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('supergraph:\n  path: "\\ud83d"', (2, 9), "half of a surrogate pair is not text"),
        ('supergraph:\n  "\\udc00": x', (2, 3), "half of a surrogate pair is not text"),
        ("server: {workers: !!int many}", (1, 19), '"many" is no int'),
        ("supergraph: {introspection: !!bool maybe}", (1, 29), '"maybe" is no bool'),
    ],
)
def test_what_is_no_value_is_told_with_its_place(write: Write, text: str, place: tuple[int, int], message: str) -> None:
    [(line, column, found)] = problems(write(text))
    assert ((line, column), found) == (place, message)
