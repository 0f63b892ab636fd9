// SPDX-FileCopyrightText: 2026 The archlab authors
// SPDX-License-Identifier: MIT
//
// For tests: event files as TensorBoard reads them.

#ifndef ARCHLAB_EVENTS_FOR_TEST_H_
#define ARCHLAB_EVENTS_FOR_TEST_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "archlab/tensorboard.pb.h"
#include "training/tensorboard.h"
#include "training/test_folder.h"

namespace archlab {

// CRC-32C bit by bit, with TensorBoard's mask.
inline uint32_t MaskedBitByBit(const std::string& data) {
  uint32_t crc = ~0u;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

// The events of a file; fails the test where it is not well-formed.
inline std::vector<tensorboard::Event> ReadEvents(const std::string& path) {
  const std::string file = ReadAll(path);
  std::vector<tensorboard::Event> events;
  size_t at = 0;
  const auto take = [&](size_t count) {
    const std::string bytes = at <= file.size() ? file.substr(at, count) : "";
    EXPECT_EQ(bytes.size(), count) << "the file ends inside a record";
    at += count;
    return bytes;
  };
  const auto expect_sum_of = [&](const std::string& data) {
    uint32_t sum = 0;
    std::memcpy(&sum, take(4).data(), 4);
    EXPECT_EQ(sum, MaskedBitByBit(data)) << "record " << events.size();
  };
  while (at < file.size() && !testing::Test::HasFailure()) {
    const std::string length = take(8);
    expect_sum_of(length);
    uint64_t bytes = 0;
    std::memcpy(&bytes, length.data(), 8);
    const std::string data = take(bytes);
    expect_sum_of(data);
    EXPECT_TRUE(events.emplace_back().ParseFromString(data));
  }
  return events;
}

// In the order in which TensorBoard reads them.
inline std::vector<std::string> EventFiles(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& each : std::filesystem::directory_iterator(folder))
    paths.push_back(each.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What TensorBoard shows: [tag][step]. A start makes it forget the values of
// its step and of later ones.
using Charts = std::map<std::string, std::map<int64_t, float>>;
inline Charts ReadCharts(const std::string& folder) {
  Charts charts;
  for (const std::string& path : EventFiles(folder))
    for (const tensorboard::Event& event : ReadEvents(path)) {
      if (event.session_log().status() == tensorboard::SessionLog::START)
        for (auto& [tag, values] : charts)
          values.erase(values.lower_bound(event.step()), values.end());
      for (const auto& value : event.summary().value())
        charts[value.tag()][event.step()] = value.simple_value();
    }
  return charts;
}

}  // namespace archlab

#endif  // ARCHLAB_EVENTS_FOR_TEST_H_
