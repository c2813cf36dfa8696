#include "experts/token/vocabulary.hpp"

#include <algorithm>
#include <stdexcept>

namespace nzip {

Vocabulary::Vocabulary(std::span<const std::string_view> tokens) : ids_(tokens.size()) {
  for (uint32_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].size() > 0xffff) throw std::invalid_argument("a token of more than 65,535 bytes");
    if (!tokens[id].empty()) order_.push_back(id);
  }
  std::ranges::sort(order_,
                    [&](uint32_t a, uint32_t b) { return tokens[a] != tokens[b] ? tokens[a] < tokens[b] : a > b; });
  const auto equal = [&](uint32_t a, uint32_t b) { return tokens[a] == tokens[b]; };
  order_.erase(std::unique(order_.begin(), order_.end(), equal), order_.end());  // clang 14 has no ranges::unique
  if (order_.size() < 2 || order_.size() > size_t(1) << 24)
    throw std::invalid_argument("a vocabulary has 2 to 2^24 different tokens");

  // Breadth first, so that the nodes are those of one depth after those of another.
  nodes_.push_back({0, uint32_t(order_.size()), 0, 0, 0, false});
  for (size_t first = 0, depth = 0; first < nodes_.size(); ++depth) {
    const size_t last = nodes_.size();
    for (; first < last; ++first) {
      Node node = nodes_[first];
      node.token = tokens[order_[node.begin]].size() == depth;
      node.child = uint32_t(nodes_.size());
      for (uint32_t i = node.begin + node.token; i < node.end; ++node.children) {
        const auto byte = uint8_t(tokens[order_[i]][depth]);
        const uint32_t begin = i;
        while (i < node.end && uint8_t(tokens[order_[i]][depth]) == byte) ++i;
        nodes_.push_back({begin, i, 0, 0, byte, false});
      }
      nodes_[first] = node;
    }
  }
}

uint32_t Vocabulary::child(uint32_t node, uint8_t byte) const {
  const Node& n = nodes_[node];
  const auto begin = nodes_.begin() + n.child, end = begin + n.children;
  const auto found = std::lower_bound(begin, end, byte, [](const Node& a, uint8_t b) { return a.byte < b; });
  return found != end && found->byte == byte ? uint32_t(found - nodes_.begin()) : kNone;
}

Vocabulary::Found Vocabulary::longest(std::span<const uint8_t> text) const {
  Found found{0, 0};
  uint32_t node = kRoot;
  for (uint32_t size = 1; size <= text.size(); ++size) {
    node = child(node, text[size - 1]);
    if (node == kNone) break;
    if (nodes_[node].token) found = {nodes_[node].begin, size};
  }
  return found;
}

}  // namespace nzip
