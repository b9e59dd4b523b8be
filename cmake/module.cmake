# beeline_module(NAME SOURCES … [DEPENDS other modules …] [LINK third parties …] [TESTS …_test.cc …])
#               [TEST_LABEL unit|host]
# makes library beeline::NAME and, with tests on, the program NAME_test. Its cases carry the label "unit", or "host" where
# they open sockets on loopback.
function(beeline_module name)
  cmake_parse_arguments(arg "" "TEST_LABEL" "SOURCES;DEPENDS;LINK;TESTS;TEST_DEPENDS" ${ARGN})
  add_library(beeline_${name} STATIC ${arg_SOURCES})
  add_library(beeline::${name} ALIAS beeline_${name})
  target_include_directories(beeline_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  list(TRANSFORM arg_DEPENDS PREPEND beeline::)
  target_link_libraries(beeline_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_LINK})
  if(BEELINE_TESTS AND arg_TESTS)
    list(TRANSFORM arg_TEST_DEPENDS PREPEND beeline::)
    if(NOT arg_TEST_LABEL)
      set(arg_TEST_LABEL unit)
    endif()
    beeline_test(${name}_test LABEL ${arg_TEST_LABEL} SOURCES ${arg_TESTS} LINK beeline::${name} ${arg_TEST_DEPENDS})
  endif()
endfunction()

# beeline_test(NAME LABEL unit|host|sim|lab|interop|fuzz SOURCES … [LINK …] [TIMEOUT seconds])
# Every GoogleTest case becomes a CTest entry, found when the tests run and not while building.
function(beeline_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  include(GoogleTest)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                                  ENVIRONMENT "BEELINE_BIN=${CMAKE_BINARY_DIR}/apps/beeline/beeline")
endfunction()

# beeline_knows_folders(FILES …): these, and no others, are compiled with the names of two folders: the repository's, and that of the
# test data outside of it, without which a test skips. Everything else comes out the same wherever the repository stands.
function(beeline_knows_folders)
  set_source_files_properties(${ARGN} PROPERTIES
    COMPILE_DEFINITIONS "BEELINE_CORPUS_DIR=\"${BEELINE_CORPUS}\";BEELINE_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\"")
endfunction()
get_filename_component(_beside "${CMAKE_SOURCE_DIR}/../shared/corpus" ABSOLUTE)
set(BEELINE_CORPUS "${_beside}" CACHE PATH "Test data kept beside the repository")
