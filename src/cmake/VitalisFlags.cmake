# Flags of all our targets, through one interface library.
add_library(vitalis_flags INTERFACE)
target_include_directories(vitalis_flags INTERFACE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(vitalis_flags INTERFACE
  _POSIX_C_SOURCE=200809L _FILE_OFFSET_BITS=64)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  target_compile_definitions(vitalis_flags INTERFACE _GNU_SOURCE)
elseif(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  target_compile_definitions(vitalis_flags INTERFACE _DARWIN_C_SOURCE)
else()
  target_compile_definitions(vitalis_flags INTERFACE __BSD_VISIBLE=1)
endif()
target_compile_options(vitalis_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef
  -Wcast-qual -Wwrite-strings -Wswitch-enum -fno-common)
# Long literals in arrays are broken over lines; clang takes that for a forgotten comma.
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  target_compile_options(vitalis_flags INTERFACE -Wno-string-concatenation)
endif()
if(VITALIS_WERROR)
  target_compile_options(vitalis_flags INTERFACE -Werror)
endif()
if(VITALIS_ARENA_DEBUG)
  target_compile_definitions(vitalis_flags INTERFACE VIT_ARENA_DEBUG=1)
endif()
if(VITALIS_ASAN)
  target_compile_options(vitalis_flags INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(vitalis_flags INTERFACE -fsanitize=address,undefined)
elseif(VITALIS_TSAN)
  target_compile_options(vitalis_flags INTERFACE -fsanitize=thread)
  target_link_options(vitalis_flags INTERFACE -fsanitize=thread)
endif()
if(VITALIS_FUZZ)
  target_compile_options(vitalis_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=undefined)
  target_link_options(vitalis_flags INTERFACE -fsanitize=address,undefined)
endif()
if(VITALIS_COVERAGE)
  target_compile_options(vitalis_flags INTERFACE --coverage)
  target_link_options(vitalis_flags INTERFACE --coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT VITALIS_ASAN AND NOT VITALIS_TSAN AND NOT VITALIS_FUZZ)
  target_compile_options(vitalis_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
    -fstack-protector-strong -fPIE)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(vitalis_flags INTERFACE -pie -Wl,-z,relro,-z,now)
  endif()
endif()
