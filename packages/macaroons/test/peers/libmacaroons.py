"""Debian's libmacaroons through ctypes: judges the tokens of standard input and mints some of its own, in version 1."""

import ctypes
import json
import sys

lib = ctypes.CDLL("libmacaroons.so.0")
for name in ("macaroon_create", "macaroon_add_first_party_caveat", "macaroon_add_third_party_caveat", "macaroon_prepare_for_request", "macaroon_deserialize", "macaroon_verifier_create"):
    getattr(lib, name).restype = ctypes.c_void_p
lib.macaroon_serialize_size_hint.restype = ctypes.c_size_t
error = ctypes.c_int()


def sized(text):
    data = text if isinstance(text, bytes) else text.encode()
    return ctypes.c_char_p(data), ctypes.c_size_t(len(data))


def called(function, *args):
    made = function(*args, ctypes.byref(error))
    if not made:
        raise ValueError(f"{function.__name__}: error {error.value}")
    return ctypes.c_void_p(made)


def serialized(macaroon):
    size = lib.macaroon_serialize_size_hint(macaroon)
    buffer = ctypes.create_string_buffer(size)
    if lib.macaroon_serialize(macaroon, buffer, ctypes.c_size_t(size), ctypes.byref(error)) != 0:
        raise ValueError(f"macaroon_serialize: error {error.value}")
    return buffer.value.decode()


def deserialized(text):
    return called(lib.macaroon_deserialize, ctypes.c_char_p(text.encode()))


asked = json.load(sys.stdin)
key = bytes.fromhex(asked["keyHex"])
caveat_key = bytes.fromhex(asked["caveatKeyHex"])


def accepts(*discharges):
    verifier = ctypes.c_void_p(lib.macaroon_verifier_create())
    for caveat in asked["met"]:
        lib.macaroon_verifier_satisfy_exact(verifier, *sized(caveat), ctypes.byref(error))
    others = (ctypes.c_void_p * max(1, len(discharges)))(*[deserialized(one) for one in discharges])
    return lib.macaroon_verify(verifier, deserialized(asked["v1"]["token"]), *sized(key), others, ctypes.c_size_t(len(discharges)), ctypes.byref(error)) == 0


root = called(lib.macaroon_create, *sized("here"), *sized(key), *sized("id"))
root = called(lib.macaroon_add_first_party_caveat, root, *sized("a = 1"))
root = called(lib.macaroon_add_third_party_caveat, root, *sized("there"), *sized(caveat_key), *sized("third"))
discharge = called(lib.macaroon_create, *sized("there"), *sized(caveat_key), *sized("third"))
discharge = called(lib.macaroon_add_first_party_caveat, discharge, *sized("b = 2"))
bound = called(lib.macaroon_prepare_for_request, root, discharge)
answer = {"accepts": accepts(asked["v1"]["discharge"]), "acceptsAlone": accepts(), "token": serialized(root), "discharge": serialized(bound)}
json.dump({"v1": answer}, sys.stdout)
