// QR codes as text for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace beeline::server {

// Lines of half blocks (two modules per character cell), dark on light with a quiet zone, each line
// ending in '\n'. Empty where the text does not fit a QR code.
std::string qr_code(std::string_view text, bool colour);

}  // namespace beeline::server
