"""Wheels for a browser's Python, made from what is installed here: no registry is asked."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath

WHEEL = "Wheel-Version: 1.0\nGenerator: scratchcnn\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
MOMENT = (2020, 1, 1, 0, 0, 0)  # the same content makes the same file

# What no program reads. Notices of copyright stay: they lie in .dist-info.
LEFT_OUT = re.compile(r"(^|/)(__pycache__|tests?|testing)/|\.(so|pyd|pyi|h|c|pxd|map)$")


def repack(name: str, without: str = r"(?!)") -> tuple[str, bytes]:
    """Return file name and content of a wheel of an installed package in plain Python.

    Parameters
    ----------
    name : str
        The name of an installed distribution.
    without : str
        A regular expression: files whose path it matches are left out.
    """
    distribution = metadata.distribution(name)
    files = {}
    for path in distribution.files or ():
        inside = ".." not in path.parts and path.parts[0] != "share"  # or a script, or a front end
        record = path.name in ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json")
        if inside and not record and not LEFT_OUT.search(str(path)):
            files[path.as_posix()] = Path(str(path.locate())).read_bytes()
    return build(name, distribution.version, without_some(files, without))


def of_folder(name: str, version: str, folder: Path) -> tuple[str, bytes]:
    """Return file name and content of a wheel of a package in a folder."""
    files = {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return build(name, version, files)


def empty(name: str, version: str, about: str) -> tuple[str, bytes]:
    """Return a wheel with nothing in it, in place of a package that is asked for in vain."""
    return build(name, version, {}, about)


def files_of(wheel: bytes) -> dict[str, bytes]:
    """Return the files of a wheel, without the list of their hashes."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as packed:
        return {
            info.filename: packed.read(info)
            for info in packed.infolist()
            if not info.is_dir() and not info.filename.endswith("/RECORD")
        }


def slim(wheel: bytes, without: str) -> bytes:
    """Return a wheel without the files whose path a regular expression matches."""
    return zipped(without_some(files_of(wheel), without))


def mend(wheel: bytes, changes: Mapping[str, Sequence[tuple[str, str]]]) -> bytes:
    """Return a wheel in which pieces of some files are replaced; each must be there once."""
    files = files_of(wheel)
    for path in files.keys() & changes.keys():
        text = files[path].decode()
        for old, new in changes[path]:
            if text.count(old) != 1:
                raise ValueError(f"{path} is another version: {old!r} is there {text.count(old)}x")
            text = text.replace(old, new)
        files[path] = text.encode()
    return zipped(files)


def without_some(files: Mapping[str, bytes], without: str) -> dict[str, bytes]:
    """Return the files whose path the regular expression does not match."""
    return {path: files[path] for path in files if not re.search(without, path)}


def build(
    name: str, version: str, files: Mapping[str, bytes], about: str = ""
) -> tuple[str, bytes]:
    """Return file name and content of a wheel in plain Python."""
    stem = f"{name.replace('-', '_')}-{version}"
    own = {f"{stem}.dist-info/WHEEL": WHEEL.encode()}
    if f"{stem}.dist-info/METADATA" not in files:
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        text += f"Summary: {about}\n" if about else ""
        own[f"{stem}.dist-info/METADATA"] = text.encode()
    return f"{stem}-py3-none-any.whl", zipped({**files, **own})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a wheel of these files, with the list of their hashes."""
    (folder,) = {PurePosixPath(path).parts[0] for path in files if ".dist-info/" in path}
    rows = [f"{path},sha256={digest(content)},{len(content)}" for path, content in files.items()]
    record = f"{folder}/RECORD"
    return packed({**files, record: "\n".join([*rows, f"{record},,"]).encode()})


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for path, content in files.items():
            target.writestr(zipfile.ZipInfo(path, MOMENT), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def digest(content: bytes) -> str:
    """Return the hash of a file as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
