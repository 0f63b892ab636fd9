# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# archlab_plugin(KIND attention NAME sliding_window [VERSION 1.2.0]
#                [LIBRARIES targets...])
#
# Builds the plugin of the current folder:
#   <name>.proto       the config message; package <vendor>.<kind>
#   *.cc               the code, with ARCHLAB_PLUGIN(...) in one of them
#   *_test.cc          GoogleTest tests, where ARCHLAB_TESTS is on
# to ${ARCHLAB_PLUGIN_OUTPUT_DIRECTORY}/<kind>/<name>.so, and installs it to
# <libdir>/archlab/plugins/<kind>. The config is compiled as lite code, so that
# nothing of it registers globally; its descriptors, its comments and the ABI
# tag go into an ELF note, which the host reads without loading the plugin.
#
# Inside archlab's own build the tests of a kind are one program,
# plugins_<kind>_test; elsewhere each plugin has its own, <kind>_<name>_test.

function(archlab_plugin)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "KIND;NAME;VERSION" "LIBRARIES")
  if(NOT arg_KIND OR NOT arg_NAME OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "archlab_plugin(KIND kind NAME name [VERSION version] [LIBRARIES targets...])")
  endif()
  if(NOT arg_VERSION)
    set(arg_VERSION 0.1.0)
  endif()
  set(target plugin_${arg_KIND}_${arg_NAME})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()

  archlab_plugin_proto_(${arg_KIND} ${arg_NAME} ${arg_VERSION})
  add_library(${target} MODULE ${sources} ${generated})
  target_link_libraries(${target} PRIVATE archlab::archlab protobuf::libprotobuf ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE ${proto_include})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE -fno-math-errno)  # square roots in vectors
  target_compile_definitions(${target} PRIVATE ARCHLAB_COMPONENT_NAME="${arg_NAME}")
  target_link_options(${target} PRIVATE -Wl,-z,nodelete)
  # clang leaves the sanitizers' symbols to the executable.
  if(NOT (CMAKE_CXX_COMPILER_ID MATCHES Clang AND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_RELWITHDEBINFO}" MATCHES fsanitize))
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME ${arg_NAME}
    LIBRARY_OUTPUT_DIRECTORY ${ARCHLAB_PLUGIN_OUTPUT_DIRECTORY}/${arg_KIND}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS_NO_SHARED ON)
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/archlab/plugins/${arg_KIND})

  if(NOT TARGET archlab_plugins)
    add_custom_target(archlab_plugins)
  endif()
  add_dependencies(archlab_plugins ${target})
  set_property(GLOBAL APPEND PROPERTY ARCHLAB_PLUGIN_KINDS ${arg_KIND})
  set_property(GLOBAL APPEND PROPERTY ARCHLAB_PLUGINS_${arg_KIND} ${target})
  if(tests AND ARCHLAB_PLUGIN_TESTS_TOGETHER)
    set_property(GLOBAL APPEND PROPERTY ARCHLAB_PLUGIN_TESTS_${arg_KIND} ${tests})
  elseif(tests)
    archlab_plugin_test_(${arg_KIND}_${arg_NAME}_test ${target} ${tests})
  endif()
endfunction()

# Sets `generated` (sources) and `proto_include` in the caller. The plugin's
# folder is mounted as plugins/<kind>/<name> for protoc, wherever it is, so that
# descriptors of different plugins never share a file name.
function(archlab_plugin_proto_ kind name version)
  set(proto ${CMAKE_CURRENT_SOURCE_DIR}/${name}.proto)
  set(virtual plugins/${kind}/${name})
  set(root ${CMAKE_CURRENT_BINARY_DIR}/${kind}_${name}_proto)
  set(base ${root}/${virtual}/${name})
  file(MAKE_DIRECTORY ${root}/${virtual})
  add_custom_command(
    OUTPUT ${base}.pb.cc ${base}.pb.h ${base}.descriptors
    COMMAND protobuf::protoc --cpp_out=lite:${root} --include_source_info
            --descriptor_set_out=${base}.descriptors
            -I ${virtual}=${CMAKE_CURRENT_SOURCE_DIR} -I ${ARCHLAB_PROTO_PATH} ${virtual}/${name}.proto
    DEPENDS ${proto} ${ARCHLAB_PROTO_PATH}/archlab/plugin.proto
    COMMENT "Config of ${kind}/${name}" VERBATIM)
  add_custom_command(
    OUTPUT ${base}_note.cc
    COMMAND archlab::archlab_manifest ${kind} ${name} ${version} ${proto} ${base}.descriptors ${base}_note.cc
    DEPENDS ${base}.descriptors archlab::archlab_manifest
    COMMENT "Manifest of ${kind}/${name}" VERBATIM)
  set(generated ${base}.pb.cc ${base}.pb.h ${base}_note.cc PARENT_SCOPE)
  set(proto_include ${root} ${root}/${virtual} PARENT_SCOPE)
endfunction()

# A test program for plugins built here.
function(archlab_plugin_test_ test plugins)
  if(NOT ARCHLAB_TESTS)
    return()
  endif()
  find_package(GTest REQUIRED)
  add_executable(${test} ${ARGN})
  if(TARGET archlab::testing)  # missing where archlab was built without its tests
    target_link_libraries(${test} PRIVATE archlab::testing)
  endif()
  target_link_libraries(${test} PRIVATE archlab::archlab protobuf::libprotobuf GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_features(${test} PRIVATE cxx_std_20)
  add_dependencies(${test} ${plugins})
  add_test(NAME ${test} COMMAND ${test})
  set_tests_properties(${test} PROPERTIES
    ENVIRONMENT "OMP_NUM_THREADS=1;ARCHLAB_CACHE=;ARCHLAB_PLUGIN_PATH=${ARCHLAB_PLUGIN_OUTPUT_DIRECTORY}")
endfunction()
