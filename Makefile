# laconic: GNU Make, no configure step. `make help` lists the targets.
#
# Everything built goes under build/. BUILD=, CC=, OPT=, EXTRA=, INCLUDES= and LINK= may be given on the command line, e.g.
# `make BUILD=build/asan CC=clang OPT=-O1 EXTRA=-fsanitize=address,undefined`. What another value of them changes is made anew, so
# `make install` wants those that `make` was given.

BUILD ?= build
# for programs that run while building
HOSTCC ?= cc
OPT ?= -O2
EXTRA ?=
PREFIX ?= /usr/local
DESTDIR ?=
ifneq (,$(word 2,$(BUILD)))
$(error BUILD=$(BUILD): make knows no names with spaces; PREFIX, DESTDIR and the folder of the sources may have them)
endif
VERSION := $(shell awk '/define LAC_VERSION_(MAJOR|MINOR|PATCH)/ { v = v d $$3; d = "." } END { print v }' include/laconic.h)
# Of the shared library: that of the versions with which a program goes on working (laconic.h).
INTERFACE := $(if $(filter 0.%,$(VERSION)),$(basename $(VERSION)),$(firstword $(subst ., ,$(VERSION))))
# gcc on s390x evaluates binary32 as binary64 under -std=c17 unless told otherwise.
ifneq (,$(findstring s390x,$(shell $(CC) -dumpmachine 2>/dev/null)))
EVALUATION := -fexcess-precision=fast
endif
# A conversion that narrows is written as a cast, with its bound beside it where that is not plain.
# -ffp-contract=off also stands in base/strict_float.h; either alone is enough.
CFLAGS := -std=c17 $(OPT) -g -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-ffp-contract=off -fno-math-errno -fvisibility=hidden -fPIC -pthread $(EVALUATION) $(EXTRA)
CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iinclude -Isrc $(INCLUDES)
LDFLAGS := -pthread $(EXTRA) $(LINK)

# A word for the shell; a string of C.
quoted = '$(subst ','\'',$(1))'
c_string = "$(subst ",\",$(subst \,\\,$(1)))"

# Training needs OpenBLAS and jansson. Whether this compiler can link them is tried, so that a build for another machine does not take this
# one's; BLAS= or JANSSON= builds without.
BLAS_CFLAGS := $(shell pkg-config --cflags openblas 2>/dev/null)
BLAS_LIBS := $(shell pkg-config --libs openblas 2>/dev/null)
BLAS ?= $(shell $(if $(BLAS_LIBS),echo 'int main(void) { openblas_set_num_threads(1); }' | \
	$(CC) -include cblas.h $(BLAS_CFLAGS) -x c - -o /dev/null $(BLAS_LIBS) $(LINK) 2>/dev/null && echo yes))
JANSSON_CFLAGS := $(shell pkg-config --cflags jansson 2>/dev/null)
JANSSON_LIBS := $(shell pkg-config --libs jansson 2>/dev/null)
JANSSON ?= $(shell $(if $(JANSSON_LIBS),echo 'int main(void) { json_decref(json_null()); }' | \
	$(CC) -include jansson.h $(JANSSON_CFLAGS) -x c - -o /dev/null $(JANSSON_LIBS) $(LINK) 2>/dev/null && echo yes))
BLAS := $(BLAS)
JANSSON := $(JANSSON)
TRAINING := $(and $(BLAS),$(JANSSON))
TRAINING_LACKS := $(if $(BLAS),,OpenBLAS)$(if $(BLAS)$(JANSSON),, and )$(if $(JANSSON),,jansson)
TRAINING_CFLAGS := $(BLAS_CFLAGS) $(JANSSON_CFLAGS)
TRAINING_LIBS := $(if $(TRAINING),$(BLAS_LIBS) $(JANSSON_LIBS) -lm)

