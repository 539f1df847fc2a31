// The pipewire output on its own loop. Without arguments: what it says where there is no daemon.
// `publish` and `verify` are the two ends of tests/e2e/pipewire_output.sh: deterministic frames
// go in here, and what a client of PipeWire received is compared byte for byte there.
#include <unistd.h>
#include <uv.h>

#include "check.h"
#include "extension/output.h"
#include "lunette/frame.h"

#define FORMATS_MAX 16

// For how many ticks a publisher goes on with its old format after a client chose another one:
// none of those frames may arrive.
#define LAG_TICKS 3

static const struct lun_output_class *find_class(void)
{
	for (size_t i = 0; lun_output_classes[i]; i++) {
		if (strcmp(lun_output_classes[i]->name, "pipewire") == 0)
			return lun_output_classes[i];
	}
	return NULL;
}

// Every byte of a frame follows from its number, which its first eight bytes carry.
static void fill_pattern(uint8_t *bytes, size_t size_bytes, uint64_t number)
{
	uint64_t state = (number + 1) * 0x9e3779b97f4a7c15u;
	size_t at = 0;
	for (; at + sizeof state <= size_bytes; at += sizeof state) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(bytes + at, &state, sizeof state);
	}
	memset(bytes + at, (int)(number & 0xff), size_bytes - at);
	memcpy(bytes, &number, sizeof number);
}

/* Standalone tests. */

static const struct lun_output_params *plain_params(uv_loop_t *loop)
{
	static struct lun_format format;
	static struct lun_output_params params;
	format = lun_format_default();
	params = (struct lun_output_params){
	        .name = "Test", .formats = &format, .formats_count = 1, .loop = loop};
	return &params;
}

static void a_render_without_loop_is_refused(void)
{
	struct lun_error err;
	struct lun_output *output = NULL;
	CHECK_EQ(find_class()->open(plain_params(NULL), &output, &err), LUN_UNSUPPORTED);
	CHECK(strstr(err.message, "live"));
	CHECK(!output);
}

static void refuse_to_open(const char *target, const char *sentence_has)
{
	uv_loop_t loop;
	CHECK_EQ(uv_loop_init(&loop), 0);
	struct lun_output_params params = *plain_params(&loop);
	params.target = target;
	struct lun_error err;
	struct lun_output *output = NULL;
	CHECK_EQ(find_class()->open(&params, &output, &err), LUN_UNSUPPORTED);
	CHECK(strstr(err.message, sentence_has));
	CHECK(strstr(err.message, "--output"));
	CHECK_EQ(uv_loop_close(&loop), 0);
}

static void without_a_daemon_the_sentence_names_the_socket(void)
{
	setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
	refuse_to_open(NULL, "/nonexistent/pipewire-0");
	refuse_to_open("other", "/nonexistent/other");
	refuse_to_open("/nonexistent/absolute", "(/nonexistent/absolute:");
}

static void without_a_session_the_sentence_says_so(void)
{
	unsetenv("XDG_RUNTIME_DIR");
	refuse_to_open(NULL, "XDG_RUNTIME_DIR is not set");
}

static int run_standalone(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	unsetenv("PIPEWIRE_RUNTIME_DIR");
	unsetenv("PIPEWIRE_REMOTE");
	RUN(a_render_without_loop_is_refused);
	RUN(without_a_daemon_the_sentence_names_the_socket);
	RUN(without_a_session_the_sentence_says_so);
	printf("1..%d\n", t_count);
	return t_any;
}

/* publish NAME CLOSE-ON FORMAT...: prints what the output tells, until SIGTERM. CLOSE-ON names the
 * event in which the output is closed, or "-". */

struct publisher {
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t sigterm;
	struct lun_output *output; // owned; NULL once closed
	const char *close_on;
	struct lun_format formats[FORMATS_MAX];
	int formats_count;
	struct lun_format format, next_format;
	int lag_ticks;
	uint64_t start_ns, number;
	uint8_t *bytes; // owned
	int watchers;
};

static void close_publisher(struct publisher *p)
{
	if (!p->output)
		return;
	p->output->class->close(p->output);
	p->output = NULL;
	uv_close((uv_handle_t *)&p->tick, NULL);
	uv_close((uv_handle_t *)&p->sigterm, NULL);
}

static void after_event(struct publisher *p, const char *event)
{
	if (strcmp(p->close_on, event) == 0)
		close_publisher(p);
}

static void on_watchers(void *data, int count)
{
	struct publisher *p = data;
	p->watchers = count;
	printf("watchers %d\n", count);
	after_event(p, "watchers");
}

static void on_format(void *data, const struct lun_format *format)
{
	struct publisher *p = data;
	p->next_format = *format;
	p->lag_ticks = LAG_TICKS;
	printf("format %s %dx%d\n", lun_pixel_format_name(format->pixel), format->width_px,
	        format->height_px);
	after_event(p, "format");
}

static void on_lost(void *data, const char *why)
{
	printf("lost %s\n", why);
	after_event(data, "lost");
}

static void on_back(void *data)
{
	printf("back\n");
	after_event(data, "back");
}

static const struct lun_output_events publisher_events = {
        .watchers = on_watchers,
        .format = on_format,
        .lost = on_lost,
        .back = on_back,
};

