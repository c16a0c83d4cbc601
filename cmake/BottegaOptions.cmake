# SPDX-License-Identifier: Apache-2.0
# Options, and the one interface target that carries language level, warnings and definitions.

option(BOTTEGA_WERROR "Treat warnings as errors" OFF)
option(BOTTEGA_TESTS "Build the tests" ON)
option(BOTTEGA_STATIC_TOOLS "Link agent and trainer as one static file each" ON)
set(BOTTEGA_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined (turns static tools off)")
set(BOTTEGA_CUDA AUTO CACHE STRING "CUDA backend: AUTO, ON or OFF")
set_property(CACHE BOTTEGA_CUDA PROPERTY STRINGS AUTO ON OFF)
set(BOTTEGA_CUDA_ARCHITECTURES "75-real;80-real;86-real;89-real;90-real;100-real;120" CACHE STRING
    "CUDA architectures of the trainer")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CUDA_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
add_feature_info(ccache CCACHE_PROGRAM "compiler results are cached between builds")
add_feature_info(tests BOTTEGA_TESTS "unit, contract and GUI tests")

add_library(bottega_options INTERFACE)
target_compile_features(bottega_options INTERFACE cxx_std_20)
target_include_directories(bottega_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(bottega_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor;-Woverloaded-virtual;-Wcast-align>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${BOTTEGA_WERROR}>>:-Werror>)
target_compile_definitions(bottega_options INTERFACE
  BOTTEGA_VERSION="${PROJECT_VERSION}"
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY QT_NO_URL_CAST_FROM_STRING
  QT_NO_CONTEXTLESS_CONNECT QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH QT_NO_KEYWORDS
  QT_DISABLE_DEPRECATED_BEFORE=0x060400)
if(BOTTEGA_SANITIZE)
  target_compile_options(bottega_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${BOTTEGA_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=undefined>)
  target_link_options(bottega_options INTERFACE -fsanitize=${BOTTEGA_SANITIZE})
  set(BOTTEGA_STATIC_TOOLS OFF)
endif()
