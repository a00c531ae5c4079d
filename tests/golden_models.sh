# shellcheck shell=sh
# The models of tests/golden/archives/list, "MODEL" or "MODEL+ADAPTER+...", in a folder: as options of laconic, and as files.

models_option() { # words of the list, folder
	[ "$1" = default ] || printf -- '--model %s/%s.gguf' "$2" "${1%%+*}"
	case $1 in
	*+*) for adapter in $(echo "${1#*+}" | tr + ' '); do printf -- ' --adapter %s/%s.gguf' "$2" "$adapter"; done ;;
	esac
}

models_files() { echo "$2/$1.gguf" | sed "s,+,.gguf+$2/,g"; }
