#include "beeline/sctp/association/stream_resets.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

// In one request: what fits a packet with room to spare.
constexpr std::size_t kMostStreams = 256;
constexpr std::size_t kMostResponses = 4;

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
  if (responses_.size() < kMostResponses) responses_.push_back({request, result});
}

StreamResets::Asked StreamResets::on_request(const ReConfigParameter& parameter, LongTsn cumulative,
                                             Instant now) {
  const Tsn request = std::visit([](const auto& each) { return each.request; }, parameter);
  if (request.value + 1 == expected_) {
    //= RFC 6525 §5.2.1
    // Again: the answer got lost, or it is still being waited for.
    respond(request, waiting_ ? ReConfigResult::kInProgress : last_result_);
    return {};
  }
  if (request.value != expected_) {
    respond(request, ReConfigResult::kBadSequenceNumber);
    return {};
  }
  //= RFC 6525 §5.2.1
  if (waiting_) {
    respond(request, ReConfigResult::kAlreadyInProgress);
    return {};
  }
  ++expected_;
  if (const auto* reset = std::get_if<OutgoingReset>(&parameter)) {
    waiting_ = Waiting{request, lengthen(reset->last, cumulative), reset->streams};
    const Asked asked = on_progress(cumulative, now);
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
  if (!waiting_ || rules::reset_waits(cumulative, waiting_->last) || !may_perform(now)) return {};
  Asked asked{std::move(waiting_->streams)};
  last_result_ = ReConfigResult::kPerformed;
  respond(waiting_->request, last_result_);
  waiting_.reset();
  return asked;
}

void StreamResets::write_responses(PacketBuilder& builder) {
  while (!responses_.empty()) {
    std::vector<std::uint8_t> value;
    append_re_config(value, responses_.front());
    if (value.size() > builder.room()) return;
    builder.chunk(ChunkType::kReConfig, 0, value);
    responses_.pop_front();
  }
}

}  // namespace beeline::sctp
