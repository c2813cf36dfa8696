// A model's state for the lanes of a block: which tokens each has taken, and what was evaluated ahead.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "experts/llama/evaluator.hpp"
#include "experts/token/expert.hpp"
#include "experts/token/vocabulary.hpp"

namespace nzip::llama {

// What a token sees: the first one and those before it, from the latest step of the window on.
struct Window {
  uint32_t context;  // tokens at most
  uint32_t keeps;    // when there are so many, so many stay: the first one and the last ones

  void check() const;  // throws std::invalid_argument where it is none

  // The position of the first token but one that a token sees.
  uint64_t oldest(uint64_t position) const {
    const uint64_t step = context - keeps;
    return position < context ? 1 : 1 + step * ((position - context) / step + 1);
  }
};

// The tokens of a lane: a tree, for what was taken may be taken back, and what may come is evaluated ahead. A node once
// evaluated is not evaluated again while it may be asked for.
class Lane {
 public:
  static constexpr uint32_t kNone = ~uint32_t(0);
  static constexpr uint32_t kBack = 16;  // tokens that may be taken back

  Lane(const Shape& shape, const Window& window);
  static uint32_t slots(const Window& window);

  // The node behind `forget` tokens fewer than were taken last. Throws std::invalid_argument where that is not known.
  uint32_t before(uint32_t forget) const;
  // The node of a token behind another one, which is made if it is not there; before that there must be room.
  uint32_t child(uint32_t node, uint32_t token);
  void take(uint32_t node) { tip_ = node; }
  // Makes room for so many nodes, at most 2 * kBatch, by freeing what can no more be asked for, or need not.
  void prune(uint32_t count);
  void make_room(uint32_t count);  // the same, if there is none

  // Whether the first token's keys stand where this node sees them; else they must be moved, which no column that is
  // not evaluated yet may see.
  bool is_ready(uint32_t node) const;
  // Whether a node, which is not evaluated, leaves what was evaluated ahead, not far from where that goes on.
  bool is_beside_chain(uint32_t node) const;
  // How many tokens are worth to be evaluated ahead from a node on, as the last ones turned out; they begin there now.
  uint32_t begin_ahead(uint32_t node);
  // What evaluates a node, which then counts as evaluated; moves the first token's keys where that is needed.
  Column column(uint32_t node, const Evaluator& evaluator);

  struct Node {
    uint32_t token, parent, slot;
    uint64_t position;
    bool evaluated;
    bool chained;  // of the tokens that are expected, or the one behind which they begin
    std::vector<uint32_t> children;
    std::unique_ptr<uint16_t[]> below;  // what was answered, until it is taken
  };
  Node& node(uint32_t node) { return nodes_[node]; }

 private:
  void keep_below(uint32_t node, std::vector<bool>& kept) const;

  Window window_;
  std::unique_ptr<Cache> cache_;
  std::vector<Node> nodes_;  // node i has slot i + 2
  std::vector<uint32_t> unused_;
  // Where the first token's keys stand that a position sees, counted from the window's beginning.
  uint64_t first_of(uint64_t position) const { return position ? window_.oldest(position) - 1 : 0; }
  uint32_t first_slot(uint64_t first) const { return uint32_t(first / (window_.context - window_.keeps) % 2); }

  uint32_t root_ = kNone, tip_ = kNone;
  uint32_t ahead_ = 16;        // tokens that were evaluated ahead at last
  uint64_t ahead_from_ = 0;    // position of the node behind which they began
  uint64_t first_at_[2] = {};  // where the first token's keys stand that slots 0 and 1 have; 0: nowhere yet
};

struct Wanted {
  Lane* lane;
  uint32_t node;
  bool asked;  // for what comes next
};

// Evaluates nodes, in as many batches as it takes; parents stand before their children. Hands over the logits of those
// that are asked, which are written to `logits`; of a batch in any order, on the crew's threads.
void evaluate(const Evaluator& evaluator, uint32_t tokens, std::span<const Wanted> wanted, std::vector<int32_t>& logits,
              Crew& crew, const std::function<void(const Wanted&, const int32_t*)>& take);

class Session {
 public:
  // As many threads as `helpers` work beside the one that asks; that changes no answer.
  Session(std::shared_ptr<const Model> model, std::shared_ptr<const Vocabulary> vocabulary, const Window& window,
          uint32_t helpers);

  void begin(uint32_t lanes);
  // As LanguageModel::evaluate.
  std::vector<const uint16_t*> evaluate(const std::vector<TokenRequest>& requests);

  static uint64_t memory(const Shape& shape, const Window& window, uint32_t lanes);

 private:
  // What was evaluated ahead in a lane: nodes, and the sizes of the tokens that follow them in the text.
  struct Chain {
    Lane* lane;
    std::span<const uint8_t> text;
    std::vector<std::pair<uint32_t, uint32_t>> steps;
  };

  Chain begin_chain(Lane& lane, uint32_t node, std::span<const uint8_t> text, std::vector<Wanted>& wanted) const;
  void add_sides(const Chain& chain, std::vector<Wanted>& wanted) const;
  void skip(Lane& lane, std::span<const uint32_t> tokens);
  void run(std::span<const Wanted> wanted);

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  std::unique_ptr<Evaluator> evaluator_;
  Crew crew_;
  Window window_;
  std::vector<Lane> lanes_;
  std::vector<std::unique_ptr<uint16_t[]>> answers_;
  std::vector<int32_t> logits_;
};

}  // namespace nzip::llama
