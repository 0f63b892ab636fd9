// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// Rules that no built-in component breaks, with made-up manifests. The others
// are in tests/spec_errors.

#include "spec/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace archlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Made-up manifests, and what stands in whose config.
struct FakeFacts final : ComponentFacts {
  const ComponentManifest* Find(absl::string_view kind,
                                absl::string_view name) const override {
    const auto it = manifests.find(absl::StrCat(kind, "/", name));
    return it == manifests.end() ? nullptr : &it->second;
  }
  std::vector<std::string> Names(absl::string_view kind) const override {
    std::vector<std::string> names;
    for (const auto& [name, manifest] : manifests)
      if (absl::StartsWith(name, absl::StrCat(kind, "/")))
        names.push_back(name);
    return names;
  }
  std::vector<InnerComponent> Inside(
      const google::protobuf::Any& component) const override {
    const auto it = inside.find(component.type_url());
    return it == inside.end() ? std::vector<InnerComponent>() : it->second;
  }

  std::map<std::string, ComponentManifest> manifests;
  std::map<std::string, std::vector<InnerComponent>> inside;
};

class RulesTest : public testing::Test {
 protected:
  RulesTest() {
    experiment_.set_name("x");
    spec::Stack& stack =
        *experiment_.mutable_model()->mutable_decoder_only()->mutable_stack();
    stack.set_width(64);
    stack.mutable_position()->set_type_url("position/p");
    spec::Block& block = *stack.add_group()->add_block();
    block.mutable_norm()->set_type_url("norm/n");
    block.mutable_feed_forward()->set_type_url("feed_forward/f");
    block.mutable_attention()->set_heads(4);
    block.mutable_attention()->mutable_core()->set_type_url("attention/a");
    experiment_.mutable_training()->mutable_objective()->set_type_url(
        "objective/o");
    for (const char* each : {"position/p", "norm/n", "feed_forward/f",
                             "attention/a", "objective/o"}) {
      manifests_[each].set_name(std::string(1, *(std::strchr(each, '/') + 1)));
      manifests_[each].mutable_traits()->set_causal(true);
    }
  }

  Traits& TraitsOf(const std::string& component) {
    return *manifests_.at(component).mutable_traits();
  }
  spec::MultiHeadAttention& Attention() {
    return *experiment_.mutable_model()
                ->mutable_decoder_only()
                ->mutable_stack()
                ->mutable_group(0)
                ->mutable_block(0)
                ->mutable_attention();
  }

  // "path: message" of each broken rule.
  std::vector<std::string> Broken() {
    std::vector<std::string> all;
    CheckRules(experiment_, facts_,
               [&](const std::string& path, const std::string& message) {
                 all.push_back(absl::StrCat(path, ": ", message));
               });
    return all;
  }

  spec::Experiment experiment_;
  FakeFacts facts_;
  std::map<std::string, ComponentManifest>& manifests_ = facts_.manifests;
};

TEST_F(RulesTest, AGoodOneBreaksNone) { EXPECT_THAT(Broken(), IsEmpty()); }

TEST_F(RulesTest, EveryPartOfACausalStackIsCausal) {
  for (const auto& [component, path] : std::map<std::string, std::string>{
           {"attention/a", "group[0].block[0].attention.core"},
           {"feed_forward/f", "group[0].block[0].feed_forward"},
           {"norm/n", "group[0].block[0].norm"},
           {"position/p", "position"}}) {
    TraitsOf(component).set_causal(false);
    EXPECT_THAT(Broken(), ElementsAre(HasSubstr(absl::StrCat(
                              "model.decoder_only.stack.", path, ": [",
                              component, "] may not stand in a causal"))));
    TraitsOf(component).set_causal(true);
  }
}

