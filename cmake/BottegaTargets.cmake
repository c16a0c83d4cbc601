# SPDX-License-Identifier: Apache-2.0
# Short forms for the three kinds of target: a library per folder, a test, a benchmark.

# bottega_library(NAME SOURCES… LIBS…): one static library for one folder.
function(bottega_library name)
  cmake_parse_arguments(arg "QT" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC bottega_options ${arg_LIBS})
  if(arg_QT)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
  endif()
endfunction()

# bottega_static_tool(TARGET): a single file that runs on any Linux host of its architecture.
function(bottega_static_tool name)
  if(BOTTEGA_STATIC_TOOLS)
    target_link_options(${name} PRIVATE -static)
  endif()
endfunction()

# bottega_test(NAME SOURCES… LIBS… [GUI] [LABELS…]): a Qt Test program; GUI ones get a virtual display of their own.
function(bottega_test name)
  cmake_parse_arguments(arg "GUI" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  target_link_libraries(${name} PRIVATE bottega_options bottega_test_support ${arg_LIBS} Qt6::Test)
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>) # only what is tested need be fast
  target_compile_definitions(${name} PRIVATE
    BOTTEGA_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BOTTEGA_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(arg_GUI)
    add_test(NAME ${name} COMMAND "${PROJECT_SOURCE_DIR}/tests/support/with-display" $<TARGET_FILE:${name}>)
    list(APPEND arg_LABELS gui)
  else()
    add_test(NAME ${name} COMMAND ${name})
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "QT_LOGGING_RULES=qt.qpa.*=false;BOTTEGA_LIBEXEC=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endfunction()

# bottega_bench(NAME SOURCES… LIBS…): a program that measures; built, never run by ctest.
function(bottega_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
  target_link_libraries(${name} PRIVATE bottega_options ${arg_LIBS})
  target_compile_definitions(${name} PRIVATE
    BOTTEGA_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BOTTEGA_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endfunction()
