# Compiler flags for every target: one place for warnings, hardening and sanitizers.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(BEELINE_CCACHE ccache)
if(BEELINE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BEELINE_CCACHE})
endif()
find_program(BEELINE_MOLD mold)
if(BEELINE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Binaries and debug information name files from the repository's top, so that a build is the same wherever it stands.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
                    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside libstdc++ and fmt at -O2 where there is nothing wrong (GCC bugs 105329, 105651).
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer -Wno-maybe-uninitialized)
else()
  # clang calls the unnamed defaults of designated initialisers missing; the point of them is that they may be.
  add_compile_options(-Wno-missing-designated-field-initializers -Wno-missing-field-initializers)
endif()

add_compile_options(-fstack-protector-strong -fcf-protection)
add_link_options(-Wl,-z,relro,-z,now)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(BEELINE_SANITIZE)
  add_compile_options(-fsanitize=${BEELINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BEELINE_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
include(CheckPIESupported)
check_pie_supported()
