# vitalis_module(NAME SOURCES a.c ... [LINK targets...]): one folder of src as
# an object library vit_NAME, collected into vitalis_engine.
set_property(GLOBAL PROPERTY VITALIS_MODULES "")
function(vitalis_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(vit_${name} OBJECT ${ARG_SOURCES})
  target_link_libraries(vit_${name} PUBLIC vitalis_flags ${ARG_LINK})
  set_property(GLOBAL APPEND PROPERTY VITALIS_MODULES ${name})
endfunction()

# vitalis_unit_test(NAME SOURCES a.c ... MODULES base json ... [LINK targets...]):
# a cmocka program linked from just those modules, run by ctest as unit/NAME.
# VIT_TEST_DATA is tests/data, VIT_TEST_MODELS the unpacked tiny models.
function(vitalis_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;MODULES;LINK" ${ARGN})
  string(REPLACE "/" "_" target "test_${name}")
  add_executable(${target} ${ARG_SOURCES})
  foreach(module IN LISTS ARG_MODULES)
    target_link_libraries(${target} PRIVATE vit_${module})
  endforeach()
  target_link_libraries(${target} PRIVATE vitalis_flags PkgConfig::CMOCKA Threads::Threads ${ARG_LINK})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)
  target_compile_definitions(${target} PRIVATE
    VIT_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    VIT_TEST_MODELS="${PROJECT_BINARY_DIR}/tests/models"
    VIT_TEST_SHARED="${PROJECT_SOURCE_DIR}/../shared")
  add_dependencies(${target} tiny_models)
  add_test(NAME unit/${name} COMMAND ${target})
  set_tests_properties(unit/${name} PROPERTIES TIMEOUT 120)
endfunction()
