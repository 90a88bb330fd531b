"""Ed25519 keys in PEM files, and the signatures of checkpoints; the only place with cryptography.

The private key is a PKCS 8 file without a passphrase that only its owner may read. It belongs on
another machine than the database, or at least to another account: who has both can sign a log that
he wrote anew.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from hashmatch.audit.checkpoint import AuditCheckpoint, NewFile
from hashmatch.errors import AuditError, AuditTamperedError, MissingExtraError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

MAX_KEY_BYTES = 64 * 1024


def _library() -> tuple[ModuleType, ModuleType]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingExtraError(
            "signing needs cryptography: pip install 'hashmatch[signing]'"
        ) from error
    return serialization, ed25519


def make_signing_key(path: str | PathLike[str]) -> tuple[Path, str]:
    """A new key pair: the private key in ``path`` (mode 0600), the public one beside it.

    Returns:
        Path of the public key (``path`` with ".pub" behind it) and its fingerprint.

    Raises:
        AuditError: one of the files exists or can't be made; then neither is left behind.
        MissingExtraError: cryptography is not installed.
    """
    serialization, ed25519 = _library()
    key = ed25519.Ed25519PrivateKey.generate()
    public_path = Path(f"{os.fspath(path)}.pub")
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with (
        NewFile(path, mode=0o600) as private_file,
        NewFile(public_path, mode=0o644) as public_file,
    ):
        private_file.write(private)
        public_file.write(public)
    return public_path, fingerprint(key.public_key())


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's 32 bytes, hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def load_private_key(path: str | PathLike[str]) -> Ed25519PrivateKey:
    """The private key in a PEM file that only its owner may read.

    Raises:
        AuditError: the file can't be read, is open to others, or holds no such key.
        MissingExtraError: cryptography is not installed.
    """
    serialization, ed25519 = _library()
    content, mode = _read_key_file(path)
    if mode & 0o077:
        raise AuditError(f"{path}: expected a private key of mode 0600, got mode {mode:04o}")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        # TypeError: it has a passphrase. Not the error's own text: it may quote the key.
        raise AuditError(
            f"{path}: expected an Ed25519 private key in PEM without passphrase, got something else"
        ) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise AuditError(f"{path}: expected an Ed25519 private key, got {type(key).__name__}")
    found: Ed25519PrivateKey = key
    return found


def load_public_key(path: str | PathLike[str]) -> Ed25519PublicKey:
    """The public key in a PEM file.

    Raises:
        AuditError: the file can't be read or holds no such key.
        MissingExtraError: cryptography is not installed.
    """
    serialization, ed25519 = _library()
    content, _ = _read_key_file(path)
    try:
        key = serialization.load_pem_public_key(content)
    except ValueError as error:
        raise AuditError(
            f"{path}: expected an Ed25519 public key in PEM, got something else"
        ) from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise AuditError(f"{path}: expected an Ed25519 public key, got {type(key).__name__}")
    found: Ed25519PublicKey = key
    return found


def sign(checkpoint: AuditCheckpoint, key: Ed25519PrivateKey) -> AuditCheckpoint:
    """The same checkpoint with its signature."""
    return replace(checkpoint, signature=key.sign(checkpoint.signed_bytes()))


def require_signature(checkpoint: AuditCheckpoint, key: Ed25519PublicKey, *, where: str) -> None:
    """Check a checkpoint's signature.

    Args:
        where: the file, for the message.

    Raises:
        AuditTamperedError: it was not signed so by the holder of the private key.
    """
    from cryptography.exceptions import InvalidSignature

    known = fingerprint(key)
    if checkpoint.public_key_sha256 != known:
        raise AuditTamperedError(
            f"checkpoint {where}: signed with the key {checkpoint.public_key_sha256}, "
            f"the public key given is {known}"
        )
    try:
        key.verify(checkpoint.signature, checkpoint.signed_bytes())
    except InvalidSignature as error:
        raise AuditTamperedError(
            f"checkpoint {where}: its signature does not fit; the file was changed"
        ) from error


def _read_key_file(path: str | PathLike[str]) -> tuple[bytes, int]:
    """Content and permission bits of a regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise AuditError(f"{path}: expected a key file, got something else")
            content = file.read(MAX_KEY_BYTES)
    except (OSError, ValueError) as error:
        raise AuditError(f"{path}: can't read the key: {error}") from error
    return content, stat.S_IMODE(status.st_mode)
