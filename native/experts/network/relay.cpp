#include "experts/network/relay.hpp"

#include <algorithm>
#include <ranges>
#include <system_error>
#include <utility>

namespace nzip {

Relay::Relay(std::shared_ptr<const NetworkEvaluator> evaluator, uint32_t helpers, uint32_t batches, Fill fill)
    : evaluator_(std::move(evaluator)),
      batches_(batches),
      fill_(std::move(fill)),
      slots_(new Slot[kSlots]),
      stages_(size_t(evaluator_->stages())) {
  for (Slot& slot : std::span(slots_.get(), kSlots)) slot.columns.reserve(kBatchColumns);
  helpers = std::min(helpers, uint32_t(stages_.size()));
  helpers_.reserve(helpers);
  try {
    while (helpers_.size() < helpers) helpers_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {  // those that there are do, and next() without any
  }
}

Relay::~Relay() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

const ByteWeights* Relay::next() {
  std::unique_lock lock(mutex_);
  const uint32_t batch = taken_++;  // which frees the slot of the batch before
  changed_.notify_all();
  while (stages_.back().done <= batch)
    if (Stage* stage = ready())
      work(*stage, lock);
    else
      changed_.wait(lock);
  return slots_[batch % kSlots].weights;
}

void Relay::help() {
  std::unique_lock lock(mutex_);
  while (!ended_ && stages_.back().done < batches_)
    if (Stage* stage = ready())
      work(*stage, lock);
    else
      changed_.wait(lock);
}

// A stage that has a batch to take: the last one that has, since what is nearest to its end is needed first.
Relay::Stage* Relay::ready() {
  for (size_t i = stages_.size(); i--;) {
    const Stage& stage = stages_[i];
    const uint32_t offered = i ? stages_[i - 1].done : std::min(batches_, taken_ + kSlots - 1);
    if (!stage.busy && stage.done < offered) return &stages_[i];
  }
  return nullptr;
}

void Relay::work(Stage& stage, std::unique_lock<std::mutex>& lock) {
  const int number = int(&stage - stages_.data());
  const uint32_t batch = stage.done;
  stage.busy = true;
  lock.unlock();
  Slot& slot = slots_[batch % kSlots];
  if (number == 0) {
    slot.columns.clear();
    fill_(batch, slot.columns, slot.weights);
  }
  evaluator_->pass(number, slot.columns, slot.residuals);
  lock.lock();
  stage.busy = false;
  stage.done = batch + 1;
  changed_.notify_all();
}

}  // namespace nzip
