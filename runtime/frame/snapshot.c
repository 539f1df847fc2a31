// The public door to the conversion of a finished frame; the conversion itself is convert.c's.
#include "lunette/snapshot.h"

#include "convert.h"

enum lun_result lun_frame_to_argb(
        const struct lun_frame *frame, uint8_t *out_argb, int argb_stride_bytes)
{
	return lun_convert_frame_to_argb(
	        &frame->format, &frame->layout, frame->data, out_argb, argb_stride_bytes);
}
