# laconic: GNU Make, no configure step. `make help` lists the targets.
#
# Everything built goes under build/. BUILD=, CC=, OPT= and EXTRA= may be given on the command line, e.g.
# `make BUILD=build/asan CC=clang OPT=-O1 EXTRA=-fsanitize=address,undefined`.

BUILD ?= build
OPT ?= -O2
EXTRA ?=
# gcc on s390x evaluates binary32 as binary64 under -std=c17 unless told otherwise.
ifneq (,$(findstring s390x,$(shell $(CC) -dumpmachine)))
EVALUATION := -fexcess-precision=fast
endif
# -ffp-contract=off also stands in base/strict_float.h; either alone is enough.
CFLAGS := -std=c17 $(OPT) -g -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-ffp-contract=off -fno-math-errno -fvisibility=hidden -fPIC -pthread $(EVALUATION) $(EXTRA)
CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iinclude -Isrc $(INCLUDES)
LDFLAGS := -pthread $(EXTRA) $(LINK)

LIB_SOURCES := $(wildcard src/*/*.c)
CLI_SOURCES := $(wildcard cli/*.c)
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(BUILD)/%.o)

all: $(BUILD)/laconic $(BUILD)/liblaconic.a $(BUILD)/liblaconic.so

$(BUILD)/liblaconic.a: $(LIB_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/liblaconic.so: $(LIB_OBJECTS)
	$(CC) -shared -Wl,-soname,liblaconic.so.0 -o $@ $^ $(LDFLAGS)

$(BUILD)/laconic: $(CLI_OBJECTS) $(BUILD)/liblaconic.a
	$(CC) -o $@ $^ $(LDFLAGS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/test_%: tests/test_%.c $(BUILD)/liblaconic.a
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/liblaconic.a $(LDFLAGS) -lm

clean:
	rm -rf build

-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(wildcard $(BUILD)/*.d)
.PHONY: all clean
