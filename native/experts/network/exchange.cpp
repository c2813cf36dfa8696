#include "experts/network/exchange.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace nzip {
namespace {

constexpr size_t kSize = sizeof(ByteWeights);
constexpr std::chrono::milliseconds kPatience(20);  // between two looks at whether to stop

}  // namespace

std::optional<Exchange::Block> Exchange::begin() {
  const std::lock_guard lock(mutex_);
  Device* best = nullptr;
  for (Device& device : devices_)
    if (!device.lost && (!best || device.blocks < best->blocks)) best = &device;
  if (closed_ || !best) return std::nullopt;
  ++best->blocks;
  return Block{blocks_++, size_t(best - devices_.data())};
}

void Exchange::end(const Block& block) {
  const std::lock_guard lock(mutex_);
  Device& device = devices_[block.device];
  --device.blocks;
  device.ended.push_back(block.number);
  asked_.notify_all();
}

bool Exchange::ask(const Block& block, uint32_t lanes, uint32_t steps, std::span<int32_t> rows,
                   std::span<ByteWeights> weights, const Stop& stop) {
  Entry entry{{block.number, lanes, steps, rows}};
  std::unique_lock lock(mutex_);
  Device& device = devices_[block.device];
  device.waiting.push_back(&entry);
  asked_.notify_all();
  const auto settled = [&] {
    return entry.stage >= Stage::kAnswered || ((closed_ || device.lost) && entry.stage == Stage::kWaiting);
  };
  while (!settled_.wait_for(lock, kPatience, settled))
    if (entry.stage == Stage::kWaiting && stop.is_set()) {
      std::erase(device.waiting, &entry);
      throw Stopped();
    }
  if (entry.stage != Stage::kAnswered) return false;
  lock.unlock();
  for (uint32_t step = 0; step < steps; ++step)
    for (uint32_t lane = 0; lane < lanes; ++lane)
      std::memcpy(&weights[lane * steps + step], entry.answer + step * entry.step + lane * kSize, kSize);
  lock.lock();
  if (--device.copying == 0) copied_.notify_all();
  return true;
}

std::optional<Exchange::Batch> Exchange::wait(size_t number, size_t positions) {
  std::unique_lock lock(mutex_);
  Device& device = devices_.at(number);
  const auto gone = [&] { return closed_ || device.lost; };
  asked_.wait(lock, [&] { return gone() || !device.waiting.empty() || !device.ended.empty(); });
  if (gone()) return std::nullopt;
  Batch batch;
  batch.ended.swap(device.ended);
  std::vector<Entry*> others;
  size_t taken = 0;
  for (Entry* entry : device.waiting) {
    const Request& request = entry->request;
    const size_t more = size_t(request.lanes) * request.steps;
    if (taken && (request.steps != batch.requests[0].steps || taken + more > positions)) {
      others.push_back(entry);
      continue;
    }
    taken += more;
    entry->stage = Stage::kTaken;
    device.taken.push_back(entry);
    batch.requests.push_back(request);
  }
  device.waiting.swap(others);
  return batch;
}

void Exchange::answer(size_t number, std::span<const uint8_t> weights) {
  std::unique_lock lock(mutex_);
  Device& device = devices_.at(number);
  size_t lanes = 0;
  for (const Entry* entry : device.taken) lanes += entry->request.lanes;
  if (device.taken.empty() || weights.size() != kSize * lanes * device.taken[0]->request.steps)
    throw std::invalid_argument("not the weights of a batch");
  const uint8_t* first = weights.data();
  for (Entry* entry : device.taken) {
    entry->answer = first;
    entry->step = kSize * lanes;
    entry->stage = Stage::kAnswered;
    first += kSize * entry->request.lanes;
  }
  device.copying = device.taken.size();
  device.taken.clear();
  settled_.notify_all();
  copied_.wait(lock, [&] { return device.copying == 0; });
}

void Exchange::lose(size_t number) {
  const std::lock_guard lock(mutex_);
  Device& device = devices_.at(number);
  device.lost = true;
  for (Entry* entry : device.taken) entry->stage = Stage::kLost;
  device.taken.clear();
  settled_.notify_all();
}

void Exchange::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  asked_.notify_all();
  settled_.notify_all();
}

}  // namespace nzip
