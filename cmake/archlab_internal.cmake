# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Helpers of this build only; nothing here is installed.

# archlab_unit_test(NAME SOURCES...): one test program, linked with libarchlab
# and run by ctest under the name NAME. Does nothing when tests are off.
function(archlab_unit_test name)
  if(NOT ARCHLAB_TESTS)
    return()
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE archlab GTest::gmock GTest::gtest GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/framework)
  target_compile_definitions(${name} PRIVATE
    ARCHLAB_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ARCHLAB_BUILD_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "OMP_NUM_THREADS=1;ARCHLAB_PLUGIN_PATH=${ARCHLAB_PLUGIN_OUTPUT_DIRECTORY}")
endfunction()
