# The library that people install: all its modules in one archive (and, with BUILD_SHARED_LIBS, one shared object), the
# public headers, find_package(beeline) and pkg-config. Installed with `cmake --install BUILD --component library`.
set(library_modules base crypto stun turn ice websocket mdns sdp dtls sctp peer net api)
set(library_headers configuration.h data_channel.h error.h explanation.h initiation.h message.h peer_connection.h stats.h)

# beeline_merged(TARGET KIND): one library of the object files of all modules.
function(beeline_merged target kind)
  set(objects "")
  foreach(module IN LISTS library_modules)
    list(APPEND objects $<TARGET_OBJECTS:beeline_${module}>)
  endforeach()
  add_library(${target} ${kind} ${objects})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME beeline LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION}
                                             SOVERSION ${PROJECT_VERSION_MAJOR})
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PUBLIC Boost::headers Threads::Threads PRIVATE OpenSSL::SSL OpenSSL::Crypto fmt::fmt)
endfunction()

find_package(Boost 1.81 REQUIRED)
find_package(Threads REQUIRED)
beeline_merged(beeline_static STATIC)
set_target_properties(beeline_static PROPERTIES EXPORT_NAME static)
set(library_targets beeline_static)
set(library_default static)
if(BUILD_SHARED_LIBS)
  beeline_merged(beeline_shared SHARED)
  set_target_properties(beeline_shared PROPERTIES EXPORT_NAME shared)
  list(APPEND library_targets beeline_shared)
  set(library_default shared)
endif()
add_library(beeline::beeline ALIAS beeline_${library_default})

include(CMakePackageConfigHelpers)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/beeline")
configure_package_config_file(cmake/beeline-config.cmake.in "${CMAKE_BINARY_DIR}/beeline-config.cmake"
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file("${CMAKE_BINARY_DIR}/beeline-config-version.cmake" COMPATIBILITY SameMinorVersion)
# What the archive needs is the user's to link; the shared object brings it.
set(library_requires "openssl fmt")
set(requires_keyword Requires)
set(library_threads "-pthread -lstdc++ -lm")
if(BUILD_SHARED_LIBS)
  set(requires_keyword Requires.private)
  set(library_threads "")
endif()
# Wherever it is installed, or moved to later.
file(RELATIVE_PATH pc_to_prefix "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /p)
configure_file(cmake/beeline.pc.in "${CMAKE_BINARY_DIR}/beeline.pc" @ONLY)

install(TARGETS ${library_targets} EXPORT beeline-targets COMPONENT library)
install(EXPORT beeline-targets NAMESPACE beeline:: DESTINATION ${package_folder} COMPONENT library)
install(FILES "${CMAKE_BINARY_DIR}/beeline-config.cmake" "${CMAKE_BINARY_DIR}/beeline-config-version.cmake"
        DESTINATION ${package_folder} COMPONENT library)
install(FILES "${CMAKE_BINARY_DIR}/beeline.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
list(TRANSFORM library_headers PREPEND "${CMAKE_SOURCE_DIR}/beeline/api/")
install(FILES ${library_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/beeline/api COMPONENT library)
install(FILES "${CMAKE_SOURCE_DIR}/beeline/beeline.h" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/beeline COMPONENT library)
