"""The XML documents of one upload: plain, gzip or zip, each unpacked no further than its bounds."""

import io
import zipfile
import zlib
from collections.abc import Iterator

LIMIT = 100 * 1024 * 1024
"""Bytes that all documents of an upload may have together once unpacked."""

MEMBERS = 500
"""Files that a zip may hold."""

_CHUNK = 1 << 16


class UploadError(Exception):
    """An upload that is not taken; the message says why and what to do."""


def documents(body: bytes) -> list[bytes]:
    """The documents in an upload, told apart by their first bytes. Nothing is written to a disk.

    Raises UploadError for what is empty, broken, encrypted or larger than the bounds; so a bomb is refused
    after at most LIMIT bytes.
    """
    if body.startswith(b"\x1f\x8b"):
        found = [_gunzip(body)]
    elif body.startswith(b"PK\x03\x04"):
        found = list(_unzip(body))
        if not found:
            raise UploadError("The zip holds no file that ends in .xml.")
    else:
        found = [body]
    if not all(document.strip() for document in found):
        raise UploadError("The report is empty.")
    return found


def _gunzip(body: bytes) -> bytes:
    """All members of a gzip file (RFC 1952) one after another."""
    out, rest = b"", body
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            out += unpacker.decompress(rest, LIMIT + 1 - len(out))
        except zlib.error:
            raise UploadError("The gzip file is broken; send it again.") from None
        _check(len(out))
        if not unpacker.eof:
            raise UploadError("The gzip file ends too early; send it again.")
        rest = unpacker.unused_data.lstrip(b"\0")
    return out


def _unzip(body: bytes) -> Iterator[bytes]:
    """Every .xml file of a zip. Its own word on sizes counts for nothing; what comes out is counted."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS:
                raise UploadError(f"The zip holds {len(members):,} files; at most {MEMBERS} are taken.")
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
            "The zip file is broken, encrypted or packed in a rare way; send a plain one."
        ) from None


def _check(size: int) -> None:
    if size > LIMIT:
        raise UploadError(f"Unpacked, the report is over {LIMIT // (1024 * 1024)} MB.")
