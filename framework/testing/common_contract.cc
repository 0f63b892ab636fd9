// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// What every component keeps, whatever its kind.

#include <google/protobuf/descriptor.h>

#include "archlab/attention.h"
#include "archlab/random.h"
#include "testing/config.h"
#include "testing/contract.h"

namespace archlab {
namespace {

std::string Bytes(const ContractCase& c) {
  absl::StatusOr<std::string> bytes = ConfigFromText(c.kind, c.name, c.config);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *bytes : std::string();
}

void IsDocumented(const ContractCase& c) {
  const ComponentManifest* const manifest =
      TestCatalogue().Find(c.kind, c.name);
  ASSERT_NE(manifest, nullptr);
  EXPECT_FALSE(manifest->summary().empty())
      << "the config message has no comment";
  const google::protobuf::Descriptor* const type =
      TestCatalogue().ConfigType(c.kind, c.name);
  for (int i = 0; i < type->field_count(); ++i) {
    google::protobuf::SourceLocation where;
    EXPECT_TRUE(type->field(i)->GetSourceLocation(&where) &&
                !where.leading_comments.empty())
        << type->field(i)->name() << " has no comment";
  }
}

void DefaultsAreValid(const ContractCase& c) {
  if (HasRequiredFields(c.kind, c.name)) return;
  const ComponentUnderTest made(c.kind + "/" + c.name, "", c.at);
  EXPECT_TRUE(made.status().ok()) << made.status();
}

void ConfigSurvivesText(const ContractCase& c) {
  const std::string bytes = Bytes(c);
  const std::string text = ConfigToText(c.kind, c.name, bytes);
  const absl::StatusOr<std::string> again =
      ConfigFromText(c.kind, c.name, text);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, bytes) << text;
}

// An attention is asked about pairs as soon as it is used: a number that it
// divides by must not be zero.
std::string CrashOfSees(const ContractCase& c, const std::string& config) {
  return CrashOf([&] {
    const ComponentUnderTest made(c.kind + "/" + c.name, config, c.at);
    if (!made.status().ok()) return;
    const auto& core = static_cast<const Attention&>(*made.component());
    for (const int64_t query : {0, 1, 2, 3, 10, 64, 100, 1000})
      for (int64_t key = 0; key <= query; key += 1 + key / 8)
        core.Sees(query, key);
  });
}

// Every config that a spec may hold is made or refused with a message.
void ChangedConfigsAreMadeOrRefused(const ContractCase& c) {
  for (const std::string& bytes : ChangedConfigs(c.kind, c.name, Bytes(c))) {
    const std::string text = ConfigToText(c.kind, c.name, bytes);
    SCOPED_TRACE(text);
    if (c.kind == Attention::kKind) {
      const std::string crash = CrashOfSees(c, text);
      EXPECT_EQ(crash, "") << "Create or Sees ends the process with this "
                              "config: give the field an archlab.range";
      if (!crash.empty()) continue;
    }
    const ComponentUnderTest made(c.kind + "/" + c.name, text, c.at);
    EXPECT_TRUE(made.status().ok() || !made.status().message().empty());
  }
}

void SameSeedSameParameters(const ContractCase& c) {
  const ComponentUnderTest a(c.kind + "/" + c.name, c.config, c.at);
  const ComponentUnderTest b(c.kind + "/" + c.name, c.config, c.at);
  ASSERT_EQ(a.ParameterNames(), b.ParameterNames());
  for (const std::string& name : a.ParameterNames())
    EXPECT_TRUE(SameBits(a.ParameterValue(name), b.ParameterValue(name)))
        << name;
}

}  // namespace

Contract CommonContract() {
  return {{"IsDocumented", IsDocumented},
          {"DefaultsAreValid", DefaultsAreValid},
          {"ConfigSurvivesText", ConfigSurvivesText},
          {"ChangedConfigsAreMadeOrRefused", ChangedConfigsAreMadeOrRefused},
          {"SameSeedSameParameters", SameSeedSameParameters}};
}

}  // namespace archlab
