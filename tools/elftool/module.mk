# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# solo5-elftool, twice from the same sources: for the build itself, and to install.

ELFTOOL_PARTS := $(addprefix tools/elftool/,elf_notes.c fault.c file.c generate.c json_place.c \
                 manifest_json.c) tenders/common/mft.c
ELFTOOL_MAIN := tools/elftool/elftool.c tenders/common/error.c
ELFTOOL_CFLAGS := $(LIBELF_CFLAGS) $(JANSSON_CFLAGS)
ELFTOOL_LIBS := $(LIBELF_LIBS) $(JANSSON_LIBS)

$(eval $(call build_tool,solo5-elftool,$(ELFTOOL_MAIN) $(ELFTOOL_PARTS),\
    $(ELFTOOL_CFLAGS),$(ELFTOOL_LIBS)))
$(eval $(call program,solo5-elftool,$(ELFTOOL_MAIN) $(ELFTOOL_PARTS),\
    $(ELFTOOL_CFLAGS),$(ELFTOOL_LIBS)))
