# SPDX-FileCopyrightText: 2026 The archlab authors
# SPDX-License-Identifier: MIT
#
# What `cmake --install` makes of the build: a package that find_package(archlab)
# finds. Plugins install themselves (archlab_plugin()).
include(CMakePackageConfigHelpers)

set(ARCHLAB_INSTALL_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/archlab)
set(ARCHLAB_INSTALL_PROTO_DIR ${CMAKE_INSTALL_DATADIR}/archlab/protos)

install(TARGETS archlab archlab_manifest EXPORT archlabTargets)
install(EXPORT archlabTargets NAMESPACE archlab:: DESTINATION ${ARCHLAB_INSTALL_CMAKE_DIR})
if(TARGET archlab_testing)
  install(TARGETS archlab_testing EXPORT archlabTestingTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT archlabTestingTargets NAMESPACE archlab:: DESTINATION ${ARCHLAB_INSTALL_CMAKE_DIR})
endif()
install(DIRECTORY framework/include/archlab DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(FILES ${CMAKE_BINARY_DIR}/protos/archlab/plugin.pb.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/archlab)
install(DIRECTORY protos/archlab DESTINATION ${ARCHLAB_INSTALL_PROTO_DIR} FILES_MATCHING PATTERN *.proto)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(cmake/archlabConfig.cmake.in ${CMAKE_BINARY_DIR}/archlabConfig.cmake
  INSTALL_DESTINATION ${ARCHLAB_INSTALL_CMAKE_DIR} PATH_VARS ARCHLAB_INSTALL_PROTO_DIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/archlabConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/archlabConfig.cmake ${CMAKE_BINARY_DIR}/archlabConfigVersion.cmake
  cmake/archlab_plugin.cmake DESTINATION ${ARCHLAB_INSTALL_CMAKE_DIR})
