#!/bin/sh
# Runs libFuzzer on a target, keeps what it found, and makes the committed inputs of it.
# Usage, from the project's folder: fuzz.sh run BUILD STATE TARGET SECONDS | minimise BUILD STATE TARGET | coverage BUILD STATE TARGET
#
# STATE/TARGET holds the inputs that reach something new, STATE/findings those that break a law, STATE/TARGET.cpu a line with the
# seconds of CPU of every run.
set -eu
verb=$1 build=$2 state=$3 target=$4
here=tests/fuzz
corpus=$here/corpus/$target
mkdir -p "$state/$target" "$state/findings" "$corpus"

case $target in
archive) limits='-max_len=4096 -malloc_limit_mb=64 -entropic_scale_per_exec_time=1' ;;
arguments) limits='-max_len=400 -malloc_limit_mb=16' ;;
gguf) limits='-max_len=6000 -malloc_limit_mb=48' ;;
roundtrip) limits='-max_len=4096 -malloc_limit_mb=64 -entropic_scale_per_exec_time=1' ;;
tokenize) limits='-max_len=3000 -malloc_limit_mb=16' ;;
*) echo "fuzz.sh: no target $target; there are $(cd $here && echo fuzz_*.c | sed 's/fuzz_//g; s/\.c//g')" >&2; exit 2 ;;
esac
case $target in
archive) seeds="$corpus tests/golden/archives tests/golden/hostile" ;;
gguf) seeds="$corpus tests/golden/hostile" ;;
*) seeds=$corpus ;;
esac
dictionary=$here/dictionaries/$target
[ -f "$dictionary" ] && limits="$limits -dict=$dictionary"

# Children's user time: the second line of times, "1m2.50s 0m0.10s".
note_cpu() {
	times >"$state/$target.times"
	sed -n '2s/s .*//; 2s/m/ /p' "$state/$target.times" | awk '{ printf "%.1f\n", $1 * 60 + $2 }' >>"$state/$target.cpu"
	rm -f "$state/$target.times"
}

case $verb in
run)
	status=0
	# shellcheck disable=SC2086
	"$build/fuzzer_$target" $limits -timeout=20 -rss_limit_mb=2048 -max_total_time="$5" -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$state/findings/$target-" "$state/$target" $seeds >"$state/$target.log" 2>&1 || status=$?
	note_cpu
	tail -40 "$state/$target.log"
	exit $status ;;
minimise)
	fewest=$(mktemp -d)
	# shellcheck disable=SC2086
	"$build/fuzzer_$target" $limits -set_cover_merge=1 "$fewest" $seeds "$state/$target" >"$state/$target.merge.log" 2>&1
	tail -5 "$state/$target.merge.log"
	# inputs of one's own making stay: regressions are named for what they were
	find "$corpus" -type f -name '????????????????????????????????????????' -delete
	cp "$fewest"/* "$corpus/"
	rm -rf "$fewest"
	du -sb "$corpus" ;;
coverage)
	LLVM_PROFILE_FILE="$state/$target.profraw" "$build/fuzz_$target" "$corpus"
	llvm-profdata merge -sparse "$state/$target.profraw" -o "$state/$target.profdata"
	llvm-cov report "$build/fuzz_$target" -instr-profile="$state/$target.profdata" src cli ;;
esac
