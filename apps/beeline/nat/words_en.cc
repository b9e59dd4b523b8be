// beeline nat in English.
#include "apps/beeline/nat/words.h"

namespace beeline::cli {

namespace {

constexpr NatWords kEnglish{
    .tag = "en",
    .kind = {{"No NAT: open to the internet", "No NAT, but a firewall", "Full cone NAT",
              "Address-restricted cone NAT", "Port-restricted cone NAT", "Symmetric NAT",
              "UDP is blocked", "Not enough is known for a verdict"}},
    .sentence = {{"Everybody reaches you directly.",
                  "Answers get in, strangers do not. Calls punch through it as through a NAT.",
                  "Once a port is open everybody gets in: every call finds a direct path.",
                  "Once you have called an address, it gets in from any port.",
                  "Once you have called an address and port, that one gets in and nobody else.",
                  "Every destination sees another port of yours, so others cannot know in advance "
                  "where to knock.",
                  "This network drops UDP. TCP to the same server gets through.",
                  "The lines below say what was found out, and why the rest was not."}},
    .advice =
        {{"Nothing: this is as good as it gets.",
          "Nothing is needed. Where calls still fail, let UDP in to this machine.",
          "Nothing: this is as good as a NAT gets.",
          "Nothing is needed. UPnP or a forwarded UDP port at the router would make it a full "
          "cone.",
          "Mostly nothing. For direct paths to people behind a symmetric NAT, turn on UPnP (or "
          "NAT-PMP) at the router, or forward a UDP port.",
          "Look at the router for \"full cone NAT\", \"endpoint-independent NAT\" or \"open "
          "NAT\", or turn on UPnP. A Linux router does this after masquerade with random or "
          "fully-random: leave that out. Where the provider shares one address among many "
          "(CGNAT), ask for an own one, or use IPv6.",
          "Ask whoever runs the network to let UDP out. Until then calls go through TURN over "
          "TCP or TLS, best on port 443.",
          "Ask a server that has two addresses, for example: beeline serve --nat-test-address."}},
    .short_kind = {{"no NAT", "firewall", "full cone", "address-restricted", "port-restricted",
                    "symmetric", "UDP blocked", "unknown"}},
    .outcome = {{"", "The name of {} leads to no address.",
                 "This machine has no address that could reach {}.", "",
                 "Nothing comes back from {}, neither over UDP nor over TCP."}},
    .remedy = {{"", "check the spelling, or give the server's address",
                "ip address; beeline nat --family with the other family", "",
                "another server: this one may be down, speak no STUN, or be out of reach of this "
                "network"}},
    .mapping = {{"endpoint-independent: one outside port, whoever you talk to",
                 "address-dependent: another outside port for every address you talk to",
                 "address- and port-dependent: another outside port for every destination"}},
    .filtering = {{"endpoint-independent: lets everybody in to an open port",
                   "address-dependent: lets in the addresses you have sent to",
                   "address- and port-dependent: lets in exactly those you have sent to"}},
    .ports = {{"preserved: outside as inside", "counted, others can predict them", "random"}},
    .doubt = {{"", "not asked", "unknown: the server has one address only",
               "unknown: nothing comes from the server's other address",
               "unknown: the server refuses to answer from elsewhere",
               "unknown: the server answers from the same address whatever it is asked",
               "unknown: the answers contradict each other", "unknown: too few answers came",
               "does not apply: there is no NAT",
               "unknown: this NAT keeps ports, and the server aims at no other port"}},
    .step = {{"looking up the server", "waiting for the first answer", "opening more ports",
              "testing who gets in", "no answer over UDP; trying TCP",
              "waiting for mappings to die"}},
    .asked = "asked",
    .mapping_line = "mapping",
    .filtering_line = "filtering",
    .ports_line = "ports",
    .hairpin_line = "hairpin",
    .lifetime_line = "lifetime",
    .directly_line = "you reach directly",
    .relayed_line = "by relay",
    .advice_line = "what to do",
    .this_machine = "this machine",
    .router = "router",
    .no_router = "no translation",
    .whom_you_called = "whom you called",
    .its_other_ports = "its other ports",
    .everybody_else = "everybody else",
    .nobody = "nobody",
    .hairpin_yes = "yes: two behind this NAT reach each other by their outside addresses",
    .hairpin_shows_inside =
        "yes, but with the inside address as its source, which confuses some programs",
    .hairpin_no = "no: two behind this NAT need their inside addresses, or a relay",
    .port_step = " (step {})",
    .several_addresses = "; this NAT uses several outside addresses",
    .lifetime_between = "an unused mapping lives for {} to {} seconds",
    .lifetime_below = "an unused mapping lives for less than {} seconds, which is very short",
    .lifetime_above = "an unused mapping lives for {} seconds at least",
    .lifetime_not_asked = "not measured: --lifetime does, and takes up to {} minutes",
    .may_take = "up to {} s",
    .separator = ", ",
};

}  // namespace

const NatWords& english() {
  return kEnglish;
}

}  // namespace beeline::cli