TEST_F(RulesTest, APrefixNeedsAMixerThatLetsItSeeItself) {
  spec::Block& block = *experiment_.mutable_model()
                            ->mutable_decoder_only()
                            ->mutable_stack()
                            ->mutable_group(0)
                            ->mutable_block(0);
  block.clear_attention();
  block.mutable_mixer()->set_type_url("mixer/m");
  manifests_["mixer/m"].set_name("m");
  TraitsOf("mixer/m").set_causal(true);
  EXPECT_THAT(Broken(), IsEmpty());
  TraitsOf("objective/o").set_prefix(true);
  manifests_["mixer/other"].mutable_traits()->set_prefix(true);
  EXPECT_THAT(
      Broken(),
      ElementsAre("model.decoder_only.stack.group[0].block[0].mixer: [mixer/m] "
                  "does not let the leading tokens see each other, as "
                  "[objective/o] wants it; take [mixer/other], or attention in "
                  "the mixer's place"));
  TraitsOf("mixer/m").set_prefix(true);
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, PartsOfPartsAreCausalToo) {
  google::protobuf::Any inner;
  inner.set_type_url("router/r");
  facts_.inside["feed_forward/f"] = {{"router[1]", inner}};
  manifests_["router/r"].mutable_traits()->set_causal(true);
  EXPECT_THAT(Broken(), IsEmpty());
  TraitsOf("router/r").set_causal(false);
  EXPECT_THAT(Broken(), ElementsAre("model.decoder_only.stack.group[0].block[0]"
                                    ".feed_forward.router[1]: [router/r] may "
                                    "not stand in a causal stack: it does not "
                                    "claim the trait 'causal'"));
}

TEST_F(RulesTest, ARefusalSaysWhatWouldDo) {
  TraitsOf("norm/n").set_causal(false);
  manifests_["norm/other"].mutable_traits()->set_causal(true);
  EXPECT_THAT(Broken(), ElementsAre(HasSubstr("'causal'; take [norm/other]")));
  manifests_["norm/third"].mutable_traits()->set_causal(true);
  EXPECT_THAT(
      Broken(),
      ElementsAre(HasSubstr("'causal'; take [norm/other] or [norm/third]")));
}

TEST_F(RulesTest, AScoreBiasNeedsAnAttentionThatAddsIt) {
  TraitsOf("position/p").set_score_bias(true);
  EXPECT_THAT(Broken(), ElementsAre(HasSubstr("[attention/a] adds no score")));
  TraitsOf("attention/a").set_score_bias(true);
  EXPECT_THAT(Broken(), IsEmpty());
  // A core inside the core counts too.
  google::protobuf::Any inner;
  inner.set_type_url("attention/inner");
  facts_.inside["attention/a"] = {{"core", inner}};
  manifests_["attention/inner"].mutable_traits()->set_causal(true);
  EXPECT_THAT(Broken(), ElementsAre(HasSubstr(
                            "attention.core.core: [attention/inner] adds no "
                            "score bias, but [position/p] makes one; take "
                            "[attention/a]")));
}

TEST_F(RulesTest, ClassesNeedAHeadAndAHeadNeedsClasses) {
  TraitsOf("objective/o").set_classes(true);
  EXPECT_THAT(
      Broken(),
      ElementsAre("training.objective: [objective/o] predicts classes, but the "
                  "model has no head for them: set "
                  "model.decoder_only.classification_head { classes: ... }"));
  spec::DecoderOnly& model =
      *experiment_.mutable_model()->mutable_decoder_only();
  model.mutable_classification_head()->set_classes(2);
  EXPECT_THAT(Broken(),
              ElementsAre(HasSubstr("classification_head.pooling: CLASS_TOKEN "
                                    "is the first token's vector")));
  model.mutable_classification_head()->set_pooling(spec::LAST);
  EXPECT_THAT(Broken(), IsEmpty());
  TraitsOf("objective/o").set_classes(false);
  EXPECT_THAT(
      Broken(),
      ElementsAre("model.decoder_only.classification_head: predicts classes, "
                  "but [objective/o] predicts tokens: leave the head out or "
                  "take [objective/classification]"));
  const spec::Stack stack = model.stack();
  spec::EncoderOnly& encoder =
      *experiment_.mutable_model()->mutable_encoder_only();
  *encoder.mutable_stack() = stack;
  encoder.mutable_classification_head()->set_classes(2);
  for (auto& [name, manifest] : manifests_)
    manifest.mutable_traits()->set_bidirectional(true);
  EXPECT_THAT(
      Broken(),
      ElementsAre(HasSubstr("model.encoder_only.classification_head: pred")));
}

