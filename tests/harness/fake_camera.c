// A camera without scripts for tests of Studio: fake-camera SOCKET [PIXEL [WIDTHxHEIGHT]]. It
// speaks the control protocol over the real server, shows its parameter "accent" as the colour of
// every pixel, and does on {"do":"send","event":...} what a real camera does by itself:
//   fail DATA    an error event with this error      ok        the scene draws again
//   declare DATA the scene on air declares these parameters
//   freeze       no new frames                       thaw      new frames again
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uv.h>

#include "extension/camera/control.h"
#include "lunette/format.h"

#define TICK_MS 33
#define WAITING_MAX 8
#define FRAME_WAIT_MS 2000

struct waiting {
	struct lun_control_request *request;
	uint64_t after, until_ms;
};

static uv_loop_t loop;
static uv_timer_t tick;
static uv_signal_t end_signal;
static struct lun_control *control;
static struct lun_format format;
static struct waiting waiting[WAITING_MAX];
static int waiting_count;
static uint64_t serial, asked_frames;
static bool is_frozen, is_paused;
static json_t *scenes, *last_error;
static const char *active = "lower-third";

static const char *const declarations[][2] = {
        {"lower-third",
                "[{'name':'who','kind':'section','label':'Who is speaking'},"
                "{'name':'name','kind':'text','label':'Name','value':'Ada Lovelace','default':'Ada "
                "Lovelace','max':40,'help':'Shown in the first line'},"
                "{'name':'bio','kind':'text','label':'About','value':'Mathematician\\nand "
                "writer','default':'','multiline':true},"
                "{'name':'look','kind':'section','label':'Look'},"
                "{'name':'accent','kind':'color','label':'Accent','value':'#0a84ff','default':'#"
                "0a84ff'},"
                "{'name':'size','kind':'integer','label':'Text size','value':48,'default':48,'min':"
                "12,'max':96,'step':2},"
                "{'name':'opacity','kind':'number','label':'Opacity','value':0.9,'default':1,'min':"
                "0,'max':1,'step':0.05},"
                "{'name':'margin','kind':'integer','value':40,'default':40,'min':0},"
                "{'name':'clock','kind':'bool','label':'Show the "
                "clock','value':true,'default':true}"
                ","
                "{'name':'zone','kind':'choice','label':'Time zone','value':'UTC','default':'UTC',"
                "'choices':['UTC','Europe/Berlin','Asia/"
                "Tokyo'],'show_if':'clock','help':'Where the clock is'},"
                "{'name':'logo','kind':'image','label':'Logo','value':'logo.svg','default':'logo."
                "svg'},"
                "{'name':'lines','kind':'list','label':'Ticker lines','value':['one','two'],"
                "'default':[]},"
                "{'name':'hold','kind':'duration','label':'Hold','value':'5s','default':'5s'},"
                "{'name':'feed','kind':'url','label':'Feed','value':'https://example.org/"
                "feed.json',"
                "'default':''}]"},
        {"welcome",
                "[{'name':'accent','kind':'color','label':'Background','value':'#d02030','default':"
                "'#d02030'},{'name':'greeting','kind':'text','label':'Greeting','value':'Welcome',"
                "'default':'Welcome'}]"},
        {"test-card", "[]"},
        {"broken", "[]"},
};

