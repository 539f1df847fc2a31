/**
 * The output that counts frames and throws them away.
 */
#pragma once

#include "extension/output.h"

extern const struct lun_output_class lun_null_output;

/** How many frames were submitted. output is one of this class. */
uint64_t lun_null_output_frames(const struct lun_output *output);
