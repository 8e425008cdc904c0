"""The words of paths, by the beginnings of which an index finds files."""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func


class PathWords(Func):
    """The words of a path in lower case, as Postgres indexes them.

    Only the beginning of a path counts, because an index has no room for the longest paths. The expression is
    that of the index `files_by_words`, so both must change together.
    """

    template = (
        "to_tsvector('simple'::regconfig, "
        "regexp_replace(left(%(expressions)s, 500), '[^[:alnum:]]+', ' ', 'g'))"
    )
    output_field = SearchVectorField()
    arity = 1
