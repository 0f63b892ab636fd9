// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// ComponentUnderTest: one component in a model of its own.

#include <utility>

#include "absl/strings/str_cat.h"
#include "archlab/testing.h"
#include "nn/parameter_store.h"
#include "testing/config.h"

namespace archlab {
namespace {

constexpr char kRoot[] = "test";

// Makes parts from the test catalogue; they share the store.
class TestBuildContext final : public BuildContext {
 public:
  TestBuildContext(ParameterStore* store, const Surroundings& at,
                   const std::string& path)
      : store_(store) {
    at_ = at;
    path_ = path;
  }

  Parameter AddParameter(absl::string_view name, const Shape& shape, Init init,
                         ParameterTraits traits) const override {
    return store_->Add(Role(name), shape, init, traits);
  }
  Tensor AddBuffer(absl::string_view name, const Shape& shape) const override {
    return store_->AddBuffer(Role(name), shape);
  }

 protected:
  absl::StatusOr<std::unique_ptr<Component>> MakeChild(
      absl::string_view kind, absl::string_view name,
      absl::string_view type_url, absl::string_view config,
      const Surroundings& at) const override {
    absl::string_view child_kind, child_name;
    if (!SplitComponent(type_url, &child_kind, &child_name) ||
        child_kind != kind)
      return absl::InvalidArgumentError("not a component of kind " +
                                        std::string(kind));
    return TestCatalogue().Create(child_kind, child_name, config,
                                  TestBuildContext(store_, at, Role(name)));
  }

 private:
  std::string Role(absl::string_view name) const {
    return path_ + "." + std::string(name);
  }

  ParameterStore* const store_;
};

// A forward pass over whole sequences of real tokens.
class TestForwardContext final : public ForwardContext {
 public:
  TestForwardContext(uint64_t seed, const Tensor& positions, bool training)
      : seed_(seed) {
    positions_ = positions;
    training_ = training;
  }

  Random RandomAt(absl::string_view path) const override {
    return Random(seed_, step_, SiteHash(path));
  }
  void AddLoss(absl::string_view, const Tensor& value) override {
    ARCHLAB_CHECK_EQ(value.size(), 1) << "a loss is a scalar";
  }
  void Log(absl::string_view, double) override {}
  void Tap(absl::string_view, const Tensor& value) override {
    ARCHLAB_CHECK(value.defined());
  }

 private:
  const uint64_t seed_;
};

// Adds how a test program finds plugins, where the component is not there.
absl::Status Missing(absl::string_view kind, absl::string_view name,
                     const absl::Status& status) {
  if (TestCatalogue().Find(kind, name) != nullptr) return status;
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(),
                   " This program looks for plugins in ARCHLAB_PLUGIN_PATH, "
                   "which ctest sets; started by hand it needs the folder that "
                   "holds <kind>/<name>.so"));
}

}  // namespace

struct ComponentUnderTest::Parts {
  explicit Parts(const Surroundings& at)
      : seed(at.seed), store(at.dtype, at.seed) {}

  const ParameterData& Find(absl::string_view name) const {
    const ParameterData* const found =
        store.Find(std::string(kRoot) + "." + std::string(name));
    ARCHLAB_CHECK(found != nullptr) << "no parameter " << name;
    return *found;
  }

  const uint64_t seed;
  ParameterStore store;
  absl::StatusOr<std::unique_ptr<Component>> component =
      absl::UnknownError("not made");
  std::unique_ptr<TestForwardContext> pass;
};

ComponentUnderTest::ComponentUnderTest(const std::string& component,
                                       const std::string& config,
                                       const Surroundings& at)
    : parts_(std::make_unique<Parts>(at)) {
  absl::string_view kind, name;
  if (!SplitComponent(component, &kind, &name)) {
    parts_->component =
        absl::InvalidArgumentError(component + " is not of the form kind/name");
    return;
  }
  const absl::StatusOr<std::string> bytes = ConfigFromText(kind, name, config);
  if (!bytes.ok()) {
    parts_->component = Missing(kind, name, bytes.status());
    return;
  }
  parts_->component = TestCatalogue().Create(
      kind, name, *bytes, TestBuildContext(&parts_->store, at, kRoot));
}

ComponentUnderTest::ComponentUnderTest(const TestFactory& factory,
                                       const Surroundings& at)
    : parts_(std::make_unique<Parts>(at)) {
  parts_->component = factory(TestBuildContext(&parts_->store, at, kRoot));
}

ComponentUnderTest::~ComponentUnderTest() = default;
ComponentUnderTest::ComponentUnderTest(ComponentUnderTest&&) noexcept = default;

const absl::Status& ComponentUnderTest::status() const {
  return parts_->component.status();
}

Component* ComponentUnderTest::component() const {
  return parts_->component.ok() ? parts_->component->get() : nullptr;
}

std::vector<std::string> ComponentUnderTest::ParameterNames() const {
  std::vector<std::string> names;
  for (const auto& parameter : parts_->store.parameters())
    names.push_back(parameter->path.substr(sizeof(kRoot)));
  return names;
}

Tensor ComponentUnderTest::ParameterValue(absl::string_view name) const {
  return parts_->Find(name).compute;
}

ParameterTraits ComponentUnderTest::TraitsOf(absl::string_view name) const {
  return parts_->Find(name).traits;
}

void ComponentUnderTest::RequireGradients() {
  parts_->store.RequireGradients(true);
}

ForwardContext& ComponentUnderTest::Context(int64_t batch, int64_t tokens,
                                            bool training) {
  parts_->pass = std::make_unique<TestForwardContext>(
      parts_->seed, TestPositions(batch, tokens), training);
  return *parts_->pass;
}

}  // namespace archlab
