// Tests of what the first engine is made of, part by part, in scalar code:
//   nzip_parts
#define NZIP_ISA scalar
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "engine1/adaptive.hpp"
#include "engine1/byte_tree.hpp"
#include "engine1/kinds.hpp"
#include "engine1/match_model.hpp"
#include "engine1/mixer.hpp"
#include "engine1/nibble_table.hpp"
#include "engine1/predictors.hpp"
#include "tests/check.hpp"

namespace nzip::engine1::scalar {
namespace {

void test_tables() {
  for (int p = 1; p < 4096; ++p) {
    const int back = squash16(kTables.stretch[size_t(p)]);
    check(std::abs(back - (p << 4)) < 16 + 65536 / 500);
    check(kTables.stretch[size_t(p)] >= kTables.stretch[size_t(p - 1)]);
  }
  for (uint64_t x : {1ull, 2ull, 3ull, 1000ull, 65537ull, 1ull << 30})
    check(std::abs(double(natural_log(x)) / 4096 - std::log(double(x))) < 0.002);
  check(kTables.history[0].n0 == 0 && kTables.history[0].n1 == 0);
  uint8_t ones = 0, turned = 0;
  for (int i = 0; i < 100; ++i) ones = kTables.history[ones].next[1];
  check(kTables.history[ones].n0 == 0 && kTables.history[ones].n1 > 40 && kTables.pure[ones] == -1);
  turned = kTables.history[ones].next[0];  // what is contradicted counts for little
  check(kTables.history[turned].n0 == 1 && kTables.history[turned].n1 < 10 && kTables.pure[turned] == 0);
}

void test_adaptive_bits() {
  AdaptiveBit bits[9];
  std::memset(static_cast<void*>(bits), 0, sizeof bits);
  check(bits[0].p16() == 32768 && bits[0].count() == 0);
  AdaptiveBit* all[9];
  alignas(32) int32_t outcome[16] = {};
  for (int i = 0; i < 9; ++i) all[i] = &bits[i], outcome[i] = i % 2;
  AdaptiveBit::update<9>(all, outcome, 1023);
  check(bits[0].p16() == 12288 && bits[8].p16() == bits[0].p16());  // a first observation: by 1/1.6
  check(std::abs(int(bits[1].p16()) - 53248) <= 1 && bits[1].count() == 1);
  for (int n = 0; n < 2000; ++n) AdaptiveBit::update<9>(all, outcome, 255);
  check(bits[1].p16() > 65000 && bits[0].p16() < 500 && bits[0].count() == 255);
}

void test_apm() {
  ApmContext context;
  context.reset();
  ApmCursor cursor;
  for (int x : {-4095, -1000, 0, 300, 1919, 4095}) {
    const int held = x > 1920 ? 1920 : x < -1920 ? -1920 : x;
    check(std::abs(double(cursor.refine(context, x)) / 4294967296.0 - 1 / (1 + std::exp(-held / 256.0))) < 0.02);
  }
  const uint32_t before = cursor.refine(context, 256);
  cursor.update(1, 6);
  check(cursor.refine(context, 256) > before);
}

void test_mixer() {
  using Two = Mixer<2, 1, 3, 1, 2>;
  const auto weights = std::make_unique<Two::Weights>();
  std::memset(static_cast<void*>(weights.get()), 0, sizeof *weights);
  Two mixer(*weights);
  weights->row[1][0] = kOne;
  mixer.inputs()[0] = 700, mixer.inputs()[1] = -300;
  mixer.select(0, 1);
  mixer.select_final(0, 0);
  check(std::abs(mixer.mix() - 700) <= 1);  // a weight of one passes its input on
  for (int n = 0; n < 500; ++n) mixer.mix(), mixer.update(0);
  check(mixer.mix() < -200 && weights->row[1][0] < kOne && weights->row[1][1] > 0);
  check(weights->row[0][0] == 0 && weights->row[2][0] == 0);  // only the set that was selected learns
  mixer.fill_unselected(0, 3);
  check(weights->row[0][0] == weights->row[1][0] && weights->row[2][1] == weights->row[1][1]);
}

void test_nibble_table() {
  NibbleTable table(16, false);
  const uint64_t key = nibble_key(12345, 0);
  const NibbleSlot slot = table.find(key);
  check(slot.history[0] == 0 && *slot.run_count == 0);
  slot.history[0] = 5;
  slot.count_run('a'), slot.count_run('a');
  check(table.find(key).history == slot.history && *slot.run_byte == 'a' && *slot.run_count == 2);
  slot.count_run('b');
  check(*slot.run_byte == 'b' && *slot.run_count == 1);
  // Of four contexts of a line the one with the least behind it gives way.
  for (uint64_t check_bits = 1; check_bits <= 3; ++check_bits)
    table.find(key ^ check_bits << 20).history[0] = uint8_t(5 + check_bits);
  check(table.find(key).history[0] == 0);
}

void test_match_model() {
  const std::string_view text = "the quick brown fox; the quick brown cat";
  const auto* history = reinterpret_cast<const uint8_t*>(text.data());
  const uint32_t size = uint32_t(text.size());
  MatchModel model(4, 10, false);
  MatchState match;
  uint64_t last8 = 0;
  uint32_t longest = 0;
  for (uint32_t at = 1; at <= size; ++at) {
    last8 = last8 << 8 | history[at - 1];
    model.advance(match, history, LaneCut(0, size, 1), at, 0, at - 1, 0, last8, 0);
    if (match.first.length) check(match.first.at < at);
    if (at == 35) check(match.first.at == 14 && match.first.length >= 10);  // behind "brow" comes n, as before
    longest = std::max(longest, match.first.length);
  }
  check(longest >= 12 && match.first.length == 0);  // "fox" is not "cat"
  // What another lane has not coded yet is not followed.
  const LaneCut cut(0, size, 2);
  check(cut.coded(0, 0, 0) && !cut.coded(1, 0, 1) && !cut.coded(size - 1, 5, 1));
}

void test_byte_tree() {
  uint32_t weights[256];
  for (uint32_t& weight : weights) weight = 1;
  ByteTree tree;
  tree.set(weights);
  check(tree.stretched(1) == 0 && tree.top() == 0);
  weights[size_t('x')] = 1 << 20;
  tree.set(weights);
  check(tree.top() == 'x' && tree.stretched(1) < -2000);  // its highest bit is 0
  check(tree.stretched((256u + 'x') >> 1) == kInputMax * ('x' % 2 ? 1 : -1));
}

void test_kinds() {
  for (uint32_t i = 0; i < kModels; ++i) check(model_of(kModelledKinds[i]) == i);
  check(model_of(kPacked) == kModels && model_of(1000) == kModels);
}

// Bits that a predictor needs for a text in one lane, in units of 2^-8.
template <class Predictor>
int64_t cost(std::string_view text) {
  const auto predictor = std::make_unique<Predictor>(16, false);
  const auto* history = reinterpret_cast<const uint8_t*>(text.data());
  uint32_t flat[256];
  for (uint32_t& weight : flat) weight = 1;
  std::array<ByteTree, Predictor::kExperts> trees;
  for (ByteTree& tree : trees) tree.set(flat);
  typename Predictor::Lane lane{};
  lane.enter(0);
  predictor->prepare(lane, history);
  double bits = 0;
  for (uint32_t at = 0; at < text.size(); ++at) {
    predictor->begin_byte(lane, history, trees.data());
    for (int bit = 7; bit >= 0; --bit) {
      const int y = history[at] >> bit & 1;
      const double p = predictor->predict() / 4294967296.0;
      bits -= std::log2(y ? p : 1 - p);
      predictor->update(y);
    }
    predictor->end_byte();
    lane.push(history[at]);
    predictor->follow_matches(lane, history, LaneCut(0, uint32_t(text.size()), 1), at, 0);
    predictor->prepare(lane, history);
  }
  return int64_t(bits * 256);
}

template <class Set>
using SecondNetwork = NetworkAt<Set, 1>;

std::string lines_of_text() {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "a line of text, number " + std::to_string(i * i) + "\n";
  return text;
}

struct OneMore : StrongSet {
  static constexpr auto kForText = std::tuple_cat(
      StrongSet::kForText,
      std::tuple{contexts::Row{"order 7", [](const contexts::View& v) { return mix(500, v.s.last_bytes(7)); }}});
};
struct OneLess : StrongSet {
  static constexpr auto kForText = contexts::first<19>(StrongSet::kForText);
};

// A context is a row; kinds of data that have fewer rows than others go on with the contexts that they have.
void test_contexts() {
  static_assert(kContexts<StrongSet> == 20 && kContexts<OneMore> == 21 && kContexts<OneLess> == 20);
  static_assert(kRuns<StrongSet> == 12 && kRuns<OneMore> == 12 && kRuns<FullSet> == kContexts<FullSet>);
  const std::string text = lines_of_text();
  const int64_t whole = cost<Predictors<StrongSet>::Alone>(text);
  const int64_t more = cost<Predictor<OneMore, Apms, Situation, Histories, Runs, Matches, Bias>>(text);
  const int64_t less = cost<Predictor<OneLess, Apms, Situation, Histories, Runs, Matches, Bias>>(text);
  check(more != whole && less != whole && more != less);
  check(std::abs(more - whole) < whole / 8 && std::abs(less - whole) < whole / 8);
  // What another kind left in a place is not there any more.
  struct : LaneState {
    uint64_t context[kContexts<OneMore>];
  } lane;
  for (uint64_t& context : lane.context) context = 1;
  lane.kind = kBinary;
  find_contexts<OneMore>(lane, nullptr, nullptr);
  check(lane.context[20] == 0 && lane.context[19] > 1);
}

// Parts may be left out, and join.
void test_predictors() {
  const std::string text = lines_of_text();
  const int64_t flat = int64_t(text.size()) * 8 * 256;
  using Whole = Predictors<StrongSet>::Alone;
  using NoRuns = Predictor<StrongSet, Apms, Situation, Histories, Matches, Bias>;
  using NoMatches = Predictor<StrongSet, Apms, Situation, Histories, Runs, Bias>;
  using TwoNetworks = Predictor<StrongSet, Apms, Situation, Histories, Runs, Matches, Network, SecondNetwork, Bias>;
  check(cost<Whole>(text) < flat / 4);
  check(cost<NoRuns>(text) < flat / 3 && cost<NoRuns>(text) != cost<Whole>(text));
  check(cost<NoMatches>(text) < flat / 3 && cost<NoMatches>(text) != cost<Whole>(text));
  check(TwoNetworks::kExperts == 2 && cost<TwoNetworks>(text) < flat / 3);
  check(Whole(16, false).start_sizes().bytes > NoRuns(16, false).start_sizes().bytes);
  // What a predictor learned is what another one starts from.
  const auto predictor = std::make_unique<Whole>(16, false);
  const std::vector<uint8_t> start = predictor->write_start();
  check(start.size() == predictor->start_sizes().bytes);
  const auto other = std::make_unique<Whole>(16, false);
  other->read_start(start);
  check(other->write_start() == start);
  const std::vector<int32_t> state = predictor->write_state();
  check(state.size() == predictor->start_sizes().values);
  other->read_state(state);
  check(other->write_state() == state && other->write_start() == start);
}

void test_jump_targets() {
  JumpTargets jumps;
  for (uint32_t where : {110u, 103u, 110u, 100u, 90u, 700u}) jumps.add(where);
  jumps.look_from(100);
  check(jumps.here && jumps.ahead[0] == 3 && jumps.ahead[1] == 10 && jumps.last == 700);
  jumps.look_from(104);
  check(!jumps.here && jumps.ahead[0] == 6 && jumps.ahead[1] == JumpTargets::kFar && jumps.near() == 12);
}

void test_x86_flow() {
  X86Flow x;
  const auto push = [&](std::initializer_list<uint8_t> bytes) {
    for (uint8_t c : bytes) x.push(c, false);
  };
  push({0xc3, 0x53, 0x56});  // RET; PUSH EBX; PUSH ESI
  check(x.pushes == 2 && x.popping == 0xbe);
  push({0x74});  // JZ +3
  check(x.operand_kind() == X86Flow::kJump);
  push({0x03});
  check(x.jumps.ahead[0] == 3 && !x.jumps.here);
  push({0x8b, 0x4e});  // MOV ECX, [ESI + 8]
  check(x.operand_kind() == X86Flow::kAddress);
  push({0x08});
  check(x.jumps.here && x.displacements[6] == 8 && x.set_by[1] != 0 && x.set_by[6] == 0);
  push({0xe8});  // CALL 123
  check(x.operand_kind() == X86Flow::kCall);
  push({0x00, 0x00, 0x01, 0x23, 0x5e});  // POP ESI
  check(x.calls[0] == 0x123 && x.pushes == 0 && x.popping == 0xb && x.position == 14);
}

void test_word_jumps() {
  WordState words;
  const auto push = [&](uint32_t word, uint32_t machine) {
    for (int i = 3; i >= 0; --i) words.push(uint8_t(word >> (8 * i)), machine);
  };
  push(0x54000040, kArm64);  // B.EQ, two words on
  check(words.jumps.ahead[0] == 1);
  push(0xd503201f, kArm64);
  check(words.jumps.here);
  push(0x10bffffe, kSparc);  // BA, two words back
  check(words.jumps.last == 0);
}

void test_elements() {
  Elements elements;
  elements.enter(12);  // of 4 bytes
  const auto push = [&](uint32_t element) {
    for (int i = 3; i >= 0; --i) elements.push(uint8_t(element >> (8 * i)));
  };
  for (uint32_t i = 0; i < 20; ++i) push(0x01020304), push(i), push(0x05060708);  // rows of three
  check(elements.above() == 0x01020304 && elements.above2() == 0x01020304 && elements.expected() == 0x101);
  check(elements.likeness() > 1);
  elements.push(1);
  check(elements.expected() == 0x102 && elements.at == 1 && elements.part == 1);
  elements.push(9);
  check(elements.expected() == 0);
}

}  // namespace
}  // namespace nzip::engine1::scalar

int main() {
  using namespace nzip::engine1::scalar;
  test_tables();
  test_adaptive_bits();
  test_apm();
  test_mixer();
  test_nibble_table();
  test_match_model();
  test_byte_tree();
  test_kinds();
  test_contexts();
  test_jump_targets();
  test_x86_flow();
  test_word_jumps();
  test_elements();
  test_predictors();
  return finished();
}
