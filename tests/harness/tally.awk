# Reads the JUnit files that ctest wrote and sums them up: each failed and each skipped test with
# its reason, then, as the last line, `N passed, N failed, N skipped`. Fails where a test failed or
# where there was none.
#
# ctest writes one element a line; the test's own output follows in <system-out>.

function unescape(text) {
	gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text)
	gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text); gsub(/&amp;/, "\\&", text)
	return text
}

function attribute(name,    value) {
	if (!match($0, " " name "=\"[^\"]*\""))
		return ""
	value = substr($0, RSTART, RLENGTH)
	sub(/^[^"]*"/, "", value); sub(/"$/, "", value)
	return unescape(value)
}

# The last line with words in it is the reason: that is the harness's rule for exit code 77.
function finish_test(    where) {
	if (name == "")
		return
	where = name " (" preset ")"
	if (status == "run") {
		passed++
	} else if (status == "fail") {
		failed++
		failures = failures "failed: " where "\n"
	} else {
		skipped++
		sub(/^# */, "", last)
		skips = skips "skipped: " where (last == "" ? "" : ": " last) "\n"
	}
	name = ""
}

FNR == 1 {
	preset = FILENAME
	sub(/.*\//, "", preset); sub(/-tests\.xml$/, "", preset)
}

/^[ \t]*<testcase / {
	name = attribute("name"); status = attribute("status"); last = ""
	next
}
# A test whose program is not there did not ask to be skipped.
/^[ \t]*<skipped / && attribute("message") !~ /^SKIP_|^Disabled$/ { status = "fail" }
/<\/testcase>/ { finish_test(); next }
/<system-out>/ {
	is_output = 1
	sub(/^.*<system-out>/, "")
}
is_output {
	ends = index($0, "</system-out>") > 0
	sub(/<\/system-out>.*/, "")
	if ($0 ~ /[^ \t\r]/)
		last = unescape($0)
	if (ends)
		is_output = 0
}

END {
	printf "%s%s", skips, failures
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0 || passed + skipped == 0
}
