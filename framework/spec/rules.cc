// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// The rules, from the root inwards.

#include "spec/rules.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spec/unused.h"

namespace archlab {
namespace {

using google::protobuf::Any;

constexpr int64_t kMaxBlocks = 4096;
constexpr size_t kMaxNameBytes = 100;

class Rules {
 public:
  Rules(const ComponentFacts& facts, const ReportRule& report)
      : facts_(facts), report_(report) {}

  void Experiment(const spec::Experiment& experiment);

 private:
  void Name(const std::string& name);
  void Model(const spec::Model& model, Topology* topology);
  // The stack at `path`, or the trunk where it is not set.
  void StackOrTrunk(const spec::Model& model, bool has,
                    const spec::Stack& stack, const std::string& path,
                    bool causal);
  void Training(const spec::Experiment& experiment, Topology topology);
  void Objective(const Any& component, Topology topology);
  void Head(const spec::Experiment& experiment, Topology topology);
  void Data(const spec::Experiment& experiment);
  void Stack(const spec::Stack& stack, const std::string& path, bool causal);
  // Whether the component acts in attention, rather than on the embeddings.
  bool ActsInAttention(const Any& position) const;
  void PositionActs(const spec::Stack& stack, const std::string& path);
  void EqualHeads(const spec::Stack& stack, const std::string& path);
  void Block(const spec::Block& block, const spec::Stack& stack,
             const std::string& path, bool causal);
  void Mixer(const spec::Block& block, const spec::Stack& stack,
             const std::string& path, bool causal);
  void EncoderDecoder(const spec::Model& model);
  void MixersRead(const spec::Stack& decoder, const std::string& path,
                  bool across);
  void Attention(const spec::MultiHeadAttention& attention,
                 const spec::Stack& stack, const std::string& path,
                 bool causal);
  void AddsBias(const Any& core, const std::string& path,
                const std::string& position);
  void Heads(const spec::MultiHeadAttention& attention,
             const spec::Stack& stack, const std::string& path);
  void Causal(const Any& component, const std::string& path, bool causal);
  // The manifest of a component, or nullptr when none is there.
  const ComponentManifest* Find(const Any& any) const;
  // The way out: "; take [router/sigmoid] or [router/top_k]", those of the
  // component's kind that fit.
  std::string Others(const Any& component,
                     const std::function<bool(const Traits&)>& fits) const;

