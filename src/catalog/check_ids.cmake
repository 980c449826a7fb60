# Prints check_ids.h: one macro a row of checks/*.def with its public id,
# VIT_ID_weights_name_nul "weights/name-nul". Run as a script by the build.
#   cmake -DDEFS="a.def;b.def" -DOUT=check_ids.h -P check_ids.cmake
set(text "/* Generated from src/catalog/checks by check_ids.cmake. */\n")
foreach(def IN LISTS DEFS)
  file(READ ${def} content)
  string(REGEX MATCHALL "VIT_CHECK\\([ \t\r\n]*[a-z]+,[ \t\r\n]*[a-z0-9_]+" rows "${content}")
  foreach(row IN LISTS rows)
    string(REGEX MATCH "([a-z]+),[ \t\r\n]*([a-z0-9_]+)$" _ "${row}")
    set(area ${CMAKE_MATCH_1})
    set(slug ${CMAKE_MATCH_2})
    string(REPLACE "_" "-" public "${slug}")
    string(APPEND text "#define VIT_ID_${area}_${slug} \"${area}/${public}\"\n")
  endforeach()
endforeach()
file(WRITE ${OUT} "${text}")
