// stun::Message and every typed attribute reader.
#include "beeline/stun/attributes.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/integrity.h"
#include "beeline/stun/message.h"

using namespace beeline;

namespace {

void read_everything(Bytes value, const stun::TransactionId& id) {
  (void)stun::read_address(value);
  (void)stun::read_xor_address(value, id);
  (void)stun::read_u32(value);
  (void)stun::read_u64(value);
  (void)stun::read_text(value, stun::kMaxRealm);
  (void)stun::read_error_code(value);
  (void)stun::read_unknown_attributes(value);
  (void)stun::read_password_algorithm(value);
  (void)stun::read_password_algorithms(value);
  (void)stun::read_channel_number(value);
  (void)stun::read_requested_transport(value);
  (void)stun::read_address_family(value);
  (void)stun::read_even_port(value);
  (void)stun::read_address_error_code(value);
  (void)stun::read_icmp(value);
  (void)stun::read_change_request(value);
  (void)stun::read_response_port(value);
  (void)stun::features_of(as_text(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  read_everything(bytes, {});
  const auto message = stun::Message::parse(bytes);
  if (!message) return 0;
  std::size_t counted = 0;
  message->for_each([&](const stun::Attribute& attribute) {
    read_everything(attribute.value, message->transaction_id());
    ensure(message->has(attribute.type), "what is visited is found");
    ++counted;
  });
  ensure(counted * 4 <= size, "attributes take room");
  (void)stun::check_integrity(*message, as_bytes("key"));
  (void)stun::check_integrity_sha256(*message, as_bytes("key"));
  (void)stun::check_fingerprint(*message);
  return 0;
}
