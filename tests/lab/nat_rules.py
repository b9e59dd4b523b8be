"""NATs of a real kernel, as nftables rules: any mapping with any filtering of RFC 4787 §4.1 and §5, for one external IPv4 address.

A map gives each inside socket (and destination, where the mapping depends on it) its external port; another leads back from that
port; a set remembers whom the port has sent to. The NAT's own sockets get nothing new from outside: without that, a packet that comes
too early would leave a connection of the NAT itself behind and spoil the mapping of the flow that follows.
"""

ENDPOINT, ADDRESS, ADDRESS_AND_PORT = range(3)

# The classic names: (mapping, filtering).
CLASSIC = {
    "full_cone": (ENDPOINT, ENDPOINT),
    "address_restricted": (ENDPOINT, ADDRESS),
    "port_restricted": (ENDPOINT, ADDRESS_AND_PORT),
    "symmetric": (ADDRESS_AND_PORT, ADDRESS_AND_PORT),
}

LIFETIME = "flags dynamic,timeout; timeout 300s; size 65535;"
KEY = ("ip saddr . udp sport", "ip saddr . udp sport . ip daddr", "ip saddr . udp sport . ip daddr . udp dport")
KEY_TYPE = ("ipv4_addr . inet_service", "ipv4_addr . inet_service . ipv4_addr", "ipv4_addr . inet_service . ipv4_addr . inet_service")
SENT_TO_TYPE = ("", "inet_service . ipv4_addr", "inet_service . ipv4_addr . inet_service")
SENT_TO = ("", "udp sport . ip daddr", "udp sport . ip daddr . udp dport")
HEARD_FROM = ("", "udp dport . ip saddr @admitted", "udp dport . ip saddr . udp sport @admitted")


def rules(mapping, filtering, external):
    """What nft -f reads, for a namespace whose interfaces are called lan and wan."""
    admitted = f"set admitted {{ type {SENT_TO_TYPE[filtering]}; {LIFETIME} }}" if filtering else ""
    remember = f'oifname "wan" meta l4proto udp update @admitted {{ {SENT_TO[filtering]} }}' if filtering else ""
    return f"""
table ip nat_under_test {{
  map outside {{ type {KEY_TYPE[mapping]} : inet_service; {LIFETIME} }}
  map inside {{ type inet_service : ipv4_addr . inet_service; {LIFETIME} }}
  {admitted}
  chain choose_port {{
    type filter hook prerouting priority -150;
    iifname "lan" ip daddr != {external} ct state new meta l4proto udp add @outside {{ {KEY[mapping]} : numgen random mod 20000 offset 40000 }}
  }}
  chain inwards {{
    type nat hook prerouting priority -100;
    iifname "wan" meta l4proto udp {HEARD_FROM[filtering]} dnat ip to udp dport map @inside
  }}
  chain outwards {{
    type nat hook postrouting priority 100;
    oifname "wan" meta l4proto udp snat to {external} : {KEY[mapping]} map @outside
    oifname "wan" meta l4proto != udp masquerade
  }}
  chain remember {{
    type filter hook postrouting priority 150;
    oifname "wan" meta l4proto udp ct direction original update @inside {{ udp sport : ct original ip saddr . ct original proto-src }}
    {remember}
  }}
  chain own_sockets {{
    type filter hook input priority 0;
    iifname "wan" ct state new drop
  }}
}}
"""
