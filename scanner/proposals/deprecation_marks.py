"""Finds what a module declares deprecated: by decorators, docstrings, warnings, aliases and `__getattr__`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.proposals.python_file import Definition, PythonFile
from scanner.proposals.wording_of_deprecation import SAYS_SO, is_about, replacements_in, speaks_of_a_part

_CATEGORY = re.compile(r"deprecat|FutureWarning|RemovedIn\w*Warning", re.IGNORECASE)
_OF_A_PART = re.compile(
    r"param|arg|keyword|option|positional|default|value|cli\b|config|setting", re.IGNORECASE
)
_HANDLES = re.compile(
    r"deprecations|(?:^|\.)_?(?:add|get|is|has|list|collect|filter|ignore|suppress|catch|check)_",
    re.IGNORECASE,
)
_WARNS = re.compile(r"(?:^|_)warn(?:ings?|s)?(?:_|$)|(?:^|(?<=[a-z]))[wW]arn(?=[A-Z]|$)")
_WARN = frozenset({"warn", "warn_explicit", "warn_once"})
_DIRECTIVE = re.compile(r"^([ \t]*)\.\.[ ]+deprecated::[^\n]*(?:\n(?:\1[ \t]+[^\n]*|[ \t]*))*", re.MULTILINE)
_OPENS = re.compile(r"^\W{0,4}(?:this \w+ is |is |now |alias|legacy)?\W{0,3}deprecat", re.IGNORECASE)
_IS = re.compile(
    r"\b(?:is|are|has been|now)\W+(?:now )?(?:deprecated|obsolete)|^\W*obsolete\b|\(deprecated\)",
    re.IGNORECASE,
)
_INIT = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A declaration that a name of a module is deprecated.

    `owner` is the class of a method. `replacements` are full names or names as the text has them, the most
    likely one first. `text` is what the code says.
    """

    module: str
    name: str
    line: int
    text: str
    replacements: tuple[str, ...]
    owner: str = ""


def marks_in(file: PythonFile) -> Iterator[Mark]:
    """Yield what a module declares deprecated in itself."""
    for each in file.definitions:
        if (mark := _of_definition(file, each, "")) is not None:
            yield mark
        elif isinstance(each, ast.ClassDef):
            for method in each.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not method.name.startswith(
                    "__"
                ):
                    found = _of_definition(file, method, each.name)
                    if found is not None:
                        yield found
    yield from _aliases(file)
    yield from _announced(file)
    yield from _lazy(file)


def _of_definition(file: PythonFile, node: Definition, owner: str) -> Mark | None:
    texts: list[str] = []
    hints: list[str] = []
    is_deprecated = is_announced = False
    if _is_helper(node.name) or _WARNS.search(node.name):
        return None
    if owner and any("property" in ast.unparse(each).casefold() for each in node.decorator_list):
        return None
    for decorator in node.decorator_list:
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        if _is_helper(ast.unparse(callee)):
            is_deprecated = is_announced = True
            if isinstance(decorator, ast.Call):
                texts += strings(file, decorator)
                hints += _hints(file, decorator)
    docstring = ast.get_docstring(node, clean=True) or ""
    if (said := _docstring_says(docstring)) is not None:
        is_deprecated = is_announced = True
        texts.append(said)
    for call in () if node.name.startswith("_") else _warnings(node):  # private code warns of other things
        is_deprecated = True
        texts += strings(file, call, node)
        hints += _hints(file, call)
    text = "\n\n".join(texts)
    if not is_deprecated or speaks_of_a_part(text):
        return None
    if not is_announced and not is_about(text, node.name if not owner else f"{owner} {node.name}"):
        return None
    forwarded = _forwards_to(file, node)
    named = [*hints, *replacements_in(text)] or ([forwarded] if forwarded else [])
    return Mark(file.module, node.name, node.lineno, text, tuple(dict.fromkeys(named)), owner)


def _is_helper(name: str) -> bool:
    """Return whether a function with this name declares something deprecated or warns of it."""
    return "deprecat" in name.casefold() and not _OF_A_PART.search(name) and not _HANDLES.search(name)


def _docstring_says(docstring: str) -> str | None:
    """Return what a docstring says of the deprecation of the whole thing, or None if it says nothing."""
    first = docstring.partition("\n\n")[0]
    for match in _DIRECTIVE.finditer(docstring):
        said = match[0].partition("::")[2]
        if not match[1] and not speaks_of_a_part(said):  # an indented directive belongs to a parameter
            return said
    if _OPENS.search(first) or (_IS.search(first) and not speaks_of_a_part(first)):
        return first
    return None


def _warnings(node: Definition) -> Iterator[ast.Call]:
    """Yield the calls that always warn of the deprecation of a function, or of a class when it is used."""
    if isinstance(node, ast.ClassDef):
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name in _INIT:
                yield from _warnings(method)
        return
    for statement in node.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and warns_of_deprecation(call):
            yield call


def warns_of_deprecation(call: ast.Call) -> bool:
    """Return whether a call warns of a deprecation, judging by its name, its category or its text."""
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if _is_helper(last) or (last in _WARN and _is_helper(name)):
        return True
    if last not in _WARN:
        return False
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    named = (each for each in arguments if isinstance(each, ast.Name | ast.Attribute | ast.Call))
    if any(
        _CATEGORY.search(ast.unparse(each.func if isinstance(each, ast.Call) else each)) for each in named
    ):
        return True
    return any(SAYS_SO.search(text) for each in arguments for text in _constants(each))


