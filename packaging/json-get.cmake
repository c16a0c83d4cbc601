# SPDX-License-Identifier: Apache-2.0
# cmake -DFILE=document.json -DMEMBER="metrics;Accuracy;last" -P json-get.cmake: prints one value of a JSON document.
file(READ "${FILE}" document)
string(JSON value GET "${document}" ${MEMBER})
execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${value}")
