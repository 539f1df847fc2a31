#!/bin/sh
# Every lint finds what it is there for: each rule is broken once in a small tree of its own, and
# the lint that guards it must fail and name the place. Usage: selftest.sh [ROOT]
set -eu
cd -- "${1:-$(dirname -- "$0")/../..}"
root=$(pwd -P)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM

# A tree in miniature in which nothing is wrong.
fresh_copy() {
	rm -rf "$copy/tree"
	mkdir -p "$copy/tree/docs" "$copy/tree/runtime/include/lunette" "$copy/tree/runtime/frame" \
		"$copy/tree/extension/camera" "$copy/tree/hostapp/studio"
	cp "$root/.clang-format" "$copy/tree"
	mkdir -p "$copy/tree/runtime/script/api" "$copy/tree/scripts/types"
	echo '{"fill", l_canvas_fill},' >"$copy/tree/runtime/script/api/l_canvas.c"
	echo '"text" kinds[] = {"text", NULL};' >"$copy/tree/runtime/script/api/l_param.c"
	echo '{"encode", l_json_encode},' >"$copy/tree/runtime/script/json.c"
	printf 'function %s() end\n' Canvas:fill param.text json.encode >"$copy/tree/scripts/types/lunette.lua"
	echo 'int lun_base(void);' >"$copy/tree/runtime/include/lunette/base.h"
	echo '#include "lunette/base.h"' >"$copy/tree/runtime/frame/convert.h"
	echo '#include "frame/convert.h"' >"$copy/tree/runtime/frame/convert.c"
	echo '#include "lunette/base.h"' >"$copy/tree/extension/output.h"
	echo '#include "extension/output.h"' >"$copy/tree/hostapp/studio/studio.h"
}

run_lint() { # name; its exit code in $code
	code=0
	sh "$root/tests/lint/$1.sh" "$copy/tree" >"$copy/out" 2>&1 || code=$?
}

status=0
tried=0
say_wrong() {
	echo "$1"
	sed 's/^/  /' "$copy/out"
	status=1
}

fine() { # lint: passes on the copy as it is
	run_lint "$1"
	case $code in
	0 | 77) ;;
	*) say_wrong "$1 fails where nothing is broken" ;;
	esac
}

breaks() { # lint, file, its new last lines (printf format) [, what the lint must name: the file]
	fresh_copy
	mkdir -p "$copy/tree/$(dirname "$2")"
	# shellcheck disable=SC2059 # the format is ours
	printf "$3" >>"$copy/tree/$2"
	run_lint "$1"
	tried=$((tried + 1))
	case $code in
	0) say_wrong "$1 does not see what is wrong with $2: $3" ;;
	77) echo "# $1 was skipped here" ;;
	*) grep -q "${4-$(basename "$2" .h)}" "$copy/out" || say_wrong "$1 does not name ${4-$2}" ;;
	esac
}

fresh_copy
for lint in includes headers words types; do
	fine "$lint"
done

breaks format runtime/script/ugly.c 'int  f( void ){return 1 ;}\n'

breaks includes runtime/frame/bad.c '#include <lua.h>\n'
breaks includes extension/camera/bad.c '#  include <lauxlib.h>\n'
breaks includes runtime/engine/bad.c '#include <cairo.h>\n'
breaks includes runtime/script/bad.c '#include <pango/pangocairo.h>\n'
breaks includes hostapp/cli/bad.c '#include <cairo/cairo.h>\n'
breaks includes runtime/compose/bad.c '#include <libyuv.h>\n'
breaks includes extension/file/bad.c '#include <libyuv/convert.h>\n'
breaks includes extension/camera/bad.c '#include <pipewire/pipewire.h>\n'
breaks includes runtime/media/bad.h '#include <spa/utils/list.h>\n'
breaks includes extension/camera/bad.c '#include <linux/videodev2.h>\n'
breaks includes extension/camera/bad.c '#include <CoreMediaIO/CMIOHardware.h>\n'
breaks includes runtime/engine/bad.c '#include "extension/output.h"\n'
breaks includes runtime/engine/bad.c '#include "../../hostapp/studio/studio.h"\n'
breaks includes extension/camera/bad.c '#include "hostapp/studio/studio.h"\n'
breaks includes extension/camera/bad.c '#include "frame/convert.h"\n'
breaks includes hostapp/cli/bad.c '#include "runtime/frame/convert.h"\n'
breaks includes hostapp/cli/bad.c '#include "../../runtime/include/lunette/base.h"\n'

breaks headers runtime/frame/incomplete.h 'size_t lun_incomplete(void);\n'
breaks headers runtime/include/lunette/conly.h 'int *lun_conly(int *restrict class);\n'

breaks types scripts/types/lunette.lua 'function Canvas:stroke() end\n'
breaks types runtime/script/api/l_canvas.c '{"stroke", l_canvas_stroke},\n' canvas.stroke
breaks types runtime/script/json.c '{"decode", l_json_decode},\n' json.decode
breaks types runtime/script/api/l_param.c ' kinds[] = {"color", NULL};\n' param.color

breaks words docs/notes.md 'See /ho''me/ada/project/notes.\n'
breaks words docs/notes.md 'It lies in /wo''rk/project.\n'
breaks words runtime/script/later.c '// TO''DO: later\n'
breaks words runtime/script/later.c '// FIX''ME\n'

# The commit lint wants a repository.
if command -v git >/dev/null 2>&1; then
	commit_named() {
		git -C "$copy/tree" -c user.name=Test -c user.email=test@example.org \
			-c commit.gpgsign=false commit -q --no-verify --allow-empty -m "$1"
	}
	commit_is() { # fine | wrong, subject
		fresh_copy
		git -C "$copy/tree" init -q
		commit_named "$2"
		run_lint commits
		tried=$((tried + 1))
		case $1:$code in
		fine:0 | wrong:1) ;;
		*) say_wrong "the commit lint should call this $1: $2" ;;
		esac
	}
	commit_is fine 'frame: converts odd sizes'
	commit_is fine 'hostapp/cli: says which scene runs on the VM'
	commit_is wrong 'Frame: converts odd sizes'
	commit_is wrong 'frame: Converts odd sizes'
	commit_is wrong 'converts odd sizes'
	commit_is wrong 'frame: converts odd sizes.'
	commit_is wrong 'frame: converts odd sizes of every kind and a little more that nobody reads'
	fresh_copy
	run_lint commits
	[ "$code" = 77 ] || say_wrong 'the commit lint should be skipped where there is no history'
fi

echo "# $tried ways to break a rule tried"
exit $status