static json_t *parse(const char *text)
{
	char *copy = lun_strdup(text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json_error_t error;
	json_t *value = json_loads(copy, 0, &error);
	if (!value)
		(void)fprintf(stderr, "fake-camera: %s at %s\n", error.text, copy + error.position);
	lun_assert(value);
	free(copy);
	return value;
}

static json_t *get_params(void)
{
	return json_object_get(scenes, active);
}

static json_t *find_param(const char *name)
{
	size_t i;
	json_t *param;
	json_array_foreach(
	        get_params(), i, param) if (!strcmp(json_string_value(json_object_get(param, "name")),
	                                            name)) return param;
	return NULL;
}

static void publish(const char *name, json_t *event)
{
	(void)json_object_set_new(event, "event", json_string(name));
	lun_control_publish(control, !strcmp(name, "ok") ? "error" : name, event);
}

// Flat frames, so tests know what each pixel has to be. BT.601 limited, or BGRA.
static void paint(uint8_t *data)
{
	unsigned rgb = 0x808080;
	json_t *accent = find_param("accent");
	if (accent)
		(void)sscanf(json_string_value(json_object_get(accent, "value")), "#%6x", &rgb);
	double r = rgb >> 16 & 255, g = rgb >> 8 & 255, b = rgb & 255;
	int y = (int)(16.5 + (65.481 * r + 128.553 * g + 24.966 * b) / 255);
	int cb = (int)(128.5 + (-37.797 * r - 74.203 * g + 112 * b) / 255);
	int cr = (int)(128.5 + (112 * r - 93.786 * g - 18.214 * b) / 255);
	struct lun_layout layout;
	lun_format_layout(&format, &layout);
	const uint8_t packed[2][4] = {{y, cb, y, cr}, {b, g, r, 255}};
	for (size_t i = 0; i < layout.size_bytes; i++) {
		if (format.pixel == LUN_PIXEL_YUY2 || format.pixel == LUN_PIXEL_BGRA)
			data[i] = packed[format.pixel == LUN_PIXEL_BGRA][i % 4];
		else if (i < layout.offset_bytes[1])
			data[i] = (uint8_t)y;
		else if (format.pixel == LUN_PIXEL_NV12)
			data[i] = (uint8_t)((i - layout.offset_bytes[1]) % 2 ? cr : cb);
		else
			data[i] = (uint8_t)(i < layout.offset_bytes[2] ? cb : cr);
	}
}

static int make_frame(size_t *out_bytes)
{
	struct lun_layout layout;
	lun_format_layout(&format, &layout);
	*out_bytes = layout.size_bytes;
	int fd = memfd_create("frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	lun_assert(fd >= 0 && !ftruncate(fd, (off_t)layout.size_bytes));
	void *data = mmap(NULL, layout.size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	lun_assert(data != MAP_FAILED);
	paint(data);
	(void)munmap(data, layout.size_bytes);
	lun_assert(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL));
	return fd;
}

static void answer_frame(struct lun_control_request *request)
{
	size_t size_bytes;
	int fd = make_frame(&size_bytes);
	json_t *reply = json_pack("{s:I, s:I, s:I, s:{s:s, s:i, s:i, s:i, s:i, s:s, s:s}}", "serial",
	        (json_int_t)serial, "number", (json_int_t)serial, "size_bytes", (json_int_t)size_bytes,
	        "format", "pixel", lun_pixel_format_name(format.pixel), "width", format.width_px,
	        "height", format.height_px, "fps_num", format.fps_num, "fps_den", format.fps_den,
	        "matrix", lun_matrix_name(format.matrix), "range", lun_range_name(format.range));
	asked_frames++;
	lun_control_answer(request, reply, fd);
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
	if (!is_frozen)
		serial++;
	int kept = 0;
	for (int i = 0; i < waiting_count; i++) {
		struct lun_error err;
		if (serial > waiting[i].after) {
			answer_frame(waiting[i].request);
		} else if (uv_now(&loop) >= waiting[i].until_ms) {
			(void)lun_fail(&err, LUN_NOT_FOUND, "no new frame");
			lun_control_refuse(waiting[i].request, &err);
		} else {
			waiting[kept++] = waiting[i];
		}
	}
	waiting_count = kept;
}

static void do_frame(struct lun_control_request *request, json_t *body)
{
	uint64_t after = (uint64_t)json_integer_value(json_object_get(body, "after"));
	lun_assert(waiting_count < WAITING_MAX);
	waiting[waiting_count++] = (struct waiting){request, after, uv_now(&loop) + FRAME_WAIT_MS};
}

static void do_status(struct lun_control_request *request)
{
	char text[64];
	(void)snprintf(text, sizeof text, "%s %dx%d", lun_pixel_format_name(format.pixel),
	        format.width_px, format.height_px);
	json_t *status = json_pack(
	        "{s:s, s:s, s:s, s:i, s:s, s:f, s:I, s:i, s:i, s:i, s:i, s:i, s:O?, s:{s:f, s:f}, "
	        "s:i, s:i, s:I}",
	        "camera", "Lunette", "scene", active, "state", is_paused ? "paused" : "on air",
	        "watchers", 1, "format", text, "fps", 30.0, "frames", (json_int_t)serial, "late", 0,
	        "dropped", 0, "repeated", 0, "reloads", 0, "errors", 0, "last_error", last_error,
	        "script_ms", "p50", 0.4, "p99", 1.1, "memory_bytes", 1 << 20, "uptime_s", 42,
	        "asked_frames", (json_int_t)asked_frames);
	lun_control_answer(request, status, -1);
}

static void do_scenes(struct lun_control_request *request)
{
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++) {
		const char *name = declarations[i][0];
		char *path = lun_format_string("/srv/lunette/scenes/%s/scene.lua", name);
		bool is_active = !strcmp(name, active);
		(void)json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:b}", "name", name, "path",
		                                          path, "active", is_active, "on_air", is_active));
		free(path);
	}
	lun_control_answer(request, json_pack("{s:o}", "scenes", list), -1);
}

static void do_use(struct lun_control_request *request, json_t *body)
{
	const char *name = json_string_value(json_object_get(body, "scene"));
	if (name && !strcmp(name, "broken")) {
		struct lun_error broken = {.code = LUN_SCRIPT, .line = 3, .path = "broken/scene.lua"};
		(void)snprintf(broken.message, sizeof broken.message, "unexpected symbol near ')'");
		lun_control_refuse(request, &broken);
		return;
	}
	for (size_t i = 0; name && i < sizeof declarations / sizeof *declarations; i++) {
		if (strcmp(declarations[i][0], name) != 0)
			continue;
		active = declarations[i][0];
		lun_control_answer(request, NULL, -1);
		publish("scene", json_pack("{s:s}", "scene", active));
		return;
	}
	struct lun_error err;
	(void)lun_fail(&err, LUN_NOT_FOUND, "there is no scene %s", name ? name : "");
	lun_control_refuse(request, &err);
}

