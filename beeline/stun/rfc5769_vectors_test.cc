// The vectors of RFC 5769.
