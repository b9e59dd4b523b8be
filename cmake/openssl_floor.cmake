# An older libssl3 than this lets one forged datagram end an association (beeline/dtls/openssl_floor.h, which says the same of the library
# that is loaded when a program starts). Debian's repair left the version number as it was, so its package is asked first.
# Also a script, for the test of it: cmake -DPACKAGE=3.0.22-1~deb12u1 -P openssl_floor.cmake, or -DLIBRARY=3.0.21.
set(BEELINE_LIBSSL_FLOOR "3.0.22-1~deb12u2")
set(BEELINE_OPENSSL_FLOOR "3.0.22")

# beeline_require_openssl(PACKAGE LIBRARY): the version of Debian's libssl3 (empty: none), that of the library (empty: not known).
function(beeline_require_openssl package library)
  set(cure "(CVE-2026-75806: one forged datagram ends a call)\n  install libssl3 ${BEELINE_LIBSSL_FLOOR} or later: apt install --only-upgrade libssl3 libssl-dev")
  find_program(BEELINE_DPKG dpkg)
  if(package AND BEELINE_DPKG)
    execute_process(COMMAND ${BEELINE_DPKG} --compare-versions "${package}" ge "${BEELINE_LIBSSL_FLOOR}" RESULT_VARIABLE below_floor)
    if(below_floor)
      message(FATAL_ERROR "libssl3 ${package} is too old ${cure}")
    endif()
  elseif(library MATCHES "^3\\.0\\." AND library VERSION_LESS BEELINE_OPENSSL_FLOOR)
    message(FATAL_ERROR "OpenSSL ${library} is too old ${cure}")
  endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  beeline_require_openssl("${PACKAGE}" "${LIBRARY}")
  message("new enough")
  return()
endif()

find_program(BEELINE_DPKG_QUERY dpkg-query)
set(libssl_package "")
if(BEELINE_DPKG_QUERY)
  execute_process(COMMAND ${BEELINE_DPKG_QUERY} -W -f "\${Version}" libssl3
                  OUTPUT_VARIABLE libssl_package ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
beeline_require_openssl("${libssl_package}" "${OPENSSL_VERSION}")
