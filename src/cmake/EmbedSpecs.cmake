# cmake -DOUT=file.c -DDIR=specs -DFILES=a,b -DNAME=vit_spec_embedded -P EmbedSpecs.cmake
# Writes the files as byte arrays, so that the library needs no data beside it.
string(REPLACE "," ";" FILES "${FILES}")
set(arrays "")
set(rows "")
set(n 0)
foreach(file IN LISTS FILES)
  file(READ ${DIR}/${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(APPEND arrays "/* ${file} */\nstatic const unsigned char spec_${n}[] = {\n${hex}0\n};\n")
  string(APPEND rows "\t{ \"${file}\", spec_${n}, ${size} },\n")
  math(EXPR n "${n} + 1")
endforeach()
if(n EQUAL 0)
  set(rows "\t{ \"\", 0, 0 },\n")
endif()
file(WRITE ${OUT}.new "/* Written by EmbedSpecs.cmake from specs/; do not edit. */
#include \"spec/spec.h\"

extern const struct vit_spec_embedded ${NAME}[];
extern const size_t ${NAME}_count;

${arrays}
const struct vit_spec_embedded ${NAME}[] = {
${rows}};
const size_t ${NAME}_count = ${n};
")
file(RENAME ${OUT}.new ${OUT})
