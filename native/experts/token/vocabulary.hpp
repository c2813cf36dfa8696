// The tokens of a language model, in the order of their bytes, and the trie of these: the tokens that begin with the
// same bytes are one range of the order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nzip {

class Vocabulary {
 public:
  static constexpr uint32_t kRoot = 0, kNone = ~uint32_t(0);

  struct Node {
    uint32_t begin, end;  // its tokens, as places in the order
    uint32_t child;       // the first of its children, which lie one behind another, sorted by byte
    uint16_t children;
    uint8_t byte;  // that led here
    bool token;    // whether a token ends here; that is the first one
  };
  struct Found {
    uint32_t place;  // in the order
    uint32_t size;   // its bytes; 0: there is none
  };

  // tokens: the bytes of each by its id; tokens without bytes stand for nothing in a text. Of several tokens with the
  // same bytes the last counts. Throws std::invalid_argument unless there are 2 to 2^24 different ones, of at most
  // 65,535 bytes each.
  explicit Vocabulary(std::span<const std::string_view> tokens);

  size_t ids() const { return ids_; }                         // how many logits a model gives
  std::span<const uint32_t> order() const { return order_; }  // ids, sorted by bytes
  const Node& node(uint32_t node) const { return nodes_[node]; }
  uint32_t child(uint32_t node, uint8_t byte) const;

  // The longest token that the text begins with.
  Found longest(std::span<const uint8_t> text) const;

 private:
  size_t ids_;
  std::vector<uint32_t> order_;
  std::vector<Node> nodes_;
};

}  // namespace nzip
