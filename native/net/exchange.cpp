#include "net/exchange.hpp"

#include <algorithm>
#include <cstring>

namespace nzip {
namespace {

constexpr size_t kSize = sizeof(ByteWeights);

}  // namespace

uint64_t Exchange::begin() {
  const std::lock_guard lock(mutex_);
  return blocks_++;
}

void Exchange::end(uint64_t block) {
  const std::lock_guard lock(mutex_);
  ended_.push_back(block);
  asked_.notify_one();
}

void Exchange::ask(const Request& request, std::span<ByteWeights> weights) {
  Entry entry{request};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&entry);
  asked_.notify_one();
  settled_.wait(lock, [&] { return entry.stage >= Stage::kAnswered || (closed_ && entry.stage == Stage::kWaiting); });
  if (entry.stage == Stage::kRefused) throw Refused(reason_);
  if (entry.stage == Stage::kWaiting) throw Refused("the process ends");
  lock.unlock();
  for (uint32_t step = 0; step < request.steps; ++step)
    for (uint32_t lane = 0; lane < request.lanes; ++lane)
      std::memcpy(&weights[lane * request.steps + step], entry.answer + step * entry.step + lane * kSize, kSize);
  lock.lock();
  if (--copying_ == 0) copied_.notify_one();
}

std::optional<Exchange::Batch> Exchange::wait() {
  std::unique_lock lock(mutex_);
  asked_.wait(lock, [&] { return closed_ || !waiting_.empty() || !ended_.empty(); });
  if (closed_) return std::nullopt;
  Batch batch;
  batch.ended.swap(ended_);
  if (waiting_.empty()) return batch;
  const auto alike = [steps = waiting_.front()->request.steps](const Entry* e) { return e->request.steps == steps; };
  const auto others = std::stable_partition(waiting_.begin(), waiting_.end(), alike);
  taken_.assign(waiting_.begin(), others);
  waiting_.erase(waiting_.begin(), others);
  for (Entry* entry : taken_) {
    entry->stage = Stage::kTaken;
    batch.requests.push_back(entry->request);
  }
  return batch;
}

void Exchange::answer(std::span<const uint8_t> weights) {
  std::unique_lock lock(mutex_);
  size_t lanes = 0;
  for (const Entry* entry : taken_) lanes += entry->request.lanes;
  if (taken_.empty() || weights.size() != kSize * lanes * taken_.front()->request.steps)
    throw std::invalid_argument("not the weights of a batch");
  const uint8_t* first = weights.data();
  for (Entry* entry : taken_) {
    entry->answer = first;
    entry->step = kSize * lanes;
    first += kSize * entry->request.lanes;
  }
  copying_ = taken_.size();
  settle(Stage::kAnswered);
  copied_.wait(lock, [&] { return copying_ == 0; });
}

void Exchange::refuse(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  reason_ = reason;
  settle(Stage::kRefused);
}

void Exchange::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  asked_.notify_all();
  settled_.notify_all();
}

void Exchange::settle(Stage stage) {
  for (Entry* entry : taken_) entry->stage = stage;
  taken_.clear();
  settled_.notify_all();
}

}  // namespace nzip
