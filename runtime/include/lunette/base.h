/**
 * What every part of Lunette leans on: results, errors, checked allocation.
 *
 * Thread: any.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lun_result {
	LUN_OK = 0,
	LUN_INVALID,     /**< the caller or the user asked for something that makes no sense */
	LUN_NOT_FOUND,   /**< a file, a scene, a device that is not there */
	LUN_UNSUPPORTED, /**< understood, but not offered here */
	LUN_NOMEM,       /**< an allocation whose size somebody else controls was refused */
	LUN_LIMIT,       /**< a documented limit was exceeded */
	LUN_IO,          /**< the operating system or a peer failed */
	LUN_SCRIPT,      /**< a scene raised an error: path, line and traceback are filled */
};

/**
 * What went wrong, in a sentence a user can act on. Filled by the leaf that failed.
 *
 * Plain memory, owned by whoever declares it; path, line and traceback are set for scene errors
 * and empty otherwise.
 */
struct lun_error {
	enum lun_result code;
	int line; /**< 1-based; 0 = unknown */
	char path[512];
	char message[1024];
	char traceback[4096];
};

#if defined(__GNUC__)
#define LUN_PRINTF(format_arg, first_arg) __attribute__((format(printf, format_arg, first_arg)))
#define LUN_NORETURN __attribute__((noreturn))
#else
#define LUN_PRINTF(format_arg, first_arg)
#define LUN_NORETURN
#endif

/**
 * Fill err (which may be NULL) and return code, so that a leaf can say
 * `return lun_fail(err, LUN_NOT_FOUND, "no scene.lua in %s", dir);`
 */
enum lun_result lun_fail(struct lun_error *err, enum lun_result code, const char *format, ...)
        LUN_PRINTF(3, 4);

/** Zeroed memory of a small size that nobody outside controls. Never NULL: aborts when refused. */
void *lun_alloc(size_t size_bytes);

/** Copy of a small string. Never NULL. The caller frees it with free(). */
char *lun_strdup(const char *text);

/** printf into fresh memory. Never NULL. The caller frees it with free(). */
char *lun_format_string(const char *format, ...) LUN_PRINTF(1, 2);

/** @return false when a * b does not fit in size_t; then *out_product is untouched */
bool lun_mul_size(size_t a, size_t b, size_t *out_product);

/** A broken contract inside Lunette: says where and aborts. Also in release builds. */
#define lun_assert(condition) \
	((condition) ? (void)0 : lun_assert_failed(#condition, __FILE__, __LINE__))
LUN_NORETURN void lun_assert_failed(const char *condition, const char *file, int line);

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t lun_now_ns(void);

/** CPU time of the calling thread in nanoseconds. */
uint64_t lun_thread_cpu_ns(void);

/**
 * 64-bit hash for identity inside one process (caches, comparison of frames); not for security and
 * not stable between versions. Chain calls by handing the last value on as seed; start with 0.
 */
uint64_t lun_hash(const void *bytes, size_t size_bytes, uint64_t seed);

/** lun_hash of one number: cheap, for mixing. */
uint64_t lun_hash_u64(uint64_t value, uint64_t seed);
