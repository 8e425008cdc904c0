"""Parses YAML into a node tree that is safe to walk: size, depth and alias expansion are bounded."""

import yaml

from scanner.planfile.errors import PlanError, Problem

MAX_BYTES = 512 * 1024
MAX_DEPTH = 32
MAX_NODES = 100_000


def compose(text: bytes | str, name: str) -> yaml.Node:
    """Return the root node of a plan file; messages refer to the file as `name`.

    Raises PlanError if the text is too long, is not UTF-8, is not YAML, contains several documents or is
    nested too deeply, or if its aliases refer to themselves or expand to more than MAX_NODES values.
    """
    content = _decode(text, name)
    try:
        loader = _Loader(content)
        root = loader.get_single_node()
    except _TooDeepError as error:
        raise _refusal(name, error.line, f"is nested more than {MAX_DEPTH} levels deep") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        description = ", ".join(filter(None, (error.context, error.problem)))
        raise _refusal(name, mark.line + 1 if mark else 1, f"is not valid YAML: {description}") from None
    except yaml.reader.ReaderError as error:
        line = content.count("\n", 0, error.position) + 1
        description = f"has the character U+{ord(content[error.position]):04X}, which YAML does not allow"
        raise _refusal(name, line, description) from None
    if root is None:
        raise _refusal(name, 1, "is empty; `plan init` writes a starter plan")
    _Survey(name).measure(root)
    return root


def _refusal(name: str, line: int, message: str) -> PlanError:
    return PlanError([Problem(name, line, "", message)])


def _decode(text: bytes | str, name: str) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > MAX_BYTES:
            raise _refusal(name, 1, f"has {len(raw):,} bytes; a plan has at most {MAX_BYTES:,}")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refusal(name, line, "is not UTF-8 text; save it as UTF-8") from None
    except UnicodeEncodeError as error:
        line = error.object.count("\n", 0, error.start) + 1
        raise _refusal(name, line, "is not UTF-8 text; save it as UTF-8") from None


class _TooDeepError(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


class _Loader(yaml.SafeLoader):
    """Counts the depth while composing, because the composer recurses once per level."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError(self.line + 1)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Survey:
    """Measures the expanded size of a tree whose aliases share nodes, visiting each node once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sizes: dict[int, tuple[int, int] | None] = {}

    def measure(self, node: yaml.Node) -> tuple[int, int]:
        """Return the number of values and levels in the node, with aliases expanded."""
        line = node.start_mark.line + 1
        if id(node) in self.sizes:
            known = self.sizes[id(node)]
            if known is None:
                raise _refusal(self.name, line, "has an alias that refers to itself")
            return known
        self.sizes[id(node)] = None
        parts = [self.measure(child) for child in _children(node)]
        size = 1 + sum(count for count, _ in parts)
        depth = 1 + max((levels for _, levels in parts), default=0)
        if size > MAX_NODES:
            raise _refusal(self.name, line, f"has aliases that expand to more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            raise _refusal(self.name, line, f"is nested more than {MAX_DEPTH} levels deep")
        if isinstance(node, yaml.ScalarNode) and any(
            c == "\0" or "\ud800" <= c <= "\udfff" for c in node.value
        ):
            raise _refusal(self.name, line, "has an escape for a character that text cannot contain")
        self.sizes[id(node)] = size, depth
        return size, depth


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