  const ComponentFacts& facts_;
  std::string prefix_objective_;  // one whose samples have a prefix, or empty
  const ReportRule& report_;
};

const ComponentManifest* Rules::Find(const Any& any) const {
  absl::string_view kind, name;
  return SplitComponent(any.type_url(), &kind, &name) ? facts_.Find(kind, name)
                                                      : nullptr;
}

void Rules::Experiment(const spec::Experiment& experiment) {
  if (experiment.has_name()) Name(experiment.name());
  const Any& objective = experiment.training().objective();
  if (Find(objective) != nullptr && Find(objective)->traits().prefix())
    prefix_objective_ = objective.type_url();
  Topology topology = TOPOLOGY_UNSPECIFIED;
  if (experiment.has_model()) Model(experiment.model(), &topology);
  CheckUnused(experiment, report_);
  if (experiment.has_training()) Training(experiment, topology);
  Head(experiment, topology);
  if (experiment.has_data()) Data(experiment);
}

// A run's folder begins with the name.
void Rules::Name(const std::string& name) {
  const bool clean = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
  if (!clean || name.empty() || name[0] == '-')
    report_("name",
            "must be letters, digits, '_' and '-', not beginning with '-': run "
            "folders are called so");
  else if (name.size() > kMaxNameBytes)
    report_("name", absl::StrCat("must be at most ", kMaxNameBytes,
                                 " characters, but is ", name.size()));
}

void Rules::Model(const spec::Model& model, Topology* topology) {
  switch (model.assembly_case()) {
    case spec::Model::kDecoderOnly:
      *topology = DECODER_ONLY;
      StackOrTrunk(model, model.decoder_only().has_stack(),
                   model.decoder_only().stack(), "model.decoder_only.stack",
                   true);
      return;
    case spec::Model::kEncoderOnly:
      *topology = ENCODER_ONLY;
      StackOrTrunk(model, model.encoder_only().has_stack(),
                   model.encoder_only().stack(), "model.encoder_only.stack",
                   false);
      return;
    case spec::Model::kEncoderDecoder:
      *topology = ENCODER_DECODER;
      EncoderDecoder(model);
      return;
    case spec::Model::ASSEMBLY_NOT_SET:
      report_("model",
              "has no assembly: set decoder_only { ... }, encoder_only { ... } "
              "or encoder_decoder { ... }");
  }
}

void Rules::EncoderDecoder(const spec::Model& model) {
  const spec::EncoderDecoder& own = model.encoder_decoder();
  StackOrTrunk(model, own.has_encoder(), own.encoder(),
               "model.encoder_decoder.encoder", false);
  StackOrTrunk(model, own.has_decoder(), own.decoder(),
               "model.encoder_decoder.decoder", true);
  const spec::Stack& encoder =
      own.has_encoder() ? own.encoder() : model.trunk();
  const spec::Stack& decoder =
      own.has_decoder() ? own.decoder() : model.trunk();
  if (encoder.has_width() && decoder.has_width() &&
      encoder.width() != decoder.width())
    report_("model.encoder_decoder.decoder.width",
            absl::StrCat("must be the encoder's, ", encoder.width(),
                         " channels, but is ", decoder.width()));
  bool across = false;
  for (const spec::Group& group : decoder.group())
    for (const spec::Block& block : group.block())
      across |= block.has_attention() || block.has_cross_attention();
  MixersRead(
      decoder,
      own.has_decoder() ? "model.encoder_decoder.decoder" : "model.trunk",
      across);
  if (decoder.group_size() > 0 && !across)
    report_(own.has_decoder() ? "model.encoder_decoder.decoder" : "model.trunk",
            "has no block that reads the encoder's output: set "
            "cross_attention { ... } in one");
}

// Attention brings cross-attention of its shape along; a mixer has none.
void Rules::MixersRead(const spec::Stack& decoder, const std::string& path,
                       bool across) {
  if (!across) return;
  for (int g = 0; g < decoder.group_size(); ++g)
    for (int b = 0; b < decoder.group(g).block_size(); ++b) {
      const spec::Block& block = decoder.group(g).block(b);
      if (block.has_mixer() && !block.has_cross_attention())
        report_(absl::StrCat(path, ".group[", g, "].block[", b, "]"),
                "has a mixer and does not read the encoder's output: set "
                "cross_attention { ... } beside it");
    }
}

void Rules::StackOrTrunk(const spec::Model& model, bool has,
                         const spec::Stack& stack, const std::string& path,
                         bool causal) {
  if (has)
    Stack(stack, path, causal);
  else if (model.has_trunk())
    Stack(model.trunk(), "model.trunk", causal);
  else
    report_("model", absl::StrCat("has no blocks: set ",
                                  path.substr(sizeof("model.") - 1),
                                  " { ... } or trunk { ... }"));
}

void Rules::Stack(const spec::Stack& stack, const std::string& path,
                  bool causal) {
  Causal(stack.position(), absl::StrCat(path, ".position"), causal);
  Causal(stack.final_norm(), absl::StrCat(path, ".final_norm"), causal);
  int64_t blocks = 0;
  for (int g = 0; g < stack.group_size(); ++g) {
    const spec::Group& group = stack.group(g);
    blocks += int64_t{group.repeat()} * group.block_size();
    for (int b = 0; b < group.block_size(); ++b)
      Block(group.block(b), stack,
            absl::StrCat(path, ".group[", g, "].block[", b, "]"), causal);
  }
  if (ActsInAttention(stack.position())) EqualHeads(stack, path);
  PositionActs(stack, path);
  if (blocks > kMaxBlocks)
    report_(absl::StrCat(path, ".group"),
            absl::StrCat("must be at most ", kMaxBlocks,
                         " blocks in all groups together, but are ", blocks));
}

bool Rules::ActsInAttention(const Any& position) const {
  const ComponentManifest* manifest = Find(position);
  return manifest != nullptr &&
         (manifest->traits().rotary() || manifest->traits().score_bias());
}

// A position component that acts in attention needs a block with attention.
void Rules::PositionActs(const spec::Stack& stack, const std::string& path) {
  if (!ActsInAttention(stack.position())) return;
  bool mixers = false;
  for (const spec::Group& group : stack.group())
    for (const spec::Block& block : group.block()) {
      if (block.has_attention()) return;
      mixers |= block.has_mixer();
    }
  // A mixer refuses a score bias itself.
  if (mixers && !Find(stack.position())->traits().score_bias())
    report_(absl::StrCat(path, ".position"),
            absl::StrCat("[", stack.position().type_url(),
                         "] acts in attention, but this stack has mixers "
                         "only; take [position/learned], "
                         "[position/sinusoidal] or [position/none]"));
}

// One position component serves all layers, so they must agree on their heads.
void Rules::EqualHeads(const spec::Stack& stack, const std::string& path) {
  const spec::MultiHeadAttention* first = nullptr;
  const auto dim = [&stack](const spec::MultiHeadAttention& attention) {
    if (attention.head_dim() > 0) return attention.head_dim();
    return stack.width() / std::max(1, attention.heads());
  };
  for (int g = 0; g < stack.group_size(); ++g)
    for (int b = 0; b < stack.group(g).block_size(); ++b) {
      const spec::Block& block = stack.group(g).block(b);
      if (!block.has_attention() || !block.attention().position()) continue;
      const spec::MultiHeadAttention& attention = block.attention();
      if (first == nullptr) first = &attention;
      if (attention.heads() == first->heads() && dim(attention) == dim(*first))
        continue;
      report_(absl::StrCat(path, ".group[", g, "].block[", b, "].attention"),
              absl::StrCat("has ", attention.heads(), " heads of ",
                           dim(attention), " channels, but an earlier block ",
                           first->heads(), " of ", dim(*first),
                           ": the stack's position component fits one shape "
                           "(position: false leaves a block out)"));
    }
}

void Rules::Mixer(const spec::Block& block, const spec::Stack& stack,
                  const std::string& path, bool causal) {
  Causal(block.mixer(), path, causal);
  const ComponentManifest* mixer = Find(block.mixer());
  if (mixer != nullptr && !prefix_objective_.empty() &&
      !mixer->traits().prefix()) {
    const std::string others =
        Others(block.mixer(), std::mem_fn(&Traits::prefix));
    report_(path,
            absl::StrCat("[mixer/", mixer->name(),
                         "] does not let the leading tokens see each other, as "
                         "[",
                         prefix_objective_, "] wants it",
                         others.empty() ? "; take" : others + ", or",
                         " attention in the mixer's place"));
  }
  const ComponentManifest* order = Find(stack.position());
  if (mixer != nullptr && order != nullptr && order->traits().score_bias())
    report_(path, absl::StrCat(
                      "[mixer/", mixer->name(),
                      "] adds no score bias, but [position/", order->name(),
                      "] makes one; take another position, such as "
                      "[position/learned], or attention in the mixer's place"));
}

void Rules::Block(const spec::Block& block, const spec::Stack& stack,
                  const std::string& path, bool causal) {
  if (!block.has_attention() && !block.has_mixer() && !block.has_feed_forward())
    report_(path, "does nothing: set attention, feed_forward or both");
  if (block.has_attention() && block.has_mixer())
    report_(absl::StrCat(path, ".mixer"),
            "may not stand beside attention: a block has one sequence part; "
            "leave one out, or write two blocks");
  Mixer(block, stack, absl::StrCat(path, ".mixer"), causal);
  Causal(block.feed_forward(), absl::StrCat(path, ".feed_forward"), causal);
  Causal(block.norm(), absl::StrCat(path, ".norm"), causal);
  if (block.has_attention())
    Attention(block.attention(), stack, absl::StrCat(path, ".attention"),
              causal);
  if (block.has_cross_attention()) {
    const std::string cross = absl::StrCat(path, ".cross_attention");
    Heads(block.cross_attention(), stack, cross);
    const ComponentManifest* core = Find(block.cross_attention().core());
    if (core != nullptr && !core->traits().cross())
      report_(absl::StrCat(cross, ".core"),
              absl::StrCat("[attention/", core->name(),
                           "] may not stand in cross-attention: it does not "
                           "claim the trait 'cross'",
                           Others(block.cross_attention().core(),
                                  std::mem_fn(&Traits::cross))));
  }
}

void Rules::Attention(const spec::MultiHeadAttention& attention,
                      const spec::Stack& stack, const std::string& inner,
                      bool causal) {
  Heads(attention, stack, inner);
  Causal(attention.core(), absl::StrCat(inner, ".core"), causal);
  Causal(attention.qk_norm(), absl::StrCat(inner, ".qk_norm"), causal);
  const ComponentManifest* position = Find(stack.position());
  if (position != nullptr && attention.position() &&
      position->traits().score_bias())
    AddsBias(attention.core(), absl::StrCat(inner, ".core"), position->name());
}

// A core, and the cores inside it, must add the bias that `position` makes.
void Rules::AddsBias(const Any& core, const std::string& path,
                     const std::string& position) {
  const ComponentManifest* manifest = Find(core);
  if (manifest == nullptr) return;
  if (!manifest->traits().score_bias())
    report_(path, absl::StrCat("[", core.type_url(),
                               "] adds no score bias, but [position/", position,
                               "] makes one",
                               Others(core, std::mem_fn(&Traits::score_bias))));
  for (const InnerComponent& part : facts_.Inside(core))
    if (absl::StartsWith(part.component.type_url(), "attention/"))
      AddsBias(part.component, absl::StrCat(path, ".", part.path), position);
}

void Rules::Heads(const spec::MultiHeadAttention& attention,
                  const spec::Stack& stack, const std::string& path) {
  if (!attention.has_heads()) return;
  const int heads = attention.heads();
  if (stack.has_width() && attention.head_dim() == 0 &&
      stack.width() % heads != 0)
    report_(absl::StrCat(path, ".heads"),
            absl::StrCat("must divide the width, ", stack.width(),
                         " channels, but is ", heads, " (or set head_dim)"));
  if (attention.kv_heads() > 0 && heads % attention.kv_heads() != 0)
    report_(absl::StrCat(path, ".kv_heads"),
            absl::StrCat("must divide heads, ", heads, ", but is ",
                         attention.kv_heads()));
}

std::string Rules::Others(
    const Any& component,
    const std::function<bool(const Traits&)>& fits) const {
  absl::string_view kind, name;
  if (!SplitComponent(component.type_url(), &kind, &name)) return "";
  std::vector<std::string> able;
  for (const std::string& each : facts_.Names(kind)) {
    SplitComponent(each, &kind, &name);
    if (fits(facts_.Find(kind, name)->traits()))
      able.push_back(absl::StrCat("[", each, "]"));
  }
  if (able.empty()) return "";
  const std::string last = able.back();
  able.pop_back();
  return absl::StrCat("; take ", absl::StrJoin(able, ", "),
                      able.empty() ? "" : " or ", last);
}

// A causal stack takes only what leaves the past alone, and a stack in which
// every token sees every other only what can look ahead; so do the parts of its
// parts.
void Rules::Causal(const Any& component, const std::string& path, bool causal) {
  const ComponentManifest* manifest = Find(component);
  if (manifest == nullptr) return;
  if (causal && !manifest->traits().causal())
    report_(path,
            absl::StrCat("[", component.type_url(),
                         "] may not stand in a causal stack: it does not claim "
                         "the trait 'causal'",
                         Others(component, std::mem_fn(&Traits::causal))));
  if (!causal && !manifest->traits().bidirectional())
    report_(path, absl::StrCat(
                      "[", component.type_url(),
                      "] may not stand in an encoder: it does not claim the "
                      "trait 'bidirectional'",
                      Others(component, std::mem_fn(&Traits::bidirectional))));
  for (const InnerComponent& inner : facts_.Inside(component))
    Causal(inner.component, absl::StrCat(path, ".", inner.path), causal);
}

void Rules::Objective(const Any& component, Topology topology) {
  const ComponentManifest* objective = Find(component);
  if (objective == nullptr || topology == TOPOLOGY_UNSPECIFIED) return;
  const auto& fits = objective->traits().topologies();
  std::string names;
  for (const int each : fits)
    absl::StrAppend(
        &names, names.empty() ? "" : ", ",
        absl::AsciiStrToLower(Topology_Name(static_cast<Topology>(each))));
  if (!fits.empty() && std::count(fits.begin(), fits.end(), topology) == 0)
    report_("training.objective",
            absl::StrCat("[", component.type_url(), "] trains ", names,
                         " models, but this one is ",
                         absl::AsciiStrToLower(Topology_Name(topology)),
                         Others(component, [topology](const Traits& traits) {
                           const auto& all = traits.topologies();
                           return all.empty() ||
                                  std::count(all.begin(), all.end(), topology) >
                                      0;
                         })));
}

void Rules::Training(const spec::Experiment& experiment, Topology topology) {
  const spec::Training& training = experiment.training();
  Objective(training.objective(), topology);
  const int64_t tokens =
      int64_t{training.batch_sequences()} * experiment.data().sequence_tokens();
  if (tokens > INT32_MAX)
    report_("training.batch_sequences",
            absl::StrCat("a batch of ", training.batch_sequences(), " x ",
                         experiment.data().sequence_tokens(), " = ", tokens,
                         " tokens is too large; take fewer and accumulate"));
}

// What is predicted and what is trained on must be the same kind of thing.
void Rules::Head(const spec::Experiment& experiment, Topology topology) {
  const Any& component = experiment.training().objective();
  const ComponentManifest* objective = Find(component);
  if (objective == nullptr ||
      (topology != ENCODER_ONLY && topology != DECODER_ONLY))
    return;
  const spec::Model& model = experiment.model();
  const bool encoder = topology == ENCODER_ONLY;
  const bool has_head = encoder
                            ? model.encoder_only().has_classification_head()
                            : model.decoder_only().has_classification_head();
  const std::string path =
      absl::StrCat("model.", encoder ? "encoder_only" : "decoder_only",
                   ".classification_head");
  if (objective->traits().classes() && !has_head)
    report_("training.objective",
            absl::StrCat("[", component.type_url(),
                         "] predicts classes, but the model has no head for "
                         "them: set ",
                         path, " { classes: ... }"));
  if (!encoder && has_head && objective->traits().classes() &&
      model.decoder_only().classification_head().pooling() == spec::CLASS_TOKEN)
    report_(path + ".pooling",
            "CLASS_TOKEN is the first token's vector, which sees none of the "
            "others in a causal stack; set pooling: LAST or MEAN");
  if (!objective->traits().classes() && has_head)
    report_(path, absl::StrCat("predicts classes, but [", component.type_url(),
                               "] predicts tokens: leave the head out or "
                               "take [objective/classification]"));
}

void Rules::Data(const spec::Experiment& experiment) {
  const spec::Data& data = experiment.data();
  const ComponentManifest* dataset = Find(data.dataset());
  if (dataset == nullptr) return;
  const Any& component = experiment.training().objective();
  const ComponentManifest* objective = Find(component);
  const bool patches = dataset->traits().patches();
  if (patches && objective != nullptr && !objective->traits().classes())
    report_("training.objective",
            absl::StrCat("[", component.type_url(), "] predicts tokens, but [",
                         data.dataset().type_url(),
                         "] gives images: take [objective/classification]"));
  if (!patches && !data.has_tokenizer())
    report_("data",
            absl::StrCat("has no tokenizer, but [", data.dataset().type_url(),
                         "] gives text: set tokenizer { ... }, such as "
                         "[tokenizer/byte] {}"));
}

}  // namespace

void CheckRules(const spec::Experiment& experiment, const ComponentFacts& facts,
                const ReportRule& report) {
  Rules(facts, report).Experiment(experiment);
}

}  // namespace archlab
