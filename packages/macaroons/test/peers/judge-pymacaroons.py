"""Debian's pymacaroons: judges the tokens of standard input and mints some of its own, in version 1 and 2."""

import json
import sys

from pymacaroons import MACAROON_V1, MACAROON_V2, Macaroon, Verifier

asked = json.load(sys.stdin)
key = bytes.fromhex(asked["keyHex"])
caveat_key = bytes.fromhex(asked["caveatKeyHex"])
answers = {}
for form, version in (("v1", MACAROON_V1), ("v2", MACAROON_V2)):

    def accepts(*discharges):
        verifier = Verifier()
        for caveat in asked["met"]:
            verifier.satisfy_exact(caveat)
        try:
            others = [Macaroon.deserialize(one) for one in discharges]
            return verifier.verify(Macaroon.deserialize(asked[form]["token"]), key, discharge_macaroons=others)
        except Exception:
            return False

    root = Macaroon(location="here", identifier="id", key=key, version=version)
    root.add_first_party_caveat("a = 1")
    root.add_third_party_caveat("there", caveat_key, "third")
    discharge = Macaroon(location="there", identifier="third", key=caveat_key, version=version)
    discharge.add_first_party_caveat("b = 2")
    answers[form] = {
        "accepts": accepts(asked[form]["discharge"]),
        "acceptsAlone": accepts(),
        "token": root.serialize(),
        "discharge": root.prepare_for_request(discharge).serialize(),
    }
json.dump(answers, sys.stdout)