def strings(file: PythonFile, node: ast.AST, function: ast.AST | None = None) -> list[str]:
    """Return the text in an expression, also of the names in it that are assigned one string."""
    found = _constants(node)
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    local = function.body if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else []
    for statement in [*local, *(statement for name, statement in file.assignments if name in names)]:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in names for target in statement.targets
        ):
            found += _constants(statement.value)
    return found


def _constants(node: ast.AST) -> list[str]:
    return [
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _hints(file: PythonFile, call: ast.Call) -> list[str]:
    """Return the replacements that a call names in an argument of their own."""
    found = []
    for keyword in call.keywords:
        if keyword.arg and re.search(
            r"replac|altern|instead|new|redirect|target|favou?r", keyword.arg, re.IGNORECASE
        ):
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                found += replacements_in(keyword.value.value) or _plain_name(keyword.value.value)
            elif name := file.full_name(keyword.value):
                found.append(name)
    return found


def _plain_name(text: str) -> list[str]:
    name = text.strip().strip("`").removesuffix("()")
    return [name] if re.fullmatch(r"[A-Za-z_]\w*(?:\.\w+)*", name) else []


def _forwards_to(file: PythonFile, node: Definition) -> str:
    """Return the full name of the only thing that a function calls to return it, or that a class extends."""
    if isinstance(node, ast.ClassDef):
        bases = [file.full_name(base) for base in node.bases]
        plain = all(isinstance(each, ast.Expr | ast.Pass | ast.FunctionDef) for each in node.body)
        return bases[0] if len(bases) == 1 and bases[0] != "object" and plain and len(node.body) <= 3 else ""
    last = node.body[-1] if node.body else None
    value = last.value if isinstance(last, ast.Return | ast.Expr) else None
    simple = all(
        isinstance(each, ast.Expr | ast.Import | ast.ImportFrom | ast.Assign) for each in node.body[:-1]
    )
    if not isinstance(value, ast.Call) or not simple or warns_of_deprecation(value):
        return ""
    local = {
        alias.asname or alias.name: alias.name
        for each in node.body
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
    name = file.full_name(value.func)
    return local.get(name, name)


def _aliases(file: PythonFile) -> Iterator[Mark]:
    """Yield names assigned from a helper, and aliases beside a comment, that say they are deprecated."""
    for name, statement in file.assignments:
        value = statement.value
        is_itself = isinstance(value, ast.Name) and value.id == name
        if value is None or name.startswith("_") or is_itself or statement not in file.tree.body:
            continue  # what stands under a condition is for some platforms or versions
        if isinstance(value, ast.Call) and _is_helper(ast.unparse(value.func)):
            if not _is_helper(name):
                others = [full for each in value.args if (full := file.full_name(each))]
                text = " ".join(strings(file, value))
                hints = [*_hints(file, value), *others, *replacements_in(text)]
                yield Mark(file.module, name, statement.lineno, text, tuple(dict.fromkeys(hints)))
        elif isinstance(value, ast.Name | ast.Attribute):
            said = _comment_at(file, statement.lineno)
            if SAYS_SO.search(said) or re.search(
                r"compat|\blegacy\b|\bold name|\bbbb\b", said, re.IGNORECASE
            ):
                yield Mark(file.module, name, statement.lineno, said, (file.full_name(value),))


def _comment_at(file: PythonFile, line: int) -> str:
    """Return the comment at the end of a line, and the one on the line above it."""
    here = file.lines[line - 1].partition("#")[2] if line <= len(file.lines) else ""
    above = file.lines[line - 2].strip() if 2 <= line <= len(file.lines) + 1 else ""
    return " ".join(filter(None, (above.lstrip("# ") if above.startswith("#") else "", here.strip())))


def _announced(file: PythonFile) -> Iterator[Mark]:
    """Yield names that a call at module level declares deprecated, such as `deprecate_name(…, "name")`."""
    for statement, is_top, _ in file.statements:
        call = statement.value if isinstance(statement, ast.Expr) and is_top else None
        if not isinstance(call, ast.Call) or not _is_helper(ast.unparse(call.func)):
            continue
        texts = _constants(call)
        for name in [text for text in texts if text in file.bound]:
            said = " ".join(text for text in texts if text != name)
            yield Mark(file.module, name, statement.lineno, said, tuple(replacements_in(said)))


def _lazy(file: PythonFile) -> Iterator[Mark]:
    """Yield the names that a module's `__getattr__` still provides, with a warning of deprecation."""
    provider = next((each for each in file.definitions if each.name == "__getattr__"), None)
    if provider is None:
        return
    calls = (each for each in ast.walk(provider) if isinstance(each, ast.Call))
    warning = next((each for each in calls if warns_of_deprecation(each)), None)
    if warning is None:
        return
    read = {each.id for each in ast.walk(provider) if isinstance(each, ast.Name)}
    said = " ".join(strings(file, warning, provider))
    tables: list[ast.AST | None] = [statement.value for name, statement in file.assignments if name in read]
    tables += [each for each in ast.walk(provider) if isinstance(each, ast.Dict | ast.Compare)]
    for table in tables:
        for name, target in _listed(file, table):
            new = [target] if target else replacements_in(said)
            yield Mark(file.module, name, provider.lineno, said, tuple(new))


def _listed(file: PythonFile, table: ast.AST | None) -> Iterator[tuple[str, str]]:
    """Yield the names in a table, each with the full name that the table maps it to, if any."""
    if isinstance(table, ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier():
                texts = [text for text in _constants(value) if re.fullmatch(r"[\w.]+", text)]
                yield key.value, file.full_name(value) or ".".join(texts)
    elif isinstance(table, ast.List | ast.Tuple | ast.Set | ast.Compare):
        yield from ((text, "") for text in _constants(table) if text.isidentifier())