LIB_SOURCES := $(filter-out src/train/%,$(wildcard src/*/*.c))
TRAIN_SOURCES := $(if $(TRAINING),$(wildcard src/train/*.c))
TRAIN_OBJECTS := $(TRAIN_SOURCES:%.c=$(BUILD)/%.o)
TRAIN_LIB := $(if $(TRAINING),$(BUILD)/liblaconic-train.a)
TRAIN_LINK := $(TRAIN_LIB) $(BUILD)/liblaconic.a
TRAIN_PROGRAM := $(if $(TRAINING),$(BUILD)/laconic-train)
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
# Two programs are the command: laconic starts laconic-train for the commands that train, and only that is linked with OpenBLAS.
CLI_TRAINING := cli/training/train.c cli/training/cluster.c
CLI_STARTING := cli/training/training_program.c
CLI_SOURCES := $(filter-out $(if $(TRAINING),,$(CLI_TRAINING)),$(wildcard cli/*.c cli/*/*.c))
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(BUILD)/%.o)
COMMAND_OBJECTS := $(filter-out $(CLI_TRAINING:%.c=$(BUILD)/%.o),$(CLI_OBJECTS))
TRAIN_PROGRAM_OBJECTS := $(filter-out $(CLI_STARTING:%.c=$(BUILD)/%.o),$(CLI_OBJECTS))
$(CLI_OBJECTS): CPPFLAGS += -Icli
TEST_SOURCES := $(if $(TRAINING),$(wildcard tests/test_*.c),$(filter-out tests/test_train%.c,$(wildcard tests/test_*.c)))
TESTS := $(TEST_SOURCES:tests/%.c=$(BUILD)/%)

all: $(BUILD)/laconic $(BUILD)/liblaconic.a $(BUILD)/liblaconic.so $(TRAIN_LIB) $(TRAIN_PROGRAM)

# What things are made with: files that change when it does, by which all is made anew that depends on it.
COMPILER := $(CC) $(shell $(CC) --version 2>/dev/null | head -n 1)
made_with_compiling := $(COMPILER) $(CPPFLAGS) $(CFLAGS)
made_with_training := $(TRAINING_CFLAGS) $(if $(TRAINING),,without $(TRAINING_LACKS))
made_with_linking := $(COMPILER) $(LDFLAGS) $(TRAINING_LIBS) $(LIB_SOURCES) $(TRAIN_SOURCES) $(CLI_SOURCES)
made_with_host := $(HOSTCC)
made_with_prefix := $(PREFIX)
MADE_WITH := $(BUILD)/made-with
$(MADE_WITH)/%: always
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$(made_with_$*)) | cmp -s - $@ || printf '%s\n' $(call quoted,$(made_with_$*)) >$@
.PRECIOUS: $(MADE_WITH)/%

# loops that training wants in vectors say so
$(TRAIN_OBJECTS): CFLAGS += -fopenmp-simd $(TRAINING_CFLAGS)
$(TRAIN_OBJECTS) $(BUILD)/cli/training/training_program.o: $(MADE_WITH)/training
$(BUILD)/cli/training/training_program.o: CPPFLAGS += $(if $(TRAINING),,-DTRAINING_LACKS=$(call quoted,$(call c_string,$(TRAINING_LACKS))))

# where the command looks for models and for laconic-train, among other places
PLACED := $(addprefix $(BUILD)/cli/,models/model_folders.o training/training_program.o)
$(PLACED): CPPFLAGS += -DLACONIC_SHARE=$(call quoted,$(call c_string,$(PREFIX)/share/laconic)) \
	-DLACONIC_LIBEXEC=$(call quoted,$(call c_string,$(PREFIX)/libexec/laconic))
$(PLACED): $(MADE_WITH)/prefix

$(BUILD)/liblaconic-train.a: $(TRAIN_OBJECTS) $(MADE_WITH)/linking
	@rm -f $@
	$(AR) rcs $@ $(TRAIN_OBJECTS)