TEST_F(RulesTest, OnlyImagesDoWithoutATokenizer) {
  manifests_["dataset/d"].set_name("d");
  experiment_.mutable_data()->mutable_dataset()->set_type_url("dataset/d");
  EXPECT_THAT(
      Broken(),
      ElementsAre("data: has no tokenizer, but [dataset/d] gives text: "
                  "set tokenizer { ... }, such as [tokenizer/byte] {}"));
  TraitsOf("dataset/d").set_patches(true);
  EXPECT_THAT(
      Broken(),
      ElementsAre("training.objective: [objective/o] predicts tokens, but "
                  "[dataset/d] gives images: take [objective/classification]"));
  TraitsOf("objective/o").set_classes(true);
  spec::ClassificationHead& head = *experiment_.mutable_model()
                                        ->mutable_decoder_only()
                                        ->mutable_classification_head();
  head.set_classes(2);
  head.set_pooling(spec::MEAN);
  EXPECT_THAT(Broken(), IsEmpty());
  TraitsOf("objective/o").set_classes(false);
  experiment_.mutable_model()
      ->mutable_decoder_only()
      ->clear_classification_head();
  TraitsOf("dataset/d").set_patches(false);
  experiment_.mutable_data()->mutable_tokenizer()->set_type_url("tokenizer/t");
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, AnObjectiveFitsTheTopology) {
  TraitsOf("objective/o").add_topologies(ENCODER_ONLY);
  TraitsOf("objective/o").add_topologies(ENCODER_DECODER);
  EXPECT_THAT(Broken(),
              ElementsAre("training.objective: [objective/o] trains "
                          "encoder_only, encoder_decoder models, but this one "
                          "is decoder_only"));
  manifests_["objective/other"];  // trains any
  EXPECT_THAT(
      Broken(),
      ElementsAre(HasSubstr("is decoder_only; take [objective/other]")));
  TraitsOf("objective/o").add_topologies(DECODER_ONLY);
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, HeadDimensionFreesTheWidth) {
  Attention().set_heads(3);
  EXPECT_THAT(Broken(), ElementsAre(HasSubstr("must divide the width")));
  Attention().set_head_dim(20);
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, AreSilentAboutWhatIsMissing) {
  experiment_.Clear();
  EXPECT_THAT(Broken(), IsEmpty());
  experiment_.mutable_model()->mutable_decoder_only()->mutable_stack();
  experiment_.mutable_training();
  EXPECT_THAT(Broken(), IsEmpty());
  manifests_.clear();
  experiment_.mutable_training()->mutable_objective()->set_type_url("nonsense");
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, AnAssemblyWithoutBlocksTakesTheTrunk) {
  spec::Model& model = *experiment_.mutable_model();
  model.mutable_encoder_decoder();
  EXPECT_THAT(Broken(),
              ElementsAre("model: has no blocks: set encoder_decoder.encoder "
                          "{ ... } or trunk { ... }",
                          "model: has no blocks: set encoder_decoder.decoder "
                          "{ ... } or trunk { ... }"));
  model.mutable_trunk()->set_width(0);
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, ATrunkThatNoStackTakesIsRefused) {
  spec::Model& model = *experiment_.mutable_model();
  *model.mutable_trunk() = model.decoder_only().stack();
  EXPECT_THAT(Broken(), ElementsAre(HasSubstr("model.trunk: is not used")));
  model.mutable_decoder_only()->clear_stack();
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, SettingsThatWouldDoNothingAreRefused) {
  spec::DecoderOnly& decoder =
      *experiment_.mutable_model()->mutable_decoder_only();
  decoder.mutable_embedding()->set_token_types(1);
  experiment_.mutable_generation()->add_stop("x");
  experiment_.mutable_generation()->add_stop("");
  EXPECT_THAT(Broken(),
              ElementsAre(HasSubstr("decoder_only.embedding.token_types: must "
                                    "be 0 or at least 2, but is 1"),
                          HasSubstr("generation.stop[1]: must not be empty")));
  decoder.mutable_embedding()->set_token_types(2);
  experiment_.mutable_generation()->clear_stop();
  decoder.set_logit_soft_cap(3);
  EXPECT_THAT(Broken(), IsEmpty());
  decoder.mutable_classification_head()->set_classes(2);
  TraitsOf("objective/o").set_classes(true);
  EXPECT_THAT(Broken(),
              testing::Contains(HasSubstr("logit_soft_cap: is not used")));
}

