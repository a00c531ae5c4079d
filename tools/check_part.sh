#!/bin/sh
# Runs one part of the tests, prints what it said in one piece, and adds its count to FOLDER/sum.  Usage: check_part.sh FOLDER COMMAND
# Every part ends in "N passed, N failed, N skipped"; one that does not counts as failed.
set -u
folder=$1 part=$2
log=$(mktemp "$folder/part.XXXXXX")
status=0
begun=$(date +%s)
sh -c "$part" >"$log" 2>&1 || status=$?
line=$(grep -Ex '[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped' "$log" | tail -1)
[ -n "$line" ] || line="0 passed, 1 failed, 0 skipped"
if [ $status != 0 ] && echo "$line" | grep -q ' 0 failed'; then
	line="0 passed, 1 failed, 0 skipped" # it ended badly after its report
fi
{
	flock 9
	printf '\n== %s   (%s s)\n' "$part" $(($(date +%s) - begun))
	cat "$log"
	echo "$line" >>"$folder/sum"
} 9>"$folder/lock"