$(BUILD)/liblaconic.a: $(LIB_OBJECTS) $(MADE_WITH)/linking
	@rm -f $@
	$(AR) rcs $@ $(LIB_OBJECTS)

$(BUILD)/liblaconic.so: $(LIB_OBJECTS) $(MADE_WITH)/linking
	$(CC) -shared -Wl,-soname,liblaconic.so.$(INTERFACE) -o $@ $(LIB_OBJECTS) $(LDFLAGS)
	@ln -sf liblaconic.so $@.$(INTERFACE)

$(BUILD)/laconic: $(COMMAND_OBJECTS) $(BUILD)/liblaconic.a $(MADE_WITH)/linking | $(TRAIN_PROGRAM)
	$(CC) -o $@ $(COMMAND_OBJECTS) $(BUILD)/liblaconic.a $(LDFLAGS)

$(BUILD)/laconic-train: $(TRAIN_PROGRAM_OBJECTS) $(TRAIN_LINK) $(MADE_WITH)/linking
	$(CC) -o $@ $(TRAIN_PROGRAM_OBJECTS) $(TRAIN_LINK) $(LDFLAGS) $(TRAINING_LIBS)

$(BUILD)/%.o: %.c $(MADE_WITH)/compiling
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# At -O2 gcc keeps the sixteen lanes of plain C in memory, which takes twice as long. What sanitizers make of it, inlined, is slow to compile.
$(BUILD)/src/kernels/kernels_scalar.o: CFLAGS += $(if $(findstring sanitize,$(EXTRA)),-fno-inline,$(if $(filter -O2,$(OPT)),-O3))

# replacing the default model is replacing this file and running make
$(BUILD)/src/model/default_model.o: models/default.gguf

$(BUILD)/test_%: tests/test_%.c $(BUILD)/liblaconic.a
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -o $@ $< $(filter %.o,$^) $(BUILD)/liblaconic.a $(LDFLAGS) -lm

$(BUILD)/test_train%: tests/test_train%.c $(TRAIN_LINK)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(TRAINING_CFLAGS) -MMD -MP -o $@ $< $(TRAIN_LINK) $(LDFLAGS) $(TRAINING_LIBS)

# a test that denies threads
$(BUILD)/test_starvation: LDFLAGS += -Wl,--wrap=pthread_create

# what lets libc fail, for tests/starvation.sh
$(BUILD)/failing_libc.so: tests/failing_libc.c $(MADE_WITH)/compiling
	$(CC) -std=c17 $(OPT) -g -Wall -Wextra -Wshadow -fPIC -shared -o $@ $< -ldl

# text for the golden archives; numbers for tests in Python
$(BUILD)/sample_text $(BUILD)/evaluate: $(BUILD)/%: tests/%.c $(BUILD)/liblaconic.a
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/liblaconic.a $(LDFLAGS)

# Kernel tables with one slip each, which the comparison must find; compilers take ten times as long over them when they are to be fast.
MUTANT_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/mutant_*.c))
$(MUTANT_OBJECTS): CFLAGS += -Os $(if $(findstring sanitize,$(EXTRA)),-fno-sanitize=all)
$(BUILD)/test_kernels: $(MUTANT_OBJECTS)

$(BUILD)/overheads $(BUILD)/self $(BUILD)/tokenizers $(BUILD)/messages: $(BUILD)/%: bench/%.c $(BUILD)/liblaconic.a
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/liblaconic.a $(LDFLAGS) -lm

$(BUILD)/train: bench/train.c $(TRAIN_LINK)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(TRAINING_CFLAGS) -MMD -MP -o $@ $< $(TRAIN_LINK) $(LDFLAGS) $(TRAINING_LIBS)

