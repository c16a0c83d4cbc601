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

# bottega_static_tool(TARGET): a single file that runs on any Linux host of its architecture, at an address chosen anew each time.
function(bottega_static_tool name)
  if(BOTTEGA_STATIC_TOOLS)
    target_link_options(${name} PRIVATE -static-pie)
  endif()
endfunction()

# bottega_test(NAME SOURCES… LIBS… [GUI] [LABELS…]): a Qt Test program; GUI ones get a virtual display of their own.
# Its functions caseNN_whatHappens() are tests of their own, "NN-whatHappens": ctest -R '^12-' runs what proves case 12.
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
  set(command ${name})
  if(arg_GUI)
    set(command "${PROJECT_SOURCE_DIR}/tests/support/with-display" $<TARGET_FILE:${name}>)
    list(APPEND arg_LABELS gui)
  endif()
  add_test(NAME ${name} COMMAND ${command})
  set(tests ${name})
  set(sources ${arg_SOURCES})
  list(FILTER sources INCLUDE REGEX "tst_")
  foreach(source IN LISTS sources)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${source}")
    file(STRINGS "${source}" cases REGEX "^    void case[0-9]+_[A-Za-z0-9]+\\(\\);?$")
    foreach(case IN LISTS cases)
      string(REGEX MATCH "case([0-9]+)_([A-Za-z0-9]+)" function "${case}")
      if(NOT function MATCHES "_data$")
        string(REGEX REPLACE "^case([0-9]+)_" "\\1-" title "${function}")
        add_test(NAME ${title} COMMAND ${command} ${function})
        set_property(TEST ${title} PROPERTY LABELS cases)
        list(APPEND tests ${title})
      endif()
    endforeach()
  endforeach()
  set_property(TEST ${tests} APPEND PROPERTY LABELS ${arg_LABELS})
  set_tests_properties(${tests} PROPERTIES TIMEOUT ${arg_TIMEOUT}
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
