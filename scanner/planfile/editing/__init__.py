"""Edits the text of a plan in place: everything outside an edit stays as it was, byte for byte.

An edit is a change of the text at the marks that the YAML parser reports. Writing the whole document anew
would reformat it: even a round-trip YAML library changes the indentation of lists and the spaces before
comments. After each edit, the text is parsed again and compared with what the edit should result in.
"""

from scanner.planfile.editing.apply import apply_edit
from scanner.planfile.editing.document import Document, EditError, Path
from scanner.planfile.editing.edit import Edit
from scanner.planfile.editing.fragment import read_fragment

__all__ = ["Document", "Edit", "EditError", "Path", "apply_edit", "read_fragment"]
