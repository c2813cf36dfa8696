// What each component set's predictor is made of. The order is that of the mixer's inputs and weight sets, so trained
// starts depend on it; what has none stands first, since it asks for memory. Leaving a part out shows what it is worth.
#pragma once

#include "engine1/component_sets.hpp"
#include "engine1/parts/apms.hpp"
#include "engine1/parts/bias.hpp"
#include "engine1/parts/histories.hpp"
#include "engine1/parts/language_model.hpp"
#include "engine1/parts/learner.hpp"
#include "engine1/parts/maps.hpp"
#include "engine1/parts/matches.hpp"
#include "engine1/parts/network.hpp"
#include "engine1/parts/numbers.hpp"
#include "engine1/parts/runs.hpp"
#include "engine1/parts/situation.hpp"
#include "engine1/predictor.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
struct Predictors;  // for a component set without experts and with them

template <>
struct Predictors<FastSet> {
  using Alone = Predictor<FastSet, Apms, Situation, Histories, Matches, Bias>;
  using WithNetwork = Predictor<FastSet, Apms, Situation, Histories, Matches, Network, Bias>;
};

template <>
struct Predictors<BalancedSet> {
  using Alone = Predictor<BalancedSet, Apms, Situation, Histories, Runs, Matches, Bias>;
  using WithNetwork = Predictor<BalancedSet, Apms, Situation, Histories, Runs, Matches, Network, Bias>;
};

template <>
struct Predictors<StrongSet> {
  using Alone = Predictor<StrongSet, Apms, Situation, Histories, Runs, Matches, Bias>;
  using WithNetwork = Predictor<StrongSet, Apms, Situation, Histories, Runs, Matches, Network, Bias>;
};

template <>
struct Predictors<FullSet> {
  using Alone = Predictor<FullSet, Apms, Situation, Histories, RunsOrNumbers, Matches, Maps, Bias>;
  using WithNetwork = Predictor<FullSet, Apms, Situation, Histories, RunsOrNumbers, Matches, Network, Maps, Bias>;
  using WithLearner = Predictor<FullSet, Apms, Situation, Histories, RunsOrNumbers, Matches, Maps, Bias, Learner>;
  using WithNetworkAndLearner =
      Predictor<FullSet, Apms, Situation, Histories, RunsOrNumbers, Matches, Network, Maps, Bias, LearnerBeside>;
  using WithLanguageModel =
      Predictor<FullSet, Apms, Situation, Histories, RunsOrNumbers, Matches, Network, Maps, Bias, LanguageModel>;
};

}  // namespace nzip::engine1::NZIP_ISA
