"""Compiles templates; the only module that imports jinja2.

The compiled code is kept in `__pycache__` beside the template, as Python keeps that of its modules:
compiling takes ten times as long as rendering. Whoever can write there can change fastgen itself.
"""

import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

from fastgen.rendering.template_folder import read_text

_OPTIONS: dict[str, Any] = {
    "undefined": jinja2.StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "optimized": False,  # most templates are rendered once a process
}
_DIGEST_SIZE = sha256().digest_size


def compiled_template(template: Path) -> jinja2.Template:
    """The template, compiled once by each process at most."""
    return _environment.get_template(str(template))


class _CodeCache(jinja2.BytecodeCache):
    """A file for each template. A file that cannot be read or is damaged counts as missing.

    Jinja2 itself passes over code of another source, of another Python or of another format.
    """

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The path of the file; it depends on the version of Python, and on `pycache_prefix`."""
        return f"{cache_from_source(filename or name)}-jinja"

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(f"{_OPTIONS}{source}")

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            content = Path(bucket.key).read_bytes()
            digest, code = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
            if sha256(code).digest() == digest:
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code, unless Python is to write none, or the folder cannot be written."""
        if sys.dont_write_bytecode:
            return
        code = bucket.bytecode_to_string()
        file = Path(bucket.key)
        temporary = Path(f"{file}.{os.urandom(8).hex()}")  # others may write at the same time
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(sha256(code).digest() + code)
                temporary.replace(file)
            finally:
                temporary.unlink(missing_ok=True)


_environment = jinja2.Environment(
    loader=jinja2.FunctionLoader(lambda name: read_text(Path(name))),
    bytecode_cache=_CodeCache(),
    auto_reload=False,
    autoescape=False,  # noqa: S701  # the output is source code
    cache_size=-1,
    **_OPTIONS,
)
