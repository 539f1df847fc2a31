/**
 * The output that writes one line a frame on standard output: its number and the SHA-256 of its
 * packed bytes, as `ffmpeg -f framehash -hash sha256` computes it over the same raw frames.
 */
#pragma once

#include "extension/output.h"

extern const struct lun_output_class lun_hash_output;
