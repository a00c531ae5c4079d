# shellcheck shell=sh
# Sourced by the scripts that test: counts and prints, as tests/test.h does for C.
passed=0 failed=0 skipped=0

note() { # law, status
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		echo "ok      $1"
	else
		failed=$((failed + 1))
		echo "not ok  $1"
	fi
}

skip() { # law, reason
	skipped=$((skipped + 1))
	echo "skipped $1: $2"
}

report() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
}
