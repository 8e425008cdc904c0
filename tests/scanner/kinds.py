"""The rule kinds that the plan format names, as the reader of plans sees them: keys and roles alone."""

from scanner.rules import Option, Rule


def _kind(name: str, roles: tuple[str, ...], *options: Option) -> type[Rule]:
    return type(name, (Rule,), {"kind": name, "roles": roles, "options": options, "__module__": __name__})


CATALOGUE = {
    kind.kind: kind
    for kind in (
        _kind(
            "deprecated-symbol",
            (
                "definition",
                "import",
                "unused-import",
                "call",
                "stored-call",
                "reference",
                "re-export",
                "string",
            ),
            Option("symbols", "symbols", required=True),
        ),
        _kind(
            "singleton",
            ("module-global", "class-instance", "metaclass", "cached-accessor", "module-instance"),
            Option("names", "globs"),
        ),
        _kind("shared-state", ("module-state", "class-state"), Option("names", "globs")),
        _kind("shared-return", ("shared-return",), Option("functions", "globs")),
        _kind(
            "missing-argument",
            ("absent", "none"),
            Option("callables", "globs", required=True),
            Option("argument", "name", required=True),
            Option("position", "count"),
            Option("only_none", "flag"),
        ),
        _kind("canonical-import", ("import",), Option("names", "modules", required=True)),
        _kind("duplicate-definition", ("definition",), Option("names", "globs", required=True)),
        _kind("deprecation-warning", ("warning",)),
        _kind("pattern", ("match",), Option("pattern", "text"), Option("rule", "mapping")),
    )
}