TEST_F(RulesTest, APositionThatActsInAttentionNeedsAttention) {
  TraitsOf("position/p").set_rotary(true);
  manifests_["mixer/m"].mutable_traits()->set_causal(true);
  spec::Group& group = *experiment_.mutable_model()
                            ->mutable_decoder_only()
                            ->mutable_stack()
                            ->mutable_group(0);
  spec::Block& block = *group.mutable_block(0);
  *group.add_block() = block;
  block.clear_attention();
  block.mutable_mixer()->set_type_url("mixer/m");
  EXPECT_THAT(Broken(), IsEmpty()) << "one block has attention";
  group.mutable_block()->RemoveLast();
  EXPECT_THAT(Broken(), ElementsAre(HasSubstr(
                            "stack.position: [position/p] acts in attention, "
                            "but this stack has mixers only")));
}

TEST_F(RulesTest, AMixerInADecoderReadsTheEncoderToo) {
  manifests_["mixer/m"].mutable_traits()->set_causal(true);
  for (auto& [name, manifest] : manifests_)
    manifest.mutable_traits()->set_bidirectional(true);
  spec::Model& model = *experiment_.mutable_model();
  const spec::Stack stack = model.decoder_only().stack();
  *model.mutable_encoder_decoder()->mutable_encoder() = stack;
  spec::Stack& decoder = *model.mutable_encoder_decoder()->mutable_decoder();
  decoder = stack;
  spec::Block& block = *decoder.mutable_group(0)->add_block();
  block.mutable_norm()->set_type_url("norm/n");
  block.mutable_mixer()->set_type_url("mixer/m");
  EXPECT_THAT(Broken(),
              ElementsAre(HasSubstr("model.encoder_decoder.decoder.group[0]."
                                    "block[1]: has a mixer and does not read "
                                    "the encoder's output")));
  block.mutable_cross_attention()->set_heads(4);
  EXPECT_THAT(Broken(), IsEmpty());
}

TEST_F(RulesTest, OnePositionComponentFitsOneShapeOfHeads) {
  spec::Group& group = *experiment_.mutable_model()
                            ->mutable_decoder_only()
                            ->mutable_stack()
                            ->mutable_group(0);
  *group.add_block() = group.block(0);
  spec::MultiHeadAttention& other =
      *group.mutable_block(group.block_size() - 1)->mutable_attention();
  other.set_heads(2 * other.heads());
  EXPECT_THAT(Broken(), IsEmpty()) << "added to the embeddings";
  TraitsOf("position/p").set_rotary(true);
  EXPECT_THAT(
      Broken(),
      ElementsAre(HasSubstr("the stack's position component fits one shape")));
  other.set_position(false);
  EXPECT_THAT(Broken(), IsEmpty());
}

}  // namespace
}  // namespace archlab
