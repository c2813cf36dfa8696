// Guesses what describes the encoder of a stream.
#pragma once

#include "base/stop.hpp"
#include "transforms/deflate/inflate.hpp"
#include "transforms/deflate/parameters.hpp"

namespace nzip::deflate {

Parameters estimate(const Parsed& stream, const Stop& stop);

}  // namespace nzip::deflate
