"""Keys to sign tokens with."""

from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def new_key(algorithm: str, *, bits: int = 2048) -> Key:
    match algorithm:
        case "RS256":
            return rsa.generate_private_key(65537, bits)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


@cache
def private_pem(algorithm: str, name: str, *, bits: int = 2048) -> str:
    """The same text for the same name."""
    assert name
    form = serialization.PrivateFormat.PKCS8
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    return new_key(algorithm, bits=bits).private_bytes(encoding, form, none).decode()


def public_pem(private: str) -> str:
    key = serialization.load_pem_private_key(private.encode(), None)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
