// data_peer [--echo] [--log] [--no-interleaving] [--no-zero-checksum] [--no-re-config]: see data_peer.h.
#include <fmt/format.h>

#include <string_view>

#include "tests/interop/data/data_peer.h"

int main(int argc, char** argv) {
  beeline::interop::DataPeerSettings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--echo") {
      settings.echo = true;
    } else if (flag == "--log") {
      settings.log = true;
    } else if (flag == "--no-interleaving") {
      settings.capabilities.interleaving = false;
    } else if (flag == "--no-zero-checksum") {
      settings.capabilities.zero_checksum = false;
    } else if (flag == "--no-re-config") {
      settings.capabilities.re_config = false;
    } else {
      fmt::print(stderr, "data_peer: there is no flag \"{}\"\n", flag);
      return 2;
    }
  }
  beeline::interop::DataPeer(settings).run();
}
