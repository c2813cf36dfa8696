#include "transforms/deflate/stream.hpp"

#include <algorithm>

#include "coder/bit_coders.hpp"
#include "transforms/deflate/checksums.hpp"
#include "transforms/deflate/corrections.hpp"
#include "transforms/deflate/estimate.hpp"
#include "transforms/deflate/inflate.hpp"
#include "transforms/deflate/writer.hpp"

namespace nzip::deflate {
namespace {

// What no stream that is worth it has more of: packed bytes, given its content.
size_t most_packed(size_t content) { return 2 * content + 64; }

Trailer trailer_in(std::span<const uint8_t> rest, std::span<const uint8_t> content) {
  for (const Trailer kind : {kCrcAndSize, kAdler}) {
    const std::vector<uint8_t> trailer = trailer_of(content, kind);
    if (rest.size() >= trailer.size() && std::equal(trailer.begin(), trailer.end(), rest.begin())) return kind;
  }
  return kNoTrailer;
}

}  // namespace

std::optional<Opened> open(std::span<const uint8_t> packed, size_t max_content, const Stop& stop) {
  Parsed parsed = inflate(packed, max_content, stop);
  if (!parsed.valid || parsed.packed > most_packed(parsed.content.size())) return std::nullopt;
  const std::span<const uint8_t> content(parsed.content);
  const Trailer trailer = parsed.blocks.back().final ? trailer_in(packed.subspan(parsed.packed), content) : kNoTrailer;

  Opened opened;
  const Parameters parameters = estimate(parsed, stop);
  write(parameters, opened.residue);
  const size_t head = opened.residue.size();
  opened.residue.resize(head + parsed.packed / 8 + 64);
  BitEncoder encoder(std::span(opened.residue).subspan(head));
  Corrections corrections(encoder, content, parameters, stop);
  for (size_t i = 0; i < parsed.blocks.size(); ++i) {
    stop.check();
    if (!corrections.block(parsed.blocks[i])) return std::nullopt;
    if (!parsed.blocks[i].final) corrections.more(i + 1 < parsed.blocks.size());
  }
  corrections.number(parsed.tail);
  corrections.number(trailer);
  opened.residue.resize(head + encoder.finish());
  if (encoder.failed()) return std::nullopt;
  opened.packed = parsed.packed + trailer_of(content, trailer).size();
  opened.content = std::move(parsed.content);
  return opened;
}

std::optional<std::vector<uint8_t>> close(std::span<const uint8_t> content, std::span<const uint8_t> residue,
                                          const Stop& stop) {
  const std::optional<Parameters> parameters = read(residue);
  if (!parameters) return std::nullopt;
  BitDecoder decoder(residue);
  Corrections corrections(decoder, content, *parameters, stop);
  BitWriter out;
  for (bool more = true; more;) {
    stop.check();
    Block block;
    const auto rest = content.subspan(corrections.position());
    if (!corrections.block(block) || !write_block(block, rest, out, stop) || out.size() > most_packed(content.size()))
      return std::nullopt;
    more = !block.final && corrections.more(false);
  }
  const uint32_t tail = corrections.number(0), trailer = corrections.number(0);
  if (!corrections.at_end() || tail > 0x7f || trailer >= kTrailers || decoder.failed()) return std::nullopt;
  out.put(tail, out.to_byte());
  out.put(trailer_of(content, Trailer(trailer)));
  return std::move(out.bytes());
}

}  // namespace nzip::deflate
