"""ZIP archives with the patches of several files: those that the user has claimed, and those of a phase.

Each patch is checked on its own, against the newest commit. Patches that are joined are not checked together,
so each stays a file of its own, and README.txt says so and how to have the selection checked as one.
"""

from collections.abc import Iterable
from shlex import quote
from tempfile import SpooledTemporaryFile
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.views.decorators.http import require_safe

from compliance.accounts.roles import person_of
from compliance.lib.wording import count_of
from compliance.models import Claim, File, Patch, Repository
from compliance.queries.files import FileFilter
from compliance.queries.patches import patches_of
from compliance.queries.phases import find
from compliance.views.lookup import find_repository

IN_MEMORY = 4 * 1024 * 1024
"""Size, in bytes, beyond which an archive is written to a temporary file."""

README = """\
{count} against commit {sha} of {repository}, plan version {plan}.

Each patch was created and checked on its own: applied alone to this commit, it fixes violations of its file
and passes the engine's checks. The patches were not checked together. Two of them can change the same lines,
and the result of several has not been checked.

Apply one patch, commit it, and scan again before you apply the next:

    git checkout {sha}
    git apply FILE.patch

To have the engine create and prove one patch for a selection instead, use --path, --rule or --phase:

    python -m scanner fix --rev {sha} {selection}

{without}
"""


@require_safe
def my_patches(request: HttpRequest, slug: str) -> FileResponse:
    """Return the patches for the files that the user has claimed."""
    repository = find_repository(slug)
    active = Claim.objects.filter(person=person_of(request), state=Claim.State.ACTIVE)
    files = File.objects.filter(repository=repository, pk__in=active.values("file"))
    return _archive(repository, files, f"{slug}-my-claims", "--path 'FOLDER/**'")


@require_safe
def phase_patches(_request: HttpRequest, slug: str, key: str) -> FileResponse:
    """Return the patches for the files that still contain violations included in a phase."""
    repository = find_repository(slug)
    phase = find(repository, key)
    files = FileFilter(phase=phase.key).files(repository)
    return _archive(repository, files, f"{slug}-{key}", f"--phase {quote(phase.key)}")


def _archive(repository: Repository, files: QuerySet[File], name: str, selection: str) -> FileResponse:
    """Return the archive. Raises Http404 if none of the files has a patch."""
    made = patches_of(repository, files)
    if repository.head is None or repository.plan is None or not made.exists():
        raise Http404("None of these files has a patch. A file's page creates it.")
    sha = repository.head.sha
    spooled: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # the response closes it
    with ZipFile(spooled, "w", ZIP_DEFLATED) as archive:
        included = _write(archive, made.iterator(chunk_size=50))
        others = sorted(set(files.values_list("path", flat=True)) - included)
        text = README.format(
            count=count_of(len(included), "separate patch", "separate patches"),
            sha=sha,
            repository=repository.name,
            plan=repository.plan.number,
            selection=selection,
            without=_without(others),
        )
        archive.writestr("README.txt", text.encode("utf-8", "replace"))
    spooled.seek(0)
    return FileResponse(spooled, as_attachment=True, filename=f"{name}-single-patches.zip")


def _write(archive: ZipFile, patches: Iterable[Patch]) -> set[str]:
    """Write each patch under its file's path, and return the paths."""
    included = set()
    for patch in patches:
        included.add(patch.file.path)
        archive.writestr(f"patches/{_member(patch.file.path)}.patch", bytes(patch.text))
    return included


def _member(path: str) -> str:
    """Return the path as a name that stays below the folder into which the archive is extracted."""
    return "/".join("_" if part in ("", ".", "..") else part.replace("\\", "_") for part in path.split("/"))


def _without(paths: list[str]) -> str:
    """Return the list of the selected files without a patch, as text."""
    if not paths:
        return "Every selected file has a patch."
    return "\n".join(["Selected files for which no patch has been created or nothing can be fixed:", *paths])


REPOSITORY_URLS = [
    path("my-work/patches.zip", my_patches, name="my-patches"),
    path("phases/<str:key>/patches.zip", phase_patches, name="phase-patches"),
]
