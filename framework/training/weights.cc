// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT

#include "training/weights.h"

#include <cstring>
#include <map>

#include "absl/strings/str_cat.h"
#include "archlab/status.h"

namespace archlab {
namespace {

absl::Status Mismatch(const std::string& source, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      source, ": ", what,
      "; it was saved from another model than the spec describes"));
}

}  // namespace

TensorFile ModelTensors(const ParameterStore& store) {
  TensorFile file;
  for (const auto& parameter : store.parameters())
    file.tensors.push_back({parameter->path, parameter->master});
  for (const ParameterStore::Buffer& buffer : store.buffers())
    file.tensors.push_back({buffer.path, buffer.value});
  file.metadata["format"] = "archlab";
  return file;
}

absl::Status LoadModelTensors(const TensorFile& file, const std::string& source,
                              ParameterStore* store) {
  ARCHLAB_RETURN_IF_ERROR(CopyTensors(file, source, ModelTensors(*store)));
  store->Refresh();
  return absl::OkStatus();
}

absl::Status CopyTensors(const TensorFile& file, const std::string& source,
                         const TensorFile& targets) {
  std::map<std::string, const Tensor*> found;
  for (const NamedTensor& tensor : file.tensors)
    found[tensor.name] = &tensor.value;
  for (const NamedTensor& target : targets.tensors) {
    const auto it = found.find(target.name);
    if (it == found.end())
      return Mismatch(
          source, absl::StrCat("the tensor '", target.name, "' is missing"));
    const Tensor& value = *it->second;
    if (!(value.shape() == target.value.shape()) ||
        value.dtype() != target.value.dtype())
      return Mismatch(
          source,
          absl::StrCat("the tensor '", target.name, "' is ",
                       DTypeName(value.dtype()), " ", value.shape().ToString(),
                       ", the model's is ", DTypeName(target.value.dtype()),
                       " ", target.value.shape().ToString()));
  }
  if (file.tensors.size() != targets.tensors.size())
    for (const NamedTensor& tensor : file.tensors)
      if (targets.Find(tensor.name) == nullptr)
        return Mismatch(source, absl::StrCat("the model has no tensor '",
                                             tensor.name, "'"));
  for (const NamedTensor& target : targets.tensors) {
    Tensor to = target.value;  // shares the storage
    std::memcpy(to.raw(), found[target.name]->raw(),
                static_cast<size_t>(to.bytes()));
  }
  return absl::OkStatus();
}

}  // namespace archlab
