# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# Helpers of this build only; nothing here is installed.

# Where archlab_plugin() puts and finds things in this build. libarchlab.so is
# in lib/, so that plugins are where an installation would have them.
set(ARCHLAB_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/archlab/plugins)
set(ARCHLAB_PROTO_PATH ${CMAKE_SOURCE_DIR}/protos)
set(ARCHLAB_PLUGIN_TESTS_TOGETHER ON)

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
    ENVIRONMENT "OMP_NUM_THREADS=1;ARCHLAB_CACHE=;ARCHLAB_PLUGIN_PATH=${ARCHLAB_PLUGIN_OUTPUT_DIRECTORY}")
endfunction()

# One test program a kind, plugins_<kind>_test, from the tests of its plugins.
function(archlab_plugin_tests)
  get_property(kinds GLOBAL PROPERTY ARCHLAB_PLUGIN_KINDS)
  list(REMOVE_DUPLICATES kinds)
  foreach(kind ${kinds})
    get_property(tests GLOBAL PROPERTY ARCHLAB_PLUGIN_TESTS_${kind})
    get_property(plugins GLOBAL PROPERTY ARCHLAB_PLUGINS_${kind})
    if(tests AND ARCHLAB_TESTS)
      archlab_unit_test(plugins_${kind}_test ${tests})
      target_link_libraries(plugins_${kind}_test PRIVATE archlab::testing)
      add_dependencies(plugins_${kind}_test ${plugins})
    endif()
  endforeach()
endfunction()