# Fuzz targets (tests/fuzz/README.md): fuzz_NAME replays inputs and needs no fuzzer, fuzzer_NAME is libFuzzer's.
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/*.c))
$(FUZZ_OBJECTS): CPPFLAGS += -Itests -Icli
fuzz_parts = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/$(1)_$(2).c)) $(if $(filter arguments,$(2)),$(addprefix $(BUILD)/cli/,\
	arguments.o options.o io/report.o io/streams.o)) $(BUILD)/liblaconic.a

.SECONDEXPANSION:
$(FUZZ:%=$(BUILD)/fuzz_%): $(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $$(call fuzz_parts,,$$*)
	$(CC) -o $@ $^ $(LDFLAGS) -lm

$(FUZZ:%=$(BUILD)/fuzzer_%): $(BUILD)/fuzzer_%: $(BUILD)/tests/fuzz/fuzz_%.o $$(call fuzz_parts,mutate,$$*)
	$(CC) -fsanitize=fuzzer -o $@ $^ $(LDFLAGS) -lm

# for tools/pretrain
$(BUILD)/tokenize: tools/pretrain/tokenize.c $(BUILD)/liblaconic.a
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/liblaconic.a $(LDFLAGS)

# Small random models for tests; they mean nothing.
TINY := tiny dropped endless untied wide huge llama-bpe qwen2 smollm ascii spm spm-ascii spm-dropped sliding normed huge-sliding huge-normed
tiny_options_tiny :=
tiny_options_dropped := --drop-bytes --type f32
tiny_options_endless := --no-eos
tiny_options_untied := --untied --type q8_0 --kv-heads 1
tiny_options_wide := --dim 172 --heads 3 --kv-heads 3 --head-dim 40 --ffn 172 --layers 1 --seed 2
tiny_options_huge := --huge --untied
tiny_options_sliding := --biases all --rotary-factors --rotary-scaling 3 --sliding 70 --context 140 --layers 1 --seed 3
tiny_options_normed := --architecture qwen3 --head-dim 24 --seed 4
tiny_options_huge-sliding := --huge $(tiny_options_sliding)
tiny_options_huge-normed := --huge $(tiny_options_normed)
tiny_options_llama-bpe := --pre llama-bpe --layers 1
tiny_options_qwen2 := --pre qwen2 --layers 1
tiny_options_smollm := --pre smollm --layers 1
tiny_options_ascii := --ascii --layers 1 --vocab 260
tiny_options_spm := --pre spm --layers 1
tiny_options_spm-ascii := --pre spm --ascii --no-prefix --layers 1 --vocab 260
tiny_options_spm-dropped := --pre spm --drop-bytes --layers 1
# Vocabularies of others, where they are at hand.
ORACLES := ../shared/oracles/tokenizers
oracle_qwen2.5 := $(ORACLES)/qwen2.5 qwen2
oracle_smollm2 := $(ORACLES)/smollm2 smollm
models: $(TINY:%=build/models/%.gguf) $(patsubst $(ORACLES)/%,build/models/%.gguf,$(wildcard $(ORACLES)/qwen2.5 $(ORACLES)/smollm2))
build/models/qwen2.5.gguf build/models/smollm2.gguf: build/models/%.gguf: tests/oracle_vocabulary.py tools/gguf.py
	@mkdir -p $(@D)
	python3 $< $(oracle_$*) -o $@

build/models/%.gguf: tools/make_tiny_model.py tools/gguf.py
	@mkdir -p $(@D)
	python3 $< $(tiny_options_$*) -o $@

# 25 million random parameters with the default's vocabulary, for bench/self.
build/models/random25m.gguf: tools/make_tiny_model.py tools/gguf.py models/default.gguf
	@mkdir -p $(@D)
	python3 $< --vocabulary models/default.gguf --dim 512 --heads 8 --kv-heads 2 --ffn 1408 --layers 7 --context 512 --type q8_0 -o $@

tests: $(TESTS)

list-tests:
	@echo $(notdir $(TESTS))

replays: $(FUZZ:%=$(BUILD)/fuzz_%)

list-fuzz:
	@echo $(FUZZ)

# For tools/lint.sh. Objects that gcc's analyser is shown: it does not see that loops over lanes, or a reduction of OpenMP, set anything.
SOURCES := $(LIB_SOURCES) $(TRAIN_SOURCES) $(CLI_SOURCES)
OTHER_SOURCES := $(TEST_SOURCES) $(filter-out tests/test_%,$(wildcard tests/*.c tests/*/*.c)) tools/pretrain/tokenize.c \
	$(filter-out $(if $(TRAINING),,bench/train.c),$(wildcard bench/*.c))
# Nor, here, that NULL goes with a length of 0, and that what is stored behind a pointer to pointers is kept.
build/analysed/src/tokenizer/tokenizer.o: CFLAGS += -Wno-analyzer-null-dereference
build/analysed/cli/models/model_folders.o build/analysed/cli/training/texts.o build/analysed/cli/io/used_files.o: CFLAGS += -Wno-analyzer-malloc-leak
analysed: $(patsubst %.c,$(BUILD)/%.o,$(filter-out src/kernels/kernels_%.c src/train/vector.c,$(SOURCES)))
list-sources:
	@echo $(SOURCES)
list-other-sources:
	@echo $(OTHER_SOURCES)
list-flags:
	@echo $(CPPFLAGS) -Icli -Itests $(CFLAGS) $(TRAINING_CFLAGS)

lint:
	tools/setup.sh check
	tools/lint.sh

demo:
	tools/setup.sh demo
	$(MAKE) --no-print-directory all
	tools/demo.sh $(BUILD)/laconic

quick check:
	tools/setup.sh check
	tools/check.sh $@

# with peers, one of which takes long to build: PYTHON= names one that has bench/requirements-llama.txt and tests/requirements.txt
PYTHON ?= python3
check-all:
	tools/setup.sh check-all
	tools/check.sh all
	$(PYTHON) tests/llama_adapter.py $(BUILD)/laconic $(BUILD)/overheads
	$(PYTHON) tests/reference/test_vectors.py
	$(PYTHON) tests/architectures.py $(BUILD)/evaluate
	$(PYTHON) tests/llama_architectures.py $(BUILD)/evaluate
	$(PYTHON) tests/tokenizer_ids_peer.py $(BUILD)/test_tokenizer_oracles build/models

# Fuzzes one target for so long; new inputs and findings are kept in FUZZ_STATE.
TARGET ?= archive
SECONDS ?= 60
FUZZ_STATE ?= build/fuzz-state
FUZZER_BUILD := BUILD=build/fuzz CC=clang OPT=-O1 EXTRA='-fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow -fno-sanitize-recover=all \
	-fsanitize-coverage-ignorelist=tests/fuzz/uninstrumented -DARENA_PIECE_BYTES=65536u -Wno-missing-field-initializers'
fuzz:
	tools/setup.sh fuzz
	$(MAKE) --no-print-directory $(FUZZER_BUILD) build/fuzz/fuzzer_$(TARGET)
	tests/fuzz/fuzz.sh run build/fuzz $(FUZZ_STATE) $(TARGET) $(SECONDS)

# Makes the committed inputs of a target anew: the fewest that reach what those and FUZZ_STATE's do.
fuzz-corpus:
	$(MAKE) --no-print-directory $(FUZZER_BUILD) build/fuzz/fuzzer_$(TARGET)
	tests/fuzz/fuzz.sh minimise build/fuzz $(FUZZ_STATE) $(TARGET)

# Which lines the committed inputs of a target reach.
fuzz-coverage:
	$(MAKE) --no-print-directory BUILD=build/fuzz-coverage CC=clang OPT=-O1 EXTRA='-fprofile-instr-generate -fcoverage-mapping' \
		build/fuzz-coverage/fuzz_$(TARGET)
	tests/fuzz/fuzz.sh coverage build/fuzz-coverage $(FUZZ_STATE) $(TARGET)

# Must leave every byte as it is: tests/golden/README.md.
golden: $(BUILD)/laconic $(BUILD)/sample_text $(BUILD)/test_golden $(BUILD)/test_hostile
	tools/make_golden.sh $(BUILD)

# TEXTS= NUL-separated texts; without it those of examples/, four times over.
bench: $(BUILD)/self $(BUILD)/overheads $(BUILD)/tokenizers $(if $(TRAINING),$(BUILD)/train)
	@[ -n "$(TEXTS)" ] || for i in 1 2 3 4; do for text in examples/*.txt; do cat $$text; printf '\0'; done; done >$(BUILD)/texts.nul
	$(BUILD)/self <$(or $(TEXTS),$(BUILD)/texts.nul)
	$(BUILD)/overheads <$(or $(TEXTS),$(BUILD)/texts.nul)
	$(BUILD)/tokenizers models/default.gguf <$(or $(TEXTS),$(BUILD)/texts.nul)
	$(if $(TRAINING),$(BUILD)/train $$(nproc))

# The manual page and completions, made of the tables of cli/options.c.
DOCUMENTS := $(BUILD)/laconic.1 $(BUILD)/laconic.bash $(BUILD)/_laconic $(BUILD)/laconic.fish $(BUILD)/laconic.pc
comma := ,
space := $() $()
# In what a sed fills in; pkg-config wants a backslash before spaces besides.
sed_text = $(subst $(comma),\$(comma),$(subst &,\&,$(subst \,\\,$(1))))
# by a name, as a call takes commas for its own
FILLING = s,@VERSION@,$(VERSION),; s,@PREFIX@,$(call sed_text,$(1)),; s,@SHARE@,$(call sed_text,$(1)/share/laconic),
FILL = sed $(call quoted,$(FILLING))
documents: $(DOCUMENTS)
$(BUILD)/describe: tools/describe.c cli/options.c cli/options.h cli/command.h $(MADE_WITH)/host
	$(HOSTCC) -std=c17 -Icli -Iinclude -o $@ tools/describe.c cli/options.c
$(BUILD)/laconic.1: $(BUILD)/describe doc/laconic.1.in include/laconic.h $(MADE_WITH)/prefix
	$(BUILD)/describe man <doc/laconic.1.in | $(call FILL,$(PREFIX)) >$@
$(BUILD)/laconic.pc: doc/laconic.pc.in include/laconic.h $(MADE_WITH)/prefix
	$(call FILL,$(subst $(space),\ ,$(PREFIX))) doc/laconic.pc.in >$@
$(BUILD)/laconic.bash $(BUILD)/_laconic $(BUILD)/laconic.fish: $(BUILD)/describe
	$(BUILD)/describe bash >$(BUILD)/laconic.bash
	$(BUILD)/describe zsh >$(BUILD)/_laconic
	$(BUILD)/describe fish >$(BUILD)/laconic.fish

# in the environment, as names with spaces are words only between quotes of the shell's
install uninstall: export TO := $(DESTDIR)$(PREFIX)
SHARED := liblaconic.so.$(VERSION)
install: all documents
	install -d "$$TO/bin" "$$TO/lib/pkgconfig" "$$TO/include" "$$TO/share/man/man1" "$$TO/share/bash-completion/completions" \
		"$$TO/share/zsh/site-functions" "$$TO/share/fish/vendor_completions.d" "$$TO/share/laconic/models"
	install -m 755 $(BUILD)/laconic "$$TO/bin/"
	$(if $(TRAINING),install -d "$$TO/libexec/laconic" && install -m 755 $(TRAIN_PROGRAM) "$$TO/libexec/laconic/")
	install -m 644 $(BUILD)/liblaconic.a $(if $(TRAINING),$(TRAIN_LIB)) "$$TO/lib/"
	install -m 755 $(BUILD)/liblaconic.so "$$TO/lib/$(SHARED)"
	ln -sf $(SHARED) "$$TO/lib/liblaconic.so.$(INTERFACE)"
	ln -sf $(SHARED) "$$TO/lib/liblaconic.so"
	install -m 644 $(BUILD)/laconic.pc "$$TO/lib/pkgconfig/"
	install -m 644 include/laconic.h $(if $(TRAINING),include/laconic_train.h) "$$TO/include/"
	install -m 644 $(BUILD)/laconic.1 "$$TO/share/man/man1/"
	install -m 644 $(BUILD)/laconic.bash "$$TO/share/bash-completion/completions/laconic"
	install -m 644 $(BUILD)/_laconic "$$TO/share/zsh/site-functions/"
	install -m 644 $(BUILD)/laconic.fish "$$TO/share/fish/vendor_completions.d/"
	install -m 644 models/adapters/*.gguf "$$TO/share/laconic/models/"

# what install wrote, and the folders that are only laconic's
uninstall:
	rm -f "$$TO/bin/laconic" "$$TO/libexec/laconic/laconic-train" "$$TO/lib/liblaconic.a" "$$TO/lib/liblaconic-train.a" "$$TO/lib/liblaconic.so" "$$TO/lib/liblaconic.so.$(INTERFACE)" \
		"$$TO/lib/$(SHARED)" "$$TO/lib/pkgconfig/laconic.pc" "$$TO/include/laconic.h" "$$TO/include/laconic_train.h" \
		"$$TO/share/man/man1/laconic.1" "$$TO/share/bash-completion/completions/laconic" "$$TO/share/zsh/site-functions/_laconic" \
		"$$TO/share/fish/vendor_completions.d/laconic.fish" $(patsubst models/adapters/%,"$$TO/share/laconic/models/%",$(wildcard models/adapters/*.gguf))
	-rmdir "$$TO/share/laconic/models" "$$TO/share/laconic"
	rmdir "$$TO/libexec/laconic" 2>/dev/null || : # it is there with training only

clean:
	rm -rf build

help:
	@echo "make           build/laconic, build/liblaconic.a, build/liblaconic.so"
	@echo "make demo      install what is missing (Debian), build, and compress the texts of examples/ beside other compressors"
	@echo "make quick     the native tests, in a few minutes"
	@echo "make check     the tests: sanitizers, compilers, instruction sets, aarch64 and s390x, and most of make lint"
	@echo "make check-all the same at length, with riscv64, all of make lint, and llama.cpp as a peer (PYTHON= names one that has bench/requirements-llama.txt, tests/requirements.txt)"
	@echo "make lint      static analysis: gcc's analyser, clang-tidy, cppcheck, shellcheck"
	@echo "make fuzz      fuzzes TARGET=$(firstword $(FUZZ)) (or $(wordlist 2,9,$(FUZZ))) for SECONDS=60; tests/fuzz/README.md"
	@echo "make golden    writes the files of tests/golden anew, which must not change them"
	@echo "make bench     rates beside the CPU's peak, a profile, and what each step of coding costs (TEXTS=FILE of NUL-separated texts)"
	@echo "make install   to PREFIX=/usr/local, under DESTDIR: command, library, laconic.pc, manual page, completions"
	@echo "make uninstall takes them away again"
	@echo "make clean"
	@echo "NO_INSTALL=1 keeps demo, check and fuzz from installing packages."

-include $(LIB_OBJECTS:.o=.d) $(TRAIN_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(MUTANT_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d) $(wildcard $(BUILD)/*.d)
.PHONY: always all models tests list-tests replays list-fuzz demo quick check check-all fuzz fuzz-corpus fuzz-coverage golden bench documents install
.PHONY: uninstall clean help analysed list-sources list-other-sources list-flags lint
.SECONDARY: $(TINY:%=build/models/%.gguf)
