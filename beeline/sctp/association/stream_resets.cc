#include "beeline/sctp/association/stream_resets.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

// In one request: what fits a packet with room to spare.
constexpr std::size_t kMostStreams = 256;
constexpr std::size_t kMostResponses = 4;
// Requests of the other side that wait for what was sent before them, or for the next second.
constexpr std::size_t kMostWaiting = 64;

}  // namespace

void StreamResets::ask(std::vector<StreamId> streams) {
  asked_.insert(asked_.end(), streams.begin(), streams.end());
}

bool StreamResets::is_due(Instant now) const {
  if (under_way_) return !again_at_ || *again_at_ <= now;
  return !asked_.empty();
}

bool StreamResets::write_request(PacketBuilder& builder, Tsn last, Instant now, Duration timeout) {
  if (!under_way_) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(asked_.size(), kMostStreams));
    under_way_ = UnderWay{{next_++}, last, {asked_.begin(), asked_.begin() + count}, false};
    asked_.erase(asked_.begin(), asked_.begin() + count);
    tries_ = 0;
  }
  std::vector<std::uint8_t> value;
  append_re_config(
      value,
      OutgoingReset{under_way_->request, {expected_ - 1}, under_way_->last, under_way_->streams});
  if (value.size() > builder.room()) return false;
  builder.chunk(ChunkType::kReConfig, 0, value);
  under_way_->left = true;
  again_at_ = now + rules::backed_off(timeout, ++tries_);
  return true;
}

std::optional<StreamResets::Answered> StreamResets::on_response(const ReConfigResponse& response,
                                                                Instant now, Duration timeout) {
  if (!under_way_ || response.request != under_way_->request) return std::nullopt;
  //= RFC 6525 §5.2.7
  // The other side waits for data: ask again, for its answer may get lost.
  if (response.result == ReConfigResult::kInProgress) {
    tries_ = 0;
    again_at_ = now + timeout;
    return std::nullopt;
  }
  Answered answered{std::move(under_way_->streams),
                    response.result != ReConfigResult::kPerformed &&
                        response.result != ReConfigResult::kNothingToDo};
  under_way_.reset();
  again_at_.reset();
  return answered;
}

std::optional<StreamResets::Answered> StreamResets::on_implied_response(StreamId stream) {
  if (!under_way_ || !under_way_->left ||
      std::ranges::find(under_way_->streams, stream) == under_way_->streams.end())
    return std::nullopt;
  Answered answered{std::move(under_way_->streams), false};
  under_way_.reset();
  again_at_.reset();
  return answered;
}

void StreamResets::respond(Tsn request, ReConfigResult result) {
  if (responses_.size() < kMostResponses) responses_.push({request, result});
}

StreamResets::Asked StreamResets::on_request(const ReConfigParameter& parameter, LongTsn cumulative,
                                             Instant now) {
  const Tsn request = std::visit([](const auto& each) { return each.request; }, parameter);
  if (request.value != expected_) {
    on_request_out_of_order(request);
    return {};
  }
  if (waiting_.size() >= kMostWaiting) return {};
  ++expected_;
  if (const auto* reset = std::get_if<OutgoingReset>(&parameter)) {
    const bool first = waiting_.empty();
    waiting_.push_back({request, lengthen(reset->last, cumulative), reset->streams});
    const Asked asked = first ? on_progress(cumulative, now) : Asked{};
    if (!asked.reset) respond(request, ReConfigResult::kInProgress);
    return asked;
  }
  //= RFC 6525 §5.2.3
  // Our streams begin anew when the channel on them is closed here; nobody else says when. More
  // streams: there are as many as numbers anyhow, and each costs nothing before its first message.
  last_result_ = std::holds_alternative<IncomingReset>(parameter) ? ReConfigResult::kDenied
                                                                  : ReConfigResult::kPerformed;
  respond(request, last_result_);
  return {};
}

//= RFC 6525 §5.2.1
// Whoever keeps to the RFC has one request under way. Pion has as many as it likes, and takes any
// answer to one for its end: so they wait in a row here, and what comes before its turn, or finds
// no room, is not refused but left to be asked again.
void StreamResets::on_request_out_of_order(Tsn request) {
  // Again: the answer got lost, or it is still being waited for.
  if (std::ranges::find(waiting_, request, &Waiting::request) != waiting_.end())
    return respond(request, ReConfigResult::kInProgress);
  if (request.value + 1 == expected_) return respond(request, last_result_);
  if (request.value - expected_ < kMostWaiting) return;
  respond(request, ReConfigResult::kBadSequenceNumber);
}

bool StreamResets::may_perform(Instant now) {
  constexpr Duration kSecond = std::chrono::seconds(1);
  if (now - second_began_ >= kSecond) {
    second_began_ = now;
    done_in_second_ = 0;
  }
  perform_at_.reset();
  if (rules::may_reset_again(done_in_second_)) return ++done_in_second_, true;
  perform_at_ = second_began_ + kSecond;
  return false;
}

StreamResets::Asked StreamResets::on_progress(LongTsn cumulative, Instant now) {
  if (waiting_.empty() || rules::reset_waits(cumulative, waiting_.front().last) ||
      !may_perform(now))
    return {};
  const Waiting done = std::move(waiting_.front());
  waiting_.pop_front();
  if (done.request.value + 1 == expected_) last_result_ = ReConfigResult::kPerformed;
  respond(done.request, ReConfigResult::kPerformed);
  return {done.streams};
}

void StreamResets::write_responses(PacketBuilder& builder) {
  while (!responses_.empty()) {
    std::vector<std::uint8_t> value;
    append_re_config(value, responses_.front());
    if (value.size() > builder.room()) return;
    builder.chunk(ChunkType::kReConfig, 0, value);
    responses_.drop();
  }
}

}  // namespace beeline::sctp