static bool is_right(const json_t *param, const json_t *value)
{
	const char *kind = json_string_value(json_object_get(param, "kind"));
	if (!strcmp(kind, "integer") && !json_is_integer(value))
		return false;
	if (!strcmp(kind, "bool") && !json_is_boolean(value))
		return false;
	if (!strcmp(kind, "color")) {
		const char *text = json_string_value(value);
		return text && text[0] == '#' && strlen(text) == 7 &&
		       strspn(text + 1, "0123456789abcdefABCDEF") == 6;
	}
	const json_t *min = json_object_get(param, "min"), *max = json_object_get(param, "max");
	double number = json_number_value(value);
	return !json_is_number(value) || ((!min || number >= json_number_value(min)) &&
	                                         (!max || number <= json_number_value(max)));
}

static void do_set(struct lun_control_request *request, json_t *body)
{
	const char *name;
	json_t *value;
	json_object_foreach(json_object_get(body, "values"), name, value)
	{
		json_t *param = find_param(name);
		if (!param || !is_right(param, value)) {
			char *got = json_dumps(value, JSON_ENCODE_ANY);
			struct lun_error err;
			(void)lun_fail(&err, LUN_INVALID, "parameter %s does not take %s", name, got);
			free(got);
			lun_control_refuse(request, &err);
			return;
		}
		(void)json_object_set(param, "value", value);
	}
	lun_control_answer(request, NULL, -1);
	publish("params", json_object());
}

static void do_send(struct lun_control_request *request, json_t *body)
{
	const char *event = json_string_value(json_object_get(body, "event"));
	json_t *data = json_object_get(body, "data");
	lun_control_answer(request, NULL, -1);
	if (!strcmp(event, "fail")) {
		json_decref(last_error);
		last_error = json_incref(data);
		publish("error", json_pack("{s:O}", "error", data));
	} else if (!strcmp(event, "ok")) {
		json_decref(last_error);
		last_error = NULL;
		publish("ok", json_object());
	} else if (!strcmp(event, "declare")) {
		(void)json_object_set(scenes, active, data);
		publish("params", json_object());
	} else {
		is_frozen = !strcmp(event, "freeze");
	}
}

static void handle(void *data, struct lun_control_request *request, json_t *body)
{
	(void)data;
	const char *verb = json_string_value(json_object_get(body, "do"));
	bool is_other = false;
	if (!strcmp(verb, "status")) {
		do_status(request);
	} else if (!strcmp(verb, "scenes")) {
		do_scenes(request);
	} else if (!strcmp(verb, "params")) {
		lun_control_answer(
		        request, json_pack("{s:s, s:O}", "scene", active, "params", get_params()), -1);
	} else if (!strcmp(verb, "watch")) {
		lun_control_subscribe(request, json_object_get(body, "events"));
		lun_control_answer(request, NULL, -1);
	} else if (!strcmp(verb, "use")) {
		do_use(request, body);
	} else if (!strcmp(verb, "set")) {
		do_set(request, body);
	} else if (!strcmp(verb, "send")) {
		do_send(request, body);
	} else if (!strcmp(verb, "frame")) {
		do_frame(request, body);
	} else if (!strcmp(verb, "pause") || !strcmp(verb, "resume")) {
		is_paused = !strcmp(verb, "pause");
		lun_control_answer(request, NULL, -1);
		publish("status", json_object());
	} else {
		is_other = true;
	}
	struct lun_error err;
	(void)lun_fail(&err, LUN_UNSUPPORTED, "the fake camera cannot %s", verb);
	if (is_other)
		lun_control_refuse(request, &err);
}

static void stop(uv_signal_t *signal, int number)
{
	(void)number;
	lun_control_close(control);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_close((uv_handle_t *)signal, NULL);
}

int main(int argc, char **argv)
{
	format = lun_format_default();
	format.width_px = 640;
	format.height_px = 360;
	if (argc < 2 || (argc > 2 && !lun_pixel_format_parse(argv[2], &format.pixel)) ||
	        (argc > 3 && !lun_size_parse(argv[3], &format.width_px, &format.height_px)))
		return 2;
	scenes = json_object();
	for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++)
		(void)json_object_set_new(scenes, declarations[i][0], parse(declarations[i][1]));
	(void)uv_loop_init(&loop);
	struct lun_error err;
	if (lun_control_listen(&loop, argv[1], handle, NULL, &control, &err) != LUN_OK) {
		(void)fprintf(stderr, "fake-camera: %s\n", err.message);
		return 1;
	}
	(void)uv_timer_init(&loop, &tick);
	(void)uv_timer_start(&tick, on_tick, TICK_MS, TICK_MS);
	(void)uv_signal_init(&loop, &end_signal);
	(void)uv_signal_start(&end_signal, stop, SIGTERM);
	(void)printf("ready\n");
	(void)fflush(stdout);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop);
	json_decref(scenes);
	json_decref(last_error);
	return 0;
}
