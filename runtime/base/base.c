// Results, errors and checked allocation: what every other file leans on. Nothing here knows
// about scenes or frames.
#include "lunette/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum lun_result lun_fail(struct lun_error *err, enum lun_result code, const char *format, ...)
{
	if (!err)
		return code;
	memset(err, 0, sizeof *err);
	err->code = code;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	return code;
}

void lun_assert_failed(const char *condition, const char *file, int line)
{
	(void)fprintf(stderr, "lunette: bug: %s:%d: %s\n", file, line, condition);
	abort();
}

void *lun_alloc(size_t size_bytes)
{
	void *memory = calloc(1, size_bytes ? size_bytes : 1);
	lun_assert(memory);
	return memory;
}

char *lun_strdup(const char *text)
{
	char *copy = strdup(text);
	lun_assert(copy);
	return copy;
}

char *lun_format_string(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = NULL;
	int length = vasprintf(&text, format, args);
	va_end(args);
	lun_assert(length >= 0);
	return text;
}

bool lun_mul_size(size_t a, size_t b, size_t *out_product)
{
	return !__builtin_mul_overflow(a, b, out_product);
}

static uint64_t read_clock_ns(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t lun_now_ns(void)
{
	return read_clock_ns(CLOCK_MONOTONIC);
}

uint64_t lun_thread_cpu_ns(void)
{
	return read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t lun_hash_u64(uint64_t value, uint64_t seed)
{
	// The finaliser of splitmix64 (Steele, Lea, Flood 2014) over seed and value.
	uint64_t z = (value ^ (seed * 0x9e3779b97f4a7c15u)) + 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t lun_hash(const void *bytes, size_t size_bytes, uint64_t seed)
{
	const uint8_t *at = bytes;
	uint64_t hash = lun_hash_u64(size_bytes, seed);
	for (; size_bytes >= 8; size_bytes -= 8, at += 8) {
		uint64_t word;
		memcpy(&word, at, 8);
		hash = lun_hash_u64(word, hash);
	}
	if (size_bytes) {
		uint64_t word = 0;
		memcpy(&word, at, size_bytes);
		hash = lun_hash_u64(word, hash);
	}
	return hash;
}
