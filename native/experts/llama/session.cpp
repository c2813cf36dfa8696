#include "experts/llama/session.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "experts/token/guess.hpp"

namespace nzip::llama {
namespace {

constexpr uint32_t kFirstSlots = 2;  // of the first token where it stands before a window that has moved on

}  // namespace

void Window::check() const {
  if (keeps < 2 || context <= keeps || context > kMaxWindow)
    throw std::invalid_argument("a window has 3 to 16,384 tokens");
}

uint32_t Lane::slots(const Window& window) {
  const uint32_t most = kFirstSlots + window.context + 3 * uint32_t(kBatch) + 2 * kBack;
  return (most + kRows - 1) / kRows * kRows;
}

Lane::Lane(const Shape& shape, const Window& window)
    : window_(window), cache_(std::make_unique<Cache>(shape, slots(window))), nodes_(slots(window) - kFirstSlots) {
  for (uint32_t i = uint32_t(nodes_.size()); i-- > 0;) unused_.push_back(i);
}

uint32_t Lane::before(uint32_t forget) const {
  uint32_t node = tip_;
  if (forget > kBack) node = kNone - 1;
  for (; forget && node < nodes_.size(); --forget) node = nodes_[node].parent;
  if (forget) throw std::invalid_argument("a language model is to forget more than it has seen");
  return node;
}

uint32_t Lane::child(uint32_t node, uint32_t token) {
  if (node == kNone && root_ != kNone && nodes_[root_].token == token) return root_;
  if (node != kNone)
    for (uint32_t each : nodes_[node].children)
      if (nodes_[each].token == token) return each;
  const uint32_t made = unused_.back();
  unused_.pop_back();
  if (node == kNone)
    root_ = made;
  else
    nodes_[node].children.push_back(made);
  nodes_[made] = {token, node,   made + kFirstSlots, node == kNone ? 0 : nodes_[node].position + 1, false, false,
                  {},    nullptr};
  return made;
}

void Lane::keep_below(uint32_t node, std::vector<bool>& kept) const {
  std::vector<uint32_t> rest{node};
  while (!rest.empty()) {
    const uint32_t each = rest.back();
    rest.pop_back();
    kept[each] = true;
    rest.insert(rest.end(), nodes_[each].children.begin(), nodes_[each].children.end());
  }
}

void Lane::make_room(uint32_t count) {
  if (unused_.size() < count) prune(count);
}

void Lane::prune(uint32_t count) {
  if (tip_ == kNone) return;
  std::vector<bool> kept(nodes_.size());
  const uint64_t now = nodes_[tip_].position, back = now - std::min<uint64_t>(now, kBack), least = window_.oldest(back);
  uint32_t base = tip_;
  for (uint32_t node = tip_; node != kNone && nodes_[node].position >= least; node = nodes_[node].parent) {
    kept[node] = true;
    if (nodes_[node].position >= back) base = node;
  }
  std::vector<bool> path = kept;
  keep_below(base, kept);
  if (std::ranges::count(kept, true) + count >= nodes_.size()) kept = std::move(path);  // never so many
  kept[root_] = true;
  uint32_t answers = 0;
  for (uint32_t i = 0; i < nodes_.size(); ++i) answers += kept[i] && nodes_[i].below;
  const bool are_many = answers > kBatch;  // then they are found anew, should they be asked for
  unused_.clear();
  for (uint32_t i = uint32_t(nodes_.size()); i-- > 0;) {
    if (!kept[i]) {
      nodes_[i] = {};
      unused_.push_back(i);
      continue;
    }
    if (are_many) nodes_[i].below.reset();
    std::erase_if(nodes_[i].children, [&](uint32_t child) { return !kept[child]; });
    if (nodes_[i].parent != kNone && !kept[nodes_[i].parent]) nodes_[i].parent = kNone;
  }
}

bool Lane::is_beside_chain(uint32_t node) const {
  for (int i = 0; i < 2; ++i) {
    node = nodes_[node].parent;
    if (node == kNone) return false;
    if (nodes_[node].chained)
      return std::ranges::any_of(nodes_[node].children, [&](uint32_t child) { return nodes_[child].chained; });
  }
  return false;
}

uint32_t Lane::begin_ahead(uint32_t node) {
  constexpr uint64_t kLeast = 8;
  const uint64_t now = nodes_[node].position, came = now - std::min(now, ahead_from_);
  ahead_ = uint32_t(std::clamp<uint64_t>(came >= ahead_ ? 2 * ahead_ : came, kLeast, kBatch));
  ahead_from_ = now;
  return ahead_;
}

bool Lane::is_ready(uint32_t node) const {
  const uint64_t first = first_of(nodes_[node].position);
  return first == 0 || first_at_[first_slot(first)] == first;
}

Column Lane::column(uint32_t index, const Evaluator& evaluator) {
  Node& node = nodes_[index];
  node.evaluated = true;
  std::vector<uint16_t> masks(slots(window_) / kRows);
  const auto see = [&](uint32_t slot) { masks[slot / kRows] |= uint16_t(1 << slot % kRows); };
  const uint64_t oldest = window_.oldest(node.position);
  see(node.slot);
  for (uint32_t each = node.parent; each != kNone && nodes_[each].position >= oldest; each = nodes_[each].parent)
    see(nodes_[each].slot);
  if (const uint64_t first = first_of(node.position)) {
    const uint32_t slot = first_slot(first);
    if (first_at_[slot] != first) evaluator.move_first(*cache_, nodes_[root_].slot, slot, first);
    first_at_[slot] = first;
    see(slot);
  } else {
    see(nodes_[root_].slot);
  }
  Column column{node.token, node.position, cache_.get(), node.slot, {}, false, node.position == 0};
  for (uint32_t block = 0; block < masks.size(); ++block)
    if (masks[block]) column.visible.push_back({block, masks[block]});
  return column;
}

void evaluate(const Evaluator& evaluator, uint32_t tokens, std::span<const Wanted> wanted, std::vector<int32_t>& logits,
              Crew& crew, const std::function<void(const Wanted&, const int32_t*)>& take) {
  while (!wanted.empty()) {
    std::vector<Column> columns;
    std::vector<const Wanted*> asked;
    for (const Wanted& each : wanted.first(std::min(wanted.size(), kBatch))) {
      const auto is_of_lane = [&](const Wanted& before) { return before.lane == each.lane; };
      if (!each.lane->is_ready(each.node) && std::ranges::any_of(wanted.first(columns.size()), is_of_lane)) break;
      columns.push_back(each.lane->column(each.node, evaluator));
      columns.back().asked = each.asked;
      if (each.asked) asked.push_back(&each);
    }
    logits.resize(std::max(logits.size(), asked.size() * tokens));
    evaluator.evaluate(columns, logits.data(), crew);
    crew.run(uint32_t(asked.size()), [&](uint32_t i, uint32_t) { take(*asked[i], &logits[size_t(i) * tokens]); });
    wanted = wanted.subspan(columns.size());
  }
}

Session::Session(std::shared_ptr<const Model> model, std::shared_ptr<const Vocabulary> vocabulary, const Window& window,
                 uint32_t helpers)
    : model_(std::move(model)),
      vocabulary_(std::move(vocabulary)),
      evaluator_(make_evaluator(model_)),
      crew_(helpers),
      window_(window) {
  window.check();
  if (vocabulary_->ids() != model_->shape.tokens) throw std::invalid_argument("a vocabulary is another model's");
}

uint64_t Session::memory(const Shape& shape, const Window& window, uint32_t lanes) {
  const uint64_t logits = kBatch * (4 + 2) * uint64_t(shape.tokens);
  const uint64_t batch = kBatch * 20 * uint64_t(std::max(shape.width + shape.query_width(), 2 * shape.hidden));
  const uint64_t answers = 3 * kBatch * 2 * uint64_t(shape.tokens);  // of a chain, its sides, and those before
  return lanes * (Cache::bytes(shape, Lane::slots(window)) + answers) + logits + batch;
}

void Session::begin(uint32_t lanes) {
  lanes_.clear();
  for (uint32_t i = 0; i < lanes; ++i) lanes_.emplace_back(model_->shape, window_);
}

std::vector<const uint16_t*> Session::evaluate(const std::vector<TokenRequest>& requests) {
  std::vector<Wanted> wanted;
  std::vector<std::pair<Lane*, uint32_t>> asked;
  std::vector<Chain> chains;
  for (const TokenRequest& request : requests) {
    Lane& lane = lanes_[request.lane];
    lane.take(lane.before(request.forget));
    std::span<const uint32_t> tokens = request.tokens;
    for (; tokens.size() > kBatch; tokens = tokens.subspan(kBatch)) skip(lane, tokens.first(kBatch));
    lane.make_room(uint32_t(kBatch));
    uint32_t node = lane.before(0);
    for (const uint32_t& token : tokens) {
      node = lane.child(node, token);
      const bool is_last = &token == &tokens.back();
      if (!lane.node(node).evaluated || (is_last && !lane.node(node).below)) wanted.push_back({&lane, node, is_last});
    }
    lane.take(node);
    asked.push_back({&lane, node});
    // To make room for a chain frees what only tokens see that lie further back.
    const bool may_look_ahead = !request.text.empty() && tokens.size() <= Lane::kBack;
    if (may_look_ahead && !lane.node(node).evaluated && !lane.is_beside_chain(node))
      chains.push_back(begin_chain(lane, node, request.text, wanted));
  }
  run(wanted);
  wanted.clear();
  for (const Chain& chain : chains) add_sides(chain, wanted);
  run(wanted);
  answers_.clear();
  std::vector<const uint16_t*> rows;
  for (const auto& [lane, node] : asked) {
    answers_.push_back(std::move(lane->node(node).below));
    rows.push_back(answers_.back().get());
  }
  return rows;
}

// Adds the tokens that are expected behind a node.
Session::Chain Session::begin_chain(Lane& lane, uint32_t node, std::span<const uint8_t> text,
                                    std::vector<Wanted>& wanted) const {
  Chain chain{&lane, text, {}};
  lane.prune(2 * uint32_t(kBatch));  // each time, so that the window lies in as few blocks as may be
  lane.node(node).chained = true;
  const uint32_t most = lane.begin_ahead(node);
  for (const auto& [id, size] : guess_tokens(text, most, *vocabulary_)) {
    chain.steps.push_back({node, size});
    if (chain.steps.size() == most) break;  // the last one only says what follows
    node = lane.child(node, id);
    lane.node(node).chained = true;
    if (!lane.node(node).below) wanted.push_back({&lane, node, true});
  }
  return chain;
}

// Adds shorter tokens that the expected ones begin with, where they are so likely that they will be asked for.
void Session::add_sides(const Chain& chain, std::vector<Wanted>& wanted) const {
  constexpr uint64_t kWorth = 8;  // as TokenExpert asks from an eighth of the probability on
  const uint8_t* at = chain.text.data();
  const size_t before = wanted.size();
  for (const auto& [node, size] : chain.steps) {
    const uint16_t* below = chain.lane->node(node).below.get();
    uint32_t trie = Vocabulary::kRoot;
    for (uint32_t i = 0; i + 1 < size && below && wanted.size() - before < kBatch; ++i) {
      trie = vocabulary_->child(trie, at[i]);
      const Vocabulary::Node& n = vocabulary_->node(trie);
      if (!n.token) continue;
      uint64_t rest = kWorth * mass_of(below[n.begin]);
      for (uint32_t place = n.begin; place < n.end && rest; ++place)
        rest -= std::min<uint64_t>(rest, mass_of(below[place]));
      if (!rest) continue;
      const uint32_t side = chain.lane->child(node, vocabulary_->order()[n.begin]);
      if (!chain.lane->node(side).below) wanted.push_back({chain.lane, side, true});
    }
    at += size;
  }
}

// Takes tokens behind which nothing is asked.
void Session::skip(Lane& lane, std::span<const uint32_t> tokens) {
  lane.make_room(uint32_t(kBatch));
  std::vector<Wanted> wanted;
  uint32_t node = lane.before(0);
  for (uint32_t token : tokens) {
    node = lane.child(node, token);
    if (!lane.node(node).evaluated) wanted.push_back({&lane, node, false});
  }
  run(wanted);
  lane.take(node);
}

void Session::run(std::span<const Wanted> wanted) {
  for (const Wanted& each : wanted)
    if (each.asked)
      each.lane->node(each.node).below = std::make_unique_for_overwrite<uint16_t[]>(vocabulary_->order().size());
  const auto take = [&](const Wanted& each, const int32_t* row) {
    below_top(row, *vocabulary_, each.lane->node(each.node).below.get());
  };
  llama::evaluate(*evaluator_, model_->shape.tokens, wanted, logits_, crew_, take);
}

}  // namespace nzip::llama
