// For tests of whole descriptions: asks a description for everything that this module can read of
// it, and says what could not be read or does not come back as it was.
#pragma once

#include <string>
#include <vector>

#include "beeline/sdp/attribute/candidate.h"
#include "beeline/sdp/attribute/codec.h"
#include "beeline/sdp/attribute/direction.h"
#include "beeline/sdp/attribute/extmap.h"
#include "beeline/sdp/attribute/fingerprint.h"
#include "beeline/sdp/attribute/group.h"
#include "beeline/sdp/attribute/ice.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/attribute/msid.h"
#include "beeline/sdp/attribute/rid.h"
#include "beeline/sdp/attribute/rtcp.h"
#include "beeline/sdp/attribute/sctp.h"
#include "beeline/sdp/attribute/setup.h"
#include "beeline/sdp/attribute/simulcast.h"
#include "beeline/sdp/attribute/ssrc.h"
#include "beeline/sdp/session.h"

namespace beeline::sdp {

struct Findings {
  std::size_t read = 0;                 // values
  std::vector<std::string> unreadable;  // lines
  std::vector<std::string> changed;     // lines that are other values after writing and reading
};

template <Typed T>
void read_every(const Section& section, Findings& findings) {
  for (const Line& line : section.lines) {
    if (!line.is(T::kKey)) continue;
    const auto value = T::parse(line.value());
    if (!value) {
      findings.unreadable.push_back(line.text);
      continue;
    }
    ++findings.read;
    const auto again = T::parse(value->text());
    if (!again || !(*again == *value)) findings.changed.push_back(line.text);
  }
}

template <typename... Types>
void read_all_of(const Section& section, Findings& findings) {
  (read_every<Types>(section, findings), ...);
}

inline void read_every_attribute(const Section& section, Findings& findings) {
  read_all_of<Origin, Connection, Bandwidth, Candidate, Rtpmap, Fmtp, RtcpFb, Extmap, Fingerprint,
              Group, IceUfrag, IcePwd, IceOptions, Mid, Msid, Rid, RtcpAddress, SctpPort,
              MaxMessageSize, SctpMap, SctpInit, Setup, TlsId, Simulcast, SsrcAttribute, SsrcGroup>(
      section, findings);
}

inline Findings read_everything(const Session& session) {
  Findings findings;
  read_every_attribute(session, findings);
  for (const Media& media : session.media) {
    read_every_attribute(media, findings);
    findings.read += codecs(media).size() + rids(media).size();
    findings.read += is_data_channel(media) && sctp_port(media) && max_message_size(media) ? 1 : 0;
    findings.read += effective_all<Fingerprint>(session, media).has_value() ? 1 : 0;
    findings.read += effective<IceOptions>(session, media).has_value() ? 1 : 0;
    findings.read += sends(effective_direction(session, media)) ? 1 : 0;
  }
  return findings;
}

}  // namespace beeline::sdp
