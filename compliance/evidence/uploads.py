"""Unpacks uploads (plain, gzip or zip) into XML documents, within fixed limits."""

import io
import zipfile
import zlib
from collections.abc import Iterator

LIMIT = 100 * 1024 * 1024
"""Maximum total size of an unpacked upload, in bytes."""

MEMBERS = 500
"""Maximum number of files in a zip archive."""

_CHUNK = 1 << 16


class UploadError(Exception):
    """Raised if an upload is rejected. The message gives the reason and says what to do."""


def documents(body: bytes) -> list[bytes]:
    """Return the documents in an upload. The format is determined from its first bytes, and nothing is
    written to disk.

    Raises:
        UploadError: if the upload is empty, damaged, encrypted or too large. A decompression bomb is rejected
            after at most LIMIT bytes.
    """
    if body.startswith(b"\x1f\x8b"):
        found = [_gunzip(body)]
    elif body.startswith(b"PK\x03\x04"):
        found = list(_unzip(body))
        if not found:
            raise UploadError("The zip file contains no .xml files.")
    else:
        found = [body]
    if not all(document.strip() for document in found):
        raise UploadError("The report is empty. Send JUnit XML.")
    return found


def _gunzip(body: bytes) -> bytes:
    """Return the concatenated members of a gzip file (RFC 1952)."""
    out, rest = b"", body
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            out += unpacker.decompress(rest, LIMIT + 1 - len(out))
        except zlib.error:
            raise UploadError("The gzip file is damaged. Send it again.") from None
        _check(len(out))
        if not unpacker.eof:
            raise UploadError("The gzip file is truncated. Send it again.")
        rest = unpacker.unused_data.lstrip(b"\0")
    return out


def _unzip(body: bytes) -> Iterator[bytes]:
    """Return every .xml file in a zip archive. The declared sizes are not trusted; unpacked bytes are
    counted.
    """
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS:
                raise UploadError(f"The zip file has {len(members):,} files, but only {MEMBERS} are allowed.")
            for member in members:
                if member.is_dir() or not member.filename.lower().endswith(".xml"):
                    continue
                document = bytearray()
                with archive.open(member) as file:
                    while chunk := file.read(_CHUNK):
                        total += len(chunk)
                        _check(total)
                        document += chunk
                yield bytes(document)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, ValueError):
        raise UploadError(
            "The zip file is damaged, encrypted or uses an unsupported compression method. Send an "
            "ordinary zip file."
        ) from None


def _check(size: int) -> None:
    if size > LIMIT:
        raise UploadError(f"The unpacked report is larger than {LIMIT // (1024 * 1024)} MB.")
