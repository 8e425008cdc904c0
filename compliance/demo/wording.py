"""Everything a template says about an entity or an agent, worked out from its fields and tools."""

import zlib
from collections.abc import Iterable

from compliance.demo.catalogue import Agent, Entity, Field

_SAMPLES = {
    "str": '"{name}-1"',
    "int": "12",
    "float": "2.5",
    "bool": "False",
    "date": "date(2025, 9, 1)",
    "datetime": "datetime(2025, 9, 1, 8, 30, tzinfo=UTC)",
}
_CHECKS = {
    "str": ("len({row}.{name}) > LONGEST_TEXT", "the {words} is too long"),
    "int": ("{row}.{name} < 0", "the {words} is below zero"),
    "float": ("{row}.{name} != {row}.{name}", "the {words} is not a number"),
    "date": ("{row}.{name}.year < 2000", "the {words} lies before the year 2000"),
    "datetime": ("{row}.{name}.tzinfo is None", "the {words} has no time zone"),
}
_LOADS = {
    "str": 'str(values["{name}"])',
    "int": 'int(values["{name}"])',
    "float": 'float(values["{name}"])',
    "bool": 'bool(values["{name}"])',
    "date": 'date.fromisoformat(values["{name}"])',
    "datetime": 'datetime.fromisoformat(values["{name}"])',
}


def traits(entity: Entity) -> frozenset[str]:
    """The flags that templates ask for: which kinds of fields an entity has."""
    found = {kind for kind in ("bool", "date", "datetime") if entity.of(kind)}
    if entity.of("int", "float"):
        found.add("number")
    if entity.of("date", "datetime"):
        found.add("moment")
    return frozenset(found)


def pick(word: str, choices: Iterable[int]) -> str:
    """One of several numbers, always the same one for the same word."""
    options = list(choices)
    return str(options[zlib.crc32(word.encode()) % len(options)])


def entity_names(entity: Entity, main: str = "") -> dict[str, str]:
    """What `${...}` stands for in the templates of an entity; `main` ends the name of the module's class."""
    words = entity.name.replace("_", " ")
    plural_words = entity.plural.replace("_", " ")
    names = {
        "name": entity.name,
        "plural": entity.plural,
        "camel": entity.camel,
        "domain": entity.domain,
        "path": entity.plural.replace("_", "-"),
        "words": words,
        "a_words": ("an " if words[0] in "aeio" else "a ") + words,
        "Camel_words": words.capitalize(),
        "plural_words": plural_words,
        "Plural_words": plural_words.capitalize(),
        "about": entity.about,
        "About": entity.about[0].upper() + entity.about[1:],
        "main": entity.camel + main,
        "main_snake": entity.name + _snake(main),
        "main_words": words + _snake(main).replace("_", " "),
    }
    return names | _numbers(entity) | _roles(entity) | _leading_fields(entity) | _field_blocks(entity)


def agent_names(agent: Agent) -> dict[str, str]:
    """What `${...}` stands for in the templates of an agent."""
    title = agent.name.replace("_", " ")
    tables = [tool.removesuffix("_lookup").replace("_", " ") for tool in agent.tools]
    return {
        "name": agent.name,
        "plural": f"{agent.name}_agents",
        "camel": agent.camel,
        "title": title,
        "words": f"{title} agent",
        "a_words": ("an " if title[0] in "aeio" else "a ") + f"{title} agent",
        "plural_words": f"{title} agents",
        "about": agent.about,
        "main": f"{agent.camel}Agent",
        "main_snake": f"{agent.name}_agent",
        "main_words": f"{title} agent",
        "tool_tuple": ", ".join(f'"{tool}"' for tool in agent.tools) + ("," if len(agent.tools) == 1 else ""),
        "topics": ", ".join(f'"{table}"' for table in tables),
        "tool_lines": "\n".join(f'        "{tool}",' for tool in agent.tools),
        "example_lines": "\n".join(f'    "What does the latest {table} say?",' for table in tables),
        "calls": pick(agent.name, (6, 8, 12, 16)),
        "tokens": pick(agent.camel, (800, 1200, 2000, 3200)),
        "patience": pick(agent.about, (20, 30, 45)),
        "rows": pick(agent.name, (10, 20, 40)),
        "cents": pick(agent.name, (2, 3, 6)),
    }


def sample(entity: Entity) -> str:
    """Python that makes one valid object of an entity's model."""
    values = ", ".join(f"{f.name}={_SAMPLES[f.kind].format(name=entity.name)}" for f in entity.fields)
    return f'{entity.camel}(id="{entity.name}-1", {values})'


def _snake(main: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in main)


def _numbers(entity: Entity) -> dict[str, str]:
    return {
        "longest": pick(entity.name, (80, 120, 200, 400)),
        "lifetime": pick(entity.plural, (30, 60, 120, 300)),
        "entries": pick(entity.camel, (128, 256, 512)),
        "rows": pick(entity.about, (20, 25, 50)),
    }


def _roles(entity: Entity) -> dict[str, str]:
    owner = next((f.name for f in entity.fields if f.name in {"owner_id", "user_id", "author_id"}), "")
    return {
        "readers": f'"{entity.domain}_reader", "{entity.domain}_writer", "auditor"',
        "writers": f'"{entity.domain}_writer"',
        "owner_clause": f" or {entity.name}.{owner} == user.id" if owner else "",
    }


def _leading_fields(entity: Entity) -> dict[str, str]:
    names: dict[str, str] = {}
    for role, kinds in (
        ("text", ("str",)),
        ("number", ("int", "float")),
        ("flag", ("bool",)),
        ("moment", ("date", "datetime")),
    ):
        first = next(iter(entity.of(*kinds)), Field("", ""))
        names |= {role: first.name, f"{role}_words": first.words, f"{role}_type": first.kind}
    return names


def _field_blocks(entity: Entity) -> dict[str, str]:
    texts = entity.of("str")
    return {
        "field_lines": "\n".join(f"    {f.name}: {f.kind}" for f in entity.fields),
        "required_lines": "\n".join(f'    "{f.name}",' for f in entity.fields),
        "load_lines": "\n".join(
            f"        {f.name}={_LOADS[f.kind].format(name=f.name)}," for f in entity.fields
        ),
        "dump_lines": "\n".join(f'        "{f.name}": {_dumped(entity, f)},' for f in entity.fields),
        "check_lines": "\n".join(_check(entity, f) for f in entity.fields if f.kind in _CHECKS),
        "search_words": " and ".join(f.words for f in texts),
        "search_values": "".join(f"{entity.name}.{f.name}, " for f in texts).rstrip(" ")
        if len(texts) == 1
        else ", ".join(f"{entity.name}.{f.name}" for f in texts),
    }


def _dumped(entity: Entity, item: Field) -> str:
    value = f"{entity.name}.{item.name}"
    return f"{value}.isoformat()" if item.kind in {"date", "datetime"} else value


def _check(entity: Entity, item: Field) -> str:
    condition, problem = _CHECKS[item.kind]
    test = condition.format(row=entity.name, name=item.name)
    return f'    if {test}:\n        found.append("{problem.format(words=item.words)}")'
