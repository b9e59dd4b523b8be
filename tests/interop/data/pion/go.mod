// Minimal: Debian keeps its Go packages outside of modules, and this file lets their paths carry a version.
module pion_end

go 1.19
