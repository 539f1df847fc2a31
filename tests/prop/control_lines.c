// Whatever bytes come in whatever pieces, every line gets one answer, in order, and what was well
// asked is well answered, however the handler mixes up the order of its own answers.
#include "lunette/log.h"
#include "prop.h"
#include "tests/unit/control_peer.h"

enum { MAX_LINES = 40 };

static struct stage *stage; // one server serves all cases

struct script {
	char bytes[64 * 1024];
	size_t size;
	int line_count;
	bool is_request[MAX_LINES];
};

static void ignore_log(void *data, enum lun_log_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

static void write_script(struct script *script, struct gen *g)
{
	script->size = 0;
	script->line_count = gen_range(g, 0, MAX_LINES);
	for (int i = 0; i < script->line_count; i++) {
		char *to = script->bytes + script->size;
		int kind = gen_range(g, 0, 3);
		script->is_request[i] = kind < 2;
		if (kind < 2) {
			script->size += (size_t)sprintf(
			        to, "{\"do\":\"%s\",\"value\":%d}\n", kind ? "echo" : "wait", i);
			continue;
		}
		int length = kind == 2 ? gen_range(g, 0, 60) : gen_range(g, 0, 3);
		for (int k = 0; k < length; k++) {
			// Half of the junk looks like JSON.
			char byte = (char)gen_u32(g);
			to[k] = kind == 2 && byte & 1 ? "{}[]\":,do01\\"[(byte >> 1 & 63) % 12] : byte;
			if (to[k] == '\n')
				to[k] = 0;
		}
		to[length] = '\n';
		script->size += (size_t)length + 1;
	}
}

// Answers one of the held requests, any, with the number of the held one.
static void answer_any(struct gen *g)
{
	if (!stage->held_count)
		return;
	int i = gen_range(g, 0, stage->held_count - 1);
	struct lun_control_request *request = stage->held[i];
	stage->held[i] = stage->held[--stage->held_count];
	lun_control_answer(request, NULL, gen_u32(g) & 1 ? memory_file("x") : -1);
}

static bool are_answers_right(const struct script *script, const struct peer *peer)
{
	const char *at = peer->text;
	for (int i = 0; i < script->line_count; i++) {
		const char *end = strchr(at, '\n');
		json_t *answer = end ? json_loadb(at, (size_t)(end - at), 0, NULL) : NULL;
		json_t *ok = json_object_get(answer, "ok");
		json_t *value = json_object_get(answer, "value");
		bool is_right = json_is_boolean(ok) && json_is_true(ok) == script->is_request[i] &&
		                (!value || json_integer_value(value) == i);
		json_decref(answer);
		if (!is_right)
			return false;
		at = end + 1;
	}
	return *at == 0;
}

static void close_stage(void)
{
	if (!stage_finish(stage))
		_exit(1);
}

static bool every_line_has_its_answer(struct gen *g)
{
	static struct script script;
	if (!stage) {
		lun_log_set_sink(ignore_log, NULL);
		stage = stage_open();
		(void)atexit(close_stage);
	}
	write_script(&script, g);
	struct peer *peer = peer_open(stage);
	for (size_t at = 0; at < script.size;) {
		size_t size = (size_t)gen_range(g, 1, 200);
		if (size > script.size - at)
			size = script.size - at;
		if (!peer_send_bytes(peer, script.bytes + at, size))
			return false;
		at += size;
		if (gen_u32(g) & 1)
			uv_run(&stage->loop, UV_RUN_NOWAIT);
		if (gen_u32(g) & 1)
			answer_any(g);
	}
	shutdown(peer->fd, SHUT_WR);
	stage_arm(stage);
	while (!peer->has_ended && !stage->is_late) {
		answer_any(g);
		uv_run(&stage->loop, stage->held_count ? UV_RUN_NOWAIT : UV_RUN_ONCE);
	}
	uv_timer_stop(&stage->deadline);
	bool is_right = peer->has_ended && are_answers_right(&script, peer);
	peer_close(peer);
	uv_run(&stage->loop, UV_RUN_NOWAIT);
	if (count_fds() - stage->fds_before > 20)
		return false;
	return is_right;
}

PROPERTY(every_line_has_its_answer)
