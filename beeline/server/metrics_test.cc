#include "beeline/server/metrics.h"

#include <gtest/gtest.h>

namespace beeline::server {
namespace {

TEST(MetricsText, samples_of_one_metric_share_one_header) {
  MetricsText metrics;
  metrics.counter("beeline_turn_relayed_bytes_total", "Bytes relayed.", 7,
                  {{"direction", "to_peer"}});
  metrics.counter("beeline_turn_relayed_bytes_total", "Bytes relayed.", 8,
                  {{"direction", "to_client"}});
  metrics.gauge("beeline_members", "Members in rooms.", 2);
  EXPECT_EQ(metrics.text(),
            "# HELP beeline_turn_relayed_bytes_total Bytes relayed.\n"
            "# TYPE beeline_turn_relayed_bytes_total counter\n"
            "beeline_turn_relayed_bytes_total{direction=\"to_peer\"} 7\n"
            "beeline_turn_relayed_bytes_total{direction=\"to_client\"} 8\n"
            "# HELP beeline_members Members in rooms.\n"
            "# TYPE beeline_members gauge\n"
            "beeline_members 2\n");
}

}  // namespace
}  // namespace beeline::server
