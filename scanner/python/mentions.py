"""Finds where a file mentions a name from another module, in imports and in strings."""

from dataclasses import dataclass

from scanner.python.source import Source


@dataclass(frozen=True, slots=True)
class Mention:
    """The full names under which a file imports a word, and the strings that equal the word or end in it.

    If `broken` is true, the file does not parse, so its mentions are unknown.
    """

    imported: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    broken: bool = False

    def imports(self, full: str, name: str, *, texts: bool) -> bool:
        """Return whether the file imports a full name.

        With `texts`, strings and files that do not parse also count.
        """
        if full in self.imported or name in self.texts:
            return True
        return texts and (self.broken or self.spells(full))

    def spells(self, full: str) -> bool:
        """Return whether a string in the file equals a full name, or ends in it after a package prefix."""
        return any(f".{text}".endswith(f".{full}") for text in self.texts)


def find_mention(source: Source, name: str) -> Mention:
    """Return where a file mentions a word."""
    imported: set[str] = set()
    for trail in source.trails(name):
        if len(trail) < 3:
            continue
        parent, above, field = trail[-2].node, trail[-3].node, trail[-1].field
        if parent.type == "attribute" and field == "attribute":
            imported.update(source.resolve(parent))
        elif parent.type == "dotted_name":
            named = above.child_by_field_name("alias") if above.type == "aliased_import" else trail[-1].node
            bound = source.binding_at(named) if named is not None else None
            if bound is not None and bound.target:
                imported.add(bound.target)
    texts = (source.constant(node) for node in source.strings(name))
    spelled = {text for text in texts if text is not None and f".{text}".endswith(f".{name}")}
    exported = {name} if name in (source.exported or ()) else set()
    return Mention(frozenset(imported), frozenset(spelled - exported), source.fault is not None)
