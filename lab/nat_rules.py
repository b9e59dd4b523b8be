"""NATs of a real kernel, as nftables rules: any mapping with any filtering of RFC 4787 §4.1 and §5, for one external IPv4 address.

A map gives each inside socket (and destination, where the mapping depends on it) its external port; another leads back from that
port; a set remembers whom the port has sent to. The NAT's own sockets get nothing new from outside: without that, a packet that comes
too early would leave a connection of the NAT itself behind and spoil the mapping of the flow that follows.
"""

ENDPOINT, ADDRESS, ADDRESS_AND_PORT = range(3)

# The classic names: (mapping, filtering).
CLASSIC = {
    "full-cone": (ENDPOINT, ENDPOINT),
    "address-restricted": (ENDPOINT, ADDRESS),
    "port-restricted": (ENDPOINT, ADDRESS_AND_PORT),
    "symmetric": (ADDRESS_AND_PORT, ADDRESS_AND_PORT),
}

LIFETIME = "flags dynamic,timeout; timeout 300s; size 65535;"
KEY = ("ip saddr . udp sport", "ip saddr . udp sport . ip daddr", "ip saddr . udp sport . ip daddr . udp dport")
KEY_TYPE = ("ipv4_addr . inet_service", "ipv4_addr . inet_service . ipv4_addr", "ipv4_addr . inet_service . ipv4_addr . inet_service")
SENT_TO_TYPE = ("", "inet_service . ipv4_addr", "inet_service . ipv4_addr . inet_service")
SENT_TO = ("", "udp sport . ip daddr", "udp sport . ip daddr . udp dport")
HEARD_FROM = ("", "udp dport . ip saddr @admitted", "udp dport . ip saddr . udp sport @admitted")
# Behind a hairpin the destination has been translated already when the source is.
TURNED_KEY = ("ip saddr . udp sport", "ip saddr . udp sport . ct original ip daddr",
              "ip saddr . udp sport . ct original ip daddr . ct original proto-dst")


def rules(mapping, filtering, external, *, hairpin=False, sequential=False):
    """What nft -f reads, for a namespace whose interfaces are called lan and wan.

    `hairpin`: two behind it reach each other at their external addresses, RFC 4787 §6, with external source address. `sequential`: the
    next mapping has the next port; the kernel counts in network byte order, which makes it steps of 256.
    """
    new = f'iifname "lan" {"" if hairpin else f"ip daddr != {external} "}ct state new meta l4proto udp'
    # A flow is new until it is answered, and each of its packets would count.
    counted = f"set counted {{ type {KEY_TYPE[mapping]}; {LIFETIME} }}" if sequential else ""
    once, count = (f"{KEY[mapping]} != @counted", f"{new} add @counted {{ {KEY[mapping]} }}") if sequential else ("", "")
    admitted = f"set admitted {{ type {SENT_TO_TYPE[filtering]}; {LIFETIME} }}" if filtering else ""
    remember = f'oifname "wan" meta l4proto udp update @admitted {{ {SENT_TO[filtering]} }}' if filtering else ""
    order = "inc" if sequential else "random"
    turn_in = f'iifname "lan" ip daddr {external} meta l4proto udp dnat ip to udp dport map @inside' if hairpin else ""
    turn_out = (f'oifname "lan" iifname "lan" ct status dnat ip saddr != {external} ct original ip daddr {external} '
                f"meta l4proto udp snat to {external} : {TURNED_KEY[mapping]} map @outside") if hairpin else ""
    learn = "ct direction original update @inside { udp sport : ct original ip saddr . ct original proto-src }"
    turn_learn = f'oifname "lan" ip saddr {external} meta l4proto udp {learn}' if hairpin else ""
    return f"""
table ip nat_under_test {{
  map outside {{ type {KEY_TYPE[mapping]} : inet_service; {LIFETIME} }}
  map inside {{ type inet_service : ipv4_addr . inet_service; {LIFETIME} }}
  {admitted}
  {counted}
  chain choose_port {{
    type filter hook prerouting priority -150;
    {new} {once} add @outside {{ {KEY[mapping]} : numgen {order} mod 20000 offset 40000 }}
    {count}
  }}
  chain inwards {{
    type nat hook prerouting priority -100;
    iifname "wan" meta l4proto udp {HEARD_FROM[filtering]} dnat ip to udp dport map @inside
    {turn_in}
  }}
  chain outwards {{
    type nat hook postrouting priority 100;
    oifname "wan" meta l4proto udp snat to {external} : {KEY[mapping]} map @outside
    oifname "wan" meta l4proto != udp masquerade
    {turn_out}
  }}
  chain remember {{
    type filter hook postrouting priority 150;
    oifname "wan" meta l4proto udp {learn}
    {turn_learn}
    {remember}
  }}
  {OWN_SOCKETS}
}}
"""


OWN_SOCKETS = """chain own_sockets {
    type filter hook input priority 0;
    iifname "wan" ct state new drop
  }"""


SWITCHED_OFF = """
table ip switched_off {
  chain inwards {
    type filter hook prerouting priority -300; policy drop;
  }
}
"""


def masquerade(*, quiet=True):
    """What a Linux router does by itself: ports kept, only whom was written to may answer. Not `quiet`: the router's own sockets get what
    nobody asked for, and a packet that comes too early then spoils the mapping."""
    return f"""
table ip nat_under_test {{
  chain outwards {{
    type nat hook postrouting priority 100;
    oifname "wan" masquerade
  }}
  {OWN_SOCKETS if quiet else ""}
}}
"""


def firewall(*, only_tcp_443):
    """To be loaded beside one of the above: no UDP leaves; perhaps nothing but TCP to port 443 does."""
    return f"""
table ip firewall {{
  chain outwards {{
    type filter hook forward priority -1;
    oifname "wan" meta l4proto udp drop
    {'oifname "wan" tcp dport != 443 drop' if only_tcp_443 else ""}
  }}
}}
"""
