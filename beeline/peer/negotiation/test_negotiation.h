// For tests: both ends of offer and answer, and descriptions changed on their way.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "beeline/peer/negotiation/negotiation.h"
#include "beeline/sdp/attribute/mid.h"
#include "beeline/sdp/writer.h"

namespace beeline::peer {

inline LocalTransport test_transport(std::uint8_t of) {
  const std::string letter(1, static_cast<char>('a' + of));
  return {.ice = {.ufrag = letter + "bcd", .password = letter + "123456789012345678901"},
          .fingerprint = {crypto::CertificateHash::kSha256, std::vector<std::uint8_t>(32, of)},
          .max_message = 1000,
          .sctp_init = {}};
}

// One end, and what it says of its transport.
struct NegotiatingEnd {
  explicit NegotiatingEnd(std::uint8_t of) : core(of), transport(test_transport(of)) {}

  Description make_offer() {
    auto made = core.make_offer(transport, true);
    EXPECT_TRUE(made);
    return made ? *made : Description{};
  }
  Description make_answer() {
    auto made = core.make_answer(transport);
    EXPECT_TRUE(made);
    return made ? *made : Description{DescriptionType::kAnswer, ""};
  }
  Description offer() {
    Description made = make_offer();
    EXPECT_TRUE(core.set_local(made));
    return made;
  }
  Description answer() {
    Description made = make_answer();
    EXPECT_TRUE(core.set_local(made));
    return made;
  }
  NegotiationError::Cause refusal_of_remote(const Description& description) {
    const auto applied = core.set_remote(description);
    EXPECT_FALSE(applied);
    return applied ? NegotiationError::Cause::kClosed : applied.error().cause;
  }
  NegotiationError::Cause refusal_of_local(const Description& description) {
    const auto applied = core.set_local(description);
    EXPECT_FALSE(applied);
    return applied ? NegotiationError::Cause::kClosed : applied.error().cause;
  }

  Negotiation core;
  LocalTransport transport;
};

// Offer by one, answer by the other; what the answer says.
inline Description agree(NegotiatingEnd& offerer, NegotiatingEnd& answerer) {
  const Description offer = offerer.offer();
  EXPECT_TRUE(answerer.core.set_remote(offer));
  Description answer = answerer.answer();
  EXPECT_TRUE(offerer.core.set_remote(answer));
  return answer;
}

inline Description offer_of(const sdp::Session& session) {
  return {DescriptionType::kOffer, sdp::write(session)};
}

inline sdp::Session read(const Description& description) {
  auto session = sdp::parse(description.sdp);
  EXPECT_TRUE(session);
  return session ? *session : sdp::Session();
}

inline std::string name_of(const sdp::Media& media) {
  return sdp::first<sdp::Mid>(media).value_or(sdp::Mid{}).value;
}

}  // namespace beeline::peer
