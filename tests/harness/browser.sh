# For tests/e2e scripts that drive Debian's Chromium: sets $browser, or skips with the reason.
# $here is the folder of the script.

skip() {
	echo "skipped: $1"
	exit 77
}

need_browser() {
	command -v node >/dev/null || skip "node is not installed"
	browser=${LUN_CHROMIUM:-$(command -v chromium || true)}
	[ -x "$browser" ] || skip "chromium is not installed"
	[ -d "$here/../node_modules/playwright-core" ] || install_playwright
}

# Two tests may start at once: one installs, the other waits for it.
install_playwright() {
	command -v npm >/dev/null || skip "npm is not installed"
	(
		cd "$here/.."
		exec 9<package.json
		if command -v flock >/dev/null; then flock -w 120 9; fi
		[ -d node_modules/playwright-core ] || timeout 100 npm ci --no-audit --no-fund >&2
	) || skip "npm ci in tests/ failed: no network?"
}
