/**
 * The files of the page, compiled in. Generated from web/ by embed.cmake.
 */
#pragma once

#include <stddef.h>

struct lun_asset {
	const char *path; /**< of the request: "/app.js" */
	const char *type; /**< Content-Type */
	const unsigned char *bytes;
	size_t size_bytes;
};

/** Ends with an entry whose path is NULL. */
extern const struct lun_asset lun_assets[];