static void publish_frame(struct publisher *p)
{
	struct lun_frame frame = {.format = p->format, .data = p->bytes, .number = p->number};
	lun_format_layout(&frame.format, &frame.layout);
	frame.time_ns = p->start_ns + lun_format_tick_ns(&p->format, p->number);
	if (p->watchers > 0)
		fill_pattern(p->bytes, frame.layout.size_bytes, p->number);
	struct lun_error err;
	if (p->output->class->submit(p->output, &frame, &err) != LUN_OK) {
		printf("submit failed: %s\n", err.message);
		exit(1);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct publisher *p = timer->data;
	if (p->lag_ticks > 0 && --p->lag_ticks == 0)
		p->format = p->next_format;
	publish_frame(p);
	p->number++;
	uint64_t deadline_ns = p->start_ns + lun_format_tick_ns(&p->format, p->number);
	uint64_t now_ns = lun_now_ns();
	uint64_t wait_ms = deadline_ns > now_ns ? (deadline_ns - now_ns + 999999) / 1000000 : 0;
	uv_timer_start(timer, on_tick, wait_ms, 0);
}

static void on_sigterm(uv_signal_t *handle, int number)
{
	(void)number;
	close_publisher(handle->data);
}

// "nv12:1920x1080" or "nv12:1920x1080:bt709"
static bool parse_format(const char *text, struct lun_format *out_format)
{
	char copy[64];
	(void)snprintf(copy, sizeof copy, "%s", text);
	char *size = strchr(copy, ':');
	if (!size)
		return false;
	*size++ = '\0';
	char *matrix = strchr(size, ':');
	if (matrix)
		*matrix++ = '\0';
	*out_format = lun_format_default();
	if (matrix && strcmp(matrix, "bt709") == 0)
		out_format->matrix = LUN_MATRIX_BT709;
	return lun_pixel_format_parse(copy, &out_format->pixel) &&
	       lun_size_parse(size, &out_format->width_px, &out_format->height_px);
}

static size_t largest_frame_bytes(const struct publisher *p)
{
	size_t largest = 0;
	for (int i = 0; i < p->formats_count; i++) {
		struct lun_layout layout;
		lun_format_layout(&p->formats[i], &layout);
		largest = layout.size_bytes > largest ? layout.size_bytes : largest;
	}
	return largest;
}

static int open_publisher(struct publisher *p, const char *name)
{
	struct lun_output_params params = {
	        .name = name,
	        .formats = p->formats,
	        .formats_count = p->formats_count,
	        .loop = &p->loop,
	        .events = &publisher_events,
	        .data = p,
	};
	struct lun_error err;
	if (find_class()->open(&params, &p->output, &err) != LUN_OK) {
		printf("open failed: %s\n", err.message);
		return 1;
	}
	p->format = p->formats[0];
	p->start_ns = lun_now_ns();
	uv_timer_init(&p->loop, &p->tick);
	uv_signal_init(&p->loop, &p->sigterm);
	p->tick.data = p->sigterm.data = p;
	uv_timer_start(&p->tick, on_tick, 0, 0);
	uv_signal_start(&p->sigterm, on_sigterm, SIGTERM);
	return 0;
}

static int run_publisher(int argc, char **argv)
{
	static struct publisher p;
	p.close_on = argv[1];
	for (int i = 2; i < argc && p.formats_count < FORMATS_MAX; i++) {
		if (!parse_format(argv[i], &p.formats[p.formats_count++])) {
			printf("not a format: %s\n", argv[i]);
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	p.bytes = lun_alloc(largest_frame_bytes(&p));
	uv_loop_init(&p.loop);
	int rc = open_publisher(&p, argv[0]);
	uv_run(&p.loop, UV_RUN_DEFAULT);
	free(p.bytes);
	if (uv_loop_close(&p.loop) != 0) {
		printf("handles are left in the loop\n");
		return 1;
	}
	printf("closed\n");
	return rc;
}

/* verify SIZE FRAMES: frames on standard input, each compared with what its number says. */

static bool read_frame(uint8_t *bytes, size_t size_bytes)
{
	size_t got = 0;
	while (got < size_bytes) {
		ssize_t n = read(STDIN_FILENO, bytes + got, size_bytes - got);
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

static int run_verifier(size_t size_bytes, uint64_t want)
{
	uint8_t *got = lun_alloc(size_bytes), *expected = lun_alloc(size_bytes);
	uint64_t frames = 0, bad = 0, skipped = 0, backwards = 0, last = 0;
	while (read_frame(got, size_bytes)) {
		uint64_t number;
		memcpy(&number, got, sizeof number);
		fill_pattern(expected, size_bytes, number);
		bad += memcmp(got, expected, size_bytes) != 0;
		if (frames > 0 && number <= last)
			backwards++;
		else if (frames > 0)
			skipped += number - last - 1;
		last = number;
		frames++;
	}
	printf("frames %" PRIu64 " bad %" PRIu64 " skipped %" PRIu64 " backwards %" PRIu64 "\n", frames,
	        bad, skipped, backwards);
	free(got);
	free(expected);
	return frames != want || bad || backwards;
}

int main(int argc, char **argv)
{
	if (!find_class()) {
		printf("skipped: built without PipeWire\n");
		return 77;
	}
	if (argc >= 5 && strcmp(argv[1], "publish") == 0)
		return run_publisher(argc - 2, argv + 2);
	if (argc == 4 && strcmp(argv[1], "verify") == 0)
		return run_verifier(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
	return run_standalone();
}
