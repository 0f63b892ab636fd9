// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Contract suites: what every component of a kind must keep, checked in one
// line. The component is found in the catalogue and made from a text config, so
// it is tested as a spec will use it:
//
//   #include "archlab/testing.h"
//   ARCHLAB_CONTRACT("norm/rms_norm", "");
//   ARCHLAB_CONTRACT("norm/rms_norm", "gain: false epsilon: 1e-3");
//
// Each line adds a GoogleTest suite "norm/rms_norm" with a test for each
// promise ("GradientsMatchDifferences", "RowsAreIndependent", ...). Link
// archlab::testing. Plugins are looked for in ARCHLAB_PLUGIN_PATH.
//
// For a component's own tests, UnderTest<Kind> makes it in the same way.

#ifndef ARCHLAB_TESTING_H_
#define ARCHLAB_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "archlab/check.h"
#include "archlab/component.h"
#include "archlab/ops.h"

namespace archlab {

// A small model in f64: width 16, 4 heads of 4 channels, 11 tokens of
// vocabulary, 5 experts, sequences of 12 tokens, causal, layer 0 of 2, seed 7.
Surroundings TestSurroundings();
// The same with another dtype of activations.
Surroundings TestSurroundings(DType dtype);

// Adds the contract suite of the component's kind to this program, for one
// config in text form and one place in a model. Returns true.
bool AddContract(const char* component, const char* config, const char* file,
                 int line, const Surroundings& at = TestSurroundings());

// Makes a component that is no plugin, such as one that a test defines.
using TestFactory =
    std::function<std::unique_ptr<Component>(const BuildContext&)>;

// A component, its parameters and a forward pass around it.
class ComponentUnderTest {
 public:
  ComponentUnderTest(const TestFactory& factory, const Surroundings& at);
  ComponentUnderTest(const std::string& component, const std::string& config,
                     const Surroundings& at);
  ~ComponentUnderTest();
  ComponentUnderTest(ComponentUnderTest&&) noexcept;

  // Why it could not be made, or OK.
  const absl::Status& status() const;
  // null where status() is not OK.
  Component* component() const;

  // Names of the parameters, such as "weight", in the order they were added.
  std::vector<std::string> ParameterNames() const;
  // The value that the component computes with; writing changes it. Checks that
  // there is such a parameter.
  Tensor ParameterValue(absl::string_view name) const;
  ParameterTraits TraitsOf(absl::string_view name) const;
  // All parameters become leaves that collect gradients.
  void RequireGradients();
  // A pass over `batch` sequences of `tokens` real tokens.
  ForwardContext& Context(int64_t batch, int64_t tokens, bool training = false);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The same with the type of its kind: UnderTest<Norm> norm("norm/rms_norm").
// `norm->Forward(x)` calls the component.
template <class Kind>
class UnderTest : public ComponentUnderTest {
 public:
  explicit UnderTest(const std::string& component,
                     const std::string& config = "",
                     const Surroundings& at = TestSurroundings())
      : ComponentUnderTest(component, config, at) {}
  explicit UnderTest(const TestFactory& factory,
                     const Surroundings& at = TestSurroundings())
      : ComponentUnderTest(factory, at) {}

  Kind* get() const { return static_cast<Kind*>(component()); }
  Kind* operator->() const {
    ARCHLAB_CHECK(component() != nullptr) << status().ToString();
    return get();
  }
};

// Normal numbers with the standard deviation `scale`; the same each time.
Tensor TestTensor(const Shape& shape, DType dtype, uint64_t seed,
                  double scale = 1);
// i32 [B, T]: positions first .. first + T - 1 in each row.
Tensor TestPositions(int64_t batch, int64_t tokens, int64_t first = 0);

// Draws `count` times from softmax(logits) with a stream of Philox numbers and
// compares the counts with `expected` probabilities: Pearson's chi-square, with
// one degree of freedom fewer than there are tokens expected. Adds a failure
// where a token that is not expected was drawn.
double DrawsChiSquare(const std::vector<double>& logits,
                      const std::vector<double>& expected, int64_t count);

// Whether all elements have the same bits.
::testing::AssertionResult SameBits(const Tensor& a, const Tensor& b);
// Whether no two elements differ by more than tolerance * max(1, largest
// magnitude of `expected`).
::testing::AssertionResult Near(const Tensor& actual, const Tensor& expected,
                                double tolerance);

// Compares gradients with central differences. `f` computes a tensor of any
// shape from the leaves, which are f64, require gradients and share storage
// with what f reads; its elements are added up with fixed weights. At most
// `probes` elements of each leaf are tried. The tolerance is relative to the
// leaf's largest gradient.
::testing::AssertionResult GradientsMatch(const std::function<Tensor()>& f,
                                          std::vector<Tensor> leaves,
                                          double tolerance = 1e-6,
                                          int64_t probes = 48);

}  // namespace archlab

// ARCHLAB_CONTRACT("kind/name", "config") or, with other surroundings than
// TestSurroundings(), ARCHLAB_CONTRACT("kind/name", "config", surroundings).
#define ARCHLAB_CONTRACT(component, ...)                                       \
  [[maybe_unused]] static const bool ARCHLAB_CONCAT_(archlab_contract_,        \
                                                     __LINE__) =               \
      ARCHLAB_CONTRACT_(component, __VA_ARGS__, ::archlab::TestSurroundings(), \
                        0)
#define ARCHLAB_CONTRACT_(component, config, at, ...) \
  ::archlab::AddContract(component, config, __FILE__, __LINE__, at)

#endif  // ARCHLAB_TESTING_H_
