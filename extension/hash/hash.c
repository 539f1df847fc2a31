// One line a frame on standard output: number and SHA-256 of the packed frame. The padding of a
// frame in memory never enters the hash, so equal pixels give equal lines in every process.
#include "extension/hash/hash.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extension/file/target.h"

#define SHA256_BYTES 32

struct hash_output {
	struct lun_output base;
	struct lun_target *target; // owned; standard output
	uint8_t *packed;           // owned; NULL before the first frame
	size_t packed_bytes;
};

static enum lun_result open_hash(const struct lun_output_params *params,
        struct lun_output **out_output, struct lun_error *err)
{
	if (params->target && *params->target) {
		return lun_fail(err, LUN_INVALID,
		        "hash: writes to standard output and takes no name, not \"%s\"", params->target);
	}
	struct lun_target *target;
	enum lun_result rc = lun_target_open("-", &target, err);
	if (rc != LUN_OK)
		return rc;
	struct hash_output *hash = lun_alloc(sizeof *hash);
	hash->base.class = &lun_hash_output;
	hash->target = target;
	*out_output = &hash->base;
	return LUN_OK;
}

static enum lun_result reserve_packed(
        struct hash_output *hash, size_t size_bytes, struct lun_error *err)
{
	if (size_bytes <= hash->packed_bytes)
		return LUN_OK;
	uint8_t *packed = realloc(hash->packed, size_bytes);
	if (!packed)
		return lun_fail(err, LUN_NOMEM, "hash: no memory for a frame of %zu bytes", size_bytes);
	hash->packed = packed;
	hash->packed_bytes = size_bytes;
	return LUN_OK;
}

static void format_line(
        char *line, size_t line_bytes, uint64_t number, const unsigned char digest[SHA256_BYTES])
{
	int length = snprintf(line, line_bytes, "%" PRIu64 " ", number);
	for (int i = 0; i < SHA256_BYTES; i++)
		length += snprintf(line + length, line_bytes - (size_t)length, "%02x", digest[i]);
	(void)snprintf(line + length, line_bytes - (size_t)length, "\n");
}

static enum lun_result submit_hash(
        struct lun_output *output, const struct lun_frame *frame, struct lun_error *err)
{
	struct hash_output *hash = (struct hash_output *)output;
	size_t size_bytes = lun_format_packed_bytes(&frame->format);
	enum lun_result rc = reserve_packed(hash, size_bytes, err);
	if (rc != LUN_OK)
		return rc;
	lun_format_pack(&frame->format, &frame->layout, frame->data, hash->packed);

	unsigned char digest[SHA256_BYTES];
	if (EVP_Digest(hash->packed, size_bytes, digest, NULL, EVP_sha256(), NULL) != 1)
		return lun_fail(err, LUN_IO, "hash: OpenSSL on this machine refuses SHA-256");
	char line[20 + 1 + 2 * SHA256_BYTES + 2];
	format_line(line, sizeof line, frame->number, digest);
	return lun_target_write(hash->target, line, strlen(line), err);
}

static enum lun_result finish_hash(struct lun_output *output, struct lun_error *err)
{
	return lun_target_commit(((struct hash_output *)output)->target, err);
}

static void close_hash(struct lun_output *output)
{
	struct hash_output *hash = (struct hash_output *)output;
	if (!hash)
		return;
	lun_target_close(hash->target);
	free(hash->packed);
	free(hash);
}

const struct lun_output_class lun_hash_output = {
        .name = "hash",
        .help = "print number and SHA-256 of each frame",
        .open = open_hash,
        .submit = submit_hash,
        .finish = finish_hash,
        .close = close_hash,
};
