"""The singular of an English plural: exceptions first, then rules for the last letters.

Decision 41 has the comparison with libraries.
"""

import re

_UNCHANGED = frozenset(
    # Mass nouns and nouns that exist as a plural only.
    "barracks belongings biceps bourgeois breeches chamois clothes congratulations corps "
    "crossroads diabetes earnings eaves forceps gallows goods headquarters herpes hijinks innings "
    "jeans kudos means measles mumps news outskirts pants patois pincers pliers proceeds "
    "quadriceps rabies riches scabies scissors series shears shorts species subspecies "
    "surroundings sweepstakes thanks throes triceps trousers tweezers whereabouts "
    # Fields of study and of work: there is no `physic`.
    "acoustics aerobics aesthetics analytics athletics diagnostics dynamics economics electronics "
    "ergonomics ethics forensics genetics genomics gymnastics hydraulics informatics kinematics "
    "linguistics logistics mathematics maths obstetrics optics pediatrics physics politics "
    "robotics semantics thermodynamics "
    # Singulars that end like a plural.
    "abdomen acumen aegis albumen alias amen arthritis asbestos atlas axis bias bitumen cannabis "
    "canvas chaos christmas clematis cosmos dais debris dermis epidermis ethos gas hubris ibis "
    "iris lens lumen mantis marquis metropolis mythos omen pajamas pancreas pathos pelvis praxis "
    "pyjamas ramen regimen rhinoceros semen specimen stamen tennis thermos this trellis whois yes "
    # Abbreviations.
    "aws cms crs css dns gis gps https ios macos mms ntfs os pos rss saas sas sms sos sys tls vps"
    "".split()
)
_AMBIGUOUS = frozenset(
    # Axe or axis, base or basis, cabbie or cabby, leaf or leave, medium or a file, ...
    "axes bases bogies cabbies caddies data ellipses goodies leaves media monies pinkies premises "
    "staves".split()
)
_EXCEPTIONS = {
    ("ie", "ies"): (
        "auntie baddie beanie biggie birdie boogie bookie brownie budgie calorie collie cookie "
        "coolie coterie cowrie curie cutie die eyrie faerie foodie freebie genie goalie groupie "
        "hippie hoagie homie hoodie hottie indie junkie kiddie laddie lassie lie lingerie "
        "magpie menagerie movie necktie newbie nightie oldie patisserie pie pixie prairie "
        "quickie reverie roadie rookie roomie rotisserie selfie smoothie softie sortie sweetie "
        "talkie techie tie townie trekkie veggie walkie weenie wheelie yuppie zombie"
    ),
    ("che", "ches"): (
        "ache apache avalanche backache bellyache brioche cache cartouche cliche cloche creche "
        "douche earache fiche gouache headache heartache microfiche moustache mustache niche "
        "panache pastiche porsche psyche quiche stomachache synecdoche toothache tranche"
    ),
    ("f", "ves"): "calf dwarf elf half hoof loaf meatloaf scarf self sheaf thief turf wharf",
    ("fe", "ves"): "afterlife life",
    ("oe", "oes"): "aloe backhoe canoe doe floe foe hoe mistletoe oboe roe sloe tiptoe toe woe",
    ("s", "ses"): (
        "alias atlas bias canvas christmas gas ibis iris lens mantis metropolis pancreas pelvis "
        "rhinoceros thermos trellis yes"
    ),
    ("use", "uses"): "abuse disuse excuse misuse muse overuse recluse reuse ruse use",
    ("sis", "ses"): (
        "catharsis crisis emphasis metamorphosis nemesis neurosis oasis osmosis psychosis "
        "sepsis symbiosis synopsis thrombosis"
    ),
    ("sse", "sses"): "crevasse finesse impasse lacrosse mousse posse",
    ("xe", "xes"): "battleaxe pickaxe",
    ("s", "sses"): "bus gas",
    ("z", "zzes"): "quiz whiz",
    ("z", "zes"): "topaz",
    ("u", "us"): "bayou caribou cpu ecu emu flu gnu gpu guru haiku menu sku tofu tutu zebu",
    ("um", "a"): (
        "addendum aquarium bacterium consortium corrigendum curriculum emporium erratum "
        "honorarium maximum memorandum millennium minimum moratorium optimum ovum quantum "
        "referendum spectrum stadium stratum symposium"
    ),
    ("on", "a"): "automaton criterion ganglion phenomenon polyhedron",
    ("a", "ata"): "lemma schema stigma",
    ("a", "ae"): "alga alumna antenna formula larva nebula supernova vertebra",
    ("us", "i"): (
        "alumnus bacillus cactus focus fungus locus nucleus radius stimulus syllabus terminus"
    ),
    ("ex", "ices"): "apex codex cortex index vertex vortex",
    ("ix", "ices"): "appendix helix matrix radix",
    ("us", "ora"): "corpus",
    ("us", "era"): "genus",
    ("x", "xen"): "ox",
    ("ouse", "ice"): "dormouse louse mouse",
    ("ie", "ice"): "die",
}
"""Endings of the singular and of the plural, and the singulars that the rules would miss."""

_IRREGULAR = {
    word.removesuffix(singular) + plural: word
    for (singular, plural), words in _EXCEPTIONS.items()
    for word in words.split()
}
_RULES = tuple(
    (re.compile(f"(?:{ending})$"), singular)
    for ending, singular in (
        # Irregular at the end of compounds too: `salespeople`, `bookshelves`, `snowshoes`.
        (r"people", "person"),
        (r"children", "child"),
        (r"men", "man"),
        (r"feet", "foot"),
        (r"teeth", "tooth"),
        (r"geese", "goose"),
        (r"(scar|shel|wol)ves", r"\1f"),
        (r"(wi|kni)ves", r"\1fe"),
        (r"shoes", "shoe"),
        (r"eaux", "eau"),
        # Singulars: `address`, `status`, `basis`; but `bureaus`.
        (r"(?<!ea)us|ss|sis", None),
        (r"([^aeiou]|qu)ies", r"\1y"),
        (r"(ss|sh|ch|x|zz|tz|o)es", r"\1"),
        (r"(ly|the|gno|sta)ses", r"\1sis"),
        # `pauses` and `houses`; but `statuses`.
        (r"(au|ou|fu)ses", r"\1se"),
        (r"uses", "us"),
        (r"s", ""),
    )
)
"""The first that fits decides; without a replacement, the word is a singular."""


def singular_of(plural: str) -> str | None:
    """The singular of a plural, judged by its last word: `order_lines` -> `order_line`.

    None if the word is not a plural, has no singular, or could be the plural of two words.
    """
    *words, last = plural.split("_")
    singular = _singular(last)
    return "_".join([*words, singular]) if singular else None


def _singular(word: str) -> str | None:
    if word in _UNCHANGED or word in _AMBIGUOUS:
        return None
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, singular in _RULES:
        if ending.search(word):
            return None if singular is None else ending.sub(singular, word)
    return None
