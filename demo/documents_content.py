"""What an identity document says: invented people of invented states, and their machine-readable lines."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

# Codes beginning with X are left free by ISO 3166-1 for such uses; no state owns these.
STATES = (
    ("REPUBLIC OF NORVALIA", "XNV"),
    ("KINGDOM OF ESTMARK", "XEM"),
    ("UNION OF CALDERIA", "XCA"),
    ("FEDERATION OF LUMOR", "XLU"),
)
SURNAMES = (
    "ARVENTIS",
    "BELOQUIN",
    "CORVANE",
    "DRESMOND",
    "ELSWICKER",
    "FAROUNE",
    "HALVETTI",
    "ISKENDRA",
    "MOVARIN",
)
GIVEN_NAMES = ("ALINE", "BORIAN", "CASSIA", "DORVIN", "ELOWEN", "FENNA", "ISARO", "KELVAN", "MIREL", "TAVISH")
PLACES = ("PORT ELVEN", "GRAYHOLM", "SALVERA", "NORTH TARN", "ORDANVILLE", "KESSIM")

_EARLIEST_BIRTH = date(1945, 1, 1)
_EARLIEST_ISSUE = date(2016, 1, 1)


@dataclass(frozen=True)
class Holder:
    """One invented document and its holder."""

    state: str
    code: str
    surname: str
    given_names: str
    sex: str
    born: date
    birthplace: str
    issued: date
    expires: date
    number: str


def invent_holder(rng: np.random.Generator) -> Holder:
    """Draw a holder; the same generator state gives the same holder."""
    state, code = STATES[rng.integers(len(STATES))]
    issued = _EARLIEST_ISSUE + timedelta(days=int(rng.integers(3000)))
    return Holder(
        state=state,
        code=code,
        surname=SURNAMES[rng.integers(len(SURNAMES))],
        given_names=" ".join(
            str(name) for name in rng.choice(GIVEN_NAMES, int(rng.integers(1, 3)), replace=False)
        ),
        sex="FM"[rng.integers(2)],
        born=_EARLIEST_BIRTH + timedelta(days=int(rng.integers(22000))),
        birthplace=PLACES[rng.integers(len(PLACES))],
        issued=issued,
        expires=issued + timedelta(days=3652),
        number="".join("ABCDEFGHKLMNPRTX"[rng.integers(16)] for _ in range(2)) + f"{rng.integers(10**7):07d}",
    )


def passport_lines(holder: Holder) -> tuple[str, str]:
    """The two lines of 44 characters at the foot of a passport's data page (ICAO Doc 9303 part 4, TD3)."""
    names = f"{holder.surname}<<{holder.given_names.replace(' ', '<')}"
    born, expires = f"{holder.born:%y%m%d}", f"{holder.expires:%y%m%d}"
    number, optional = holder.number.ljust(9, "<"), "<" * 14
    checked = (
        f"{number}{check_digit(number)}",
        f"{born}{check_digit(born)}",
        f"{expires}{check_digit(expires)}",
        f"{optional}{check_digit(optional)}",
    )
    first = f"P<{holder.code}{names}".ljust(44, "<")[:44]
    second = f"{checked[0]}{holder.code}{checked[1]}{holder.sex}{checked[2]}{checked[3]}"
    return first, second + check_digit("".join(checked))


def card_lines(holder: Holder) -> tuple[str, str, str]:
    """The three lines of 30 characters of an identity card (ICAO Doc 9303 part 5, TD1)."""
    number = holder.number.ljust(9, "<")
    born, expires = f"{holder.born:%y%m%d}", f"{holder.expires:%y%m%d}"
    upper = f"{number}{check_digit(number)}" + "<" * 15
    dates = (f"{born}{check_digit(born)}", f"{expires}{check_digit(expires)}")
    second = f"{dates[0]}{holder.sex}{dates[1]}{holder.code}" + "<" * 11
    names = f"{holder.surname}<<{holder.given_names.replace(' ', '<')}".ljust(30, "<")[:30]
    return f"I<{holder.code}{upper}", second + check_digit(upper + dates[0] + dates[1] + "<" * 11), names


def check_digit(text: str) -> str:
    """The check digit of ICAO Doc 9303 part 3: weights 7, 3, 1; A to Z count 10 to 35, the filler 0."""
    values = (0 if character == "<" else int(character, 36) for character in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)
