"""Where one side of a call is, as words of the command line: its NAT by its classic name or by RFC 4787's mapping and filtering, the NAT
of its carrier, and what its network blocks."""
import dataclasses

import nat_rules

PROPERTY = {"ei": nat_rules.ENDPOINT, "ad": nat_rules.ADDRESS, "apd": nat_rules.ADDRESS_AND_PORT}
LONG = ("endpoint-independent", "address-dependent", "address-and-port-dependent")
OTHERS = {
    "none": "no NAT: a public address",
    "linux": "Linux masquerade: ports are kept, known ones let in",
    "noisy": "the same, and early packets spoil its mappings",
    "sequential": "symmetric, with ports one after the other",
    "ipv6": "IPv6 alone, without a NAT",
    "dual-stack": "a public IPv4 and a public IPv6 address",
    "nat64": "IPv6 alone, behind a port-restricted NAT64 (RFC 6146)",
}
WITHOUT_NAT = ("none", "ipv6", "dual-stack")
OPTIONS = {"hairpin": "the NAT sends what is for its own outside address back", "udp-blocked": "no UDP gets out",
           "only-443": "nothing but TCP to port 443 gets out"}

CLASSIC_SAYS = {"full-cone": "eim/eif", "address-restricted": "eim/adf", "port-restricted": "eim/apdf", "symmetric": "apdm/apdf"}


def grammar():
    """What may be said on the command line, line by line."""
    def listed(names):
        return "\n".join(f"  {name:<20}{what}" for name, what in names.items())
    return f"""NAT types of --cell ONE,OTHER:
{listed(CLASSIC_SAYS)}
  adm/eif, apdm/adf…  RFC 4787's mapping and filtering: eim adm apdm / eif adf apdf
                      (endpoint-independent, address-dependent,
                      address-and-port-dependent)
{listed(OTHERS)}
  HOME@CARRIER        a home's NAT behind a carrier's: port-restricted@symmetric
{listed({"+" + name: what for name, what in OPTIONS.items()})}"""


class Unknown(ValueError):
    """Words that name no side; the message says what to try."""


@dataclasses.dataclass(frozen=True)
class Side:
    """`mapping` and `filtering` are nat_rules' numbers, None without such a NAT; `carrier` is the side that the NAT is behind."""
    name: str
    mapping: int | None = None
    filtering: int | None = None
    carrier: "Side | None" = None
    options: frozenset = frozenset()

    def rules(self, external):
        """What nft reads for its NAT; None: it has none."""
        nat = self.base
        if nat in WITHOUT_NAT:
            return None
        if nat in ("linux", "noisy"):
            made = nat_rules.masquerade(quiet=nat == "linux")
        else:
            made = nat_rules.rules(self.mapping, self.filtering, external, hairpin="hairpin" in self.options, sequential=nat == "sequential")
        if self.options & {"udp-blocked", "only-443"}:
            made += nat_rules.firewall(only_tcp_443="only-443" in self.options)
        return made

    @property
    def base(self):
        return self.name.partition("+")[0].partition("@")[0]

    @property
    def public(self):
        """Whether it has no NAT at all."""
        return self.base in WITHOUT_NAT

    @property
    def ipv4(self):
        return self.base not in ("ipv6", "nat64")

    @property
    def ipv6(self):
        return self.base in ("ipv6", "dual-stack", "nat64")

    def behaves(self):
        """(mapping, filtering) of the whole way out: the worse of each property of the NATs in it. A public address: endpoint-independent."""
        own = (self.mapping or 0, self.filtering or 0)
        if self.carrier is None:
            return own
        worse = [max(pair) for pair in zip(own, self.carrier.behaves())]
        return tuple(worse)

    def says(self):
        """The side in words."""
        if self.base in OTHERS:
            words = OTHERS[self.base]
        else:
            words = f"{LONG[self.mapping]} mapping, {LONG[self.filtering]} filtering"
        if self.carrier:
            words += f"; behind a carrier's NAT: {self.carrier.says()}"
        return "; ".join([words, *(OPTIONS[name] for name in sorted(self.options))])


def pair_name(mapping, filtering):
    """The classic name where there is one."""
    for name, behaviour in nat_rules.CLASSIC.items():
        if behaviour == (mapping, filtering):
            return name
    short = {number: word for word, number in PROPERTY.items()}
    return f"{short[mapping]}m/{short[filtering]}f"


def parse(text):
    """A Side of its words, or Unknown."""
    base, *options = text.strip().lower().split("+")
    home, _, carrier = base.partition("@")
    for option in options:
        if option not in OPTIONS:
            raise Unknown(f'"{option}" is no option of a side; there are {", ".join(OPTIONS)}')
    behind = parse(carrier) if carrier else None
    mapping, filtering = _behaviour(home)
    name = home if home in OTHERS else pair_name(mapping, filtering)
    if home in WITHOUT_NAT and (options or behind):
        raise Unknown(f'"{home}" has no NAT that could block or be behind another one; try: port-restricted+udp-blocked')
    if behind and behind.base in WITHOUT_NAT:
        raise Unknown(f'"{carrier}" is no NAT; try: port-restricted@symmetric')
    if home == "nat64" and behind:
        raise Unknown('"nat64" is not behind another NAT here; try: port-restricted@symmetric')
    if behind and behind.base == "nat64":
        raise Unknown(f'"{carrier}" is no NAT of a carrier here; try: port-restricted@symmetric')
    if "hairpin" in options and home in ("linux", "noisy", "nat64"):
        raise Unknown(f'"{home}" cannot hairpin; try: port-restricted+hairpin')
    full = name + (f"@{behind.name}" if behind else "") + "".join(f"+{option}" for option in sorted(options))
    return Side(full, mapping, filtering, behind, frozenset(options))


def _behaviour(name):
    if name in nat_rules.CLASSIC:
        return nat_rules.CLASSIC[name]
    if name in ("linux", "noisy", "nat64"):
        return nat_rules.CLASSIC["port-restricted"]
    if name == "sequential":
        return nat_rules.CLASSIC["symmetric"]
    if name in OTHERS:
        return None, None
    mapping, slash, filtering = name.partition("/")
    if slash and mapping.endswith("m") and filtering.endswith("f") and mapping[:-1] in PROPERTY and filtering[:-1] in PROPERTY:
        return PROPERTY[mapping[:-1]], PROPERTY[filtering[:-1]]
    raise Unknown(f'"{name}" is no NAT type; try: {", ".join([*nat_rules.CLASSIC, "adm/eif", *OTHERS])}')
