// Makes and frees the memory behind PipeWire's buffers. Which buffer is filled when is node.c's.
#include "extension/pipewire/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <spa/buffer/meta.h>

// Clients map what we hand them: nobody may shrink it under them (or under us).
static int create_sealed_memfd(size_t size_bytes)
{
	int fd = memfd_create("lunette-frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)size_bytes) < 0 ||
	        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		int code = errno;
		close(fd);
		errno = code;
		return -1;
	}
	return fd;
}

enum lun_result lun_pipewire_buffer_init(
        struct spa_buffer *buffer, size_t size_bytes, struct lun_error *err)
{
	struct spa_data *data = &buffer->datas[0];
	bool takes_memfd = data->type & (1u << SPA_DATA_MemFd);
	data->fd = -1;
	data->data = NULL;
	if (!takes_memfd)
		return lun_fail(err, LUN_UNSUPPORTED, "the client does not take frames in memfds");

	int fd = create_sealed_memfd(size_bytes);
	if (fd < 0)
		return lun_fail(err, LUN_IO, "no memory for a frame: %s", strerror(errno));
	void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		int code = errno;
		close(fd);
		return lun_fail(err, LUN_IO, "cannot map a frame: %s", strerror(code));
	}
	data->type = SPA_DATA_MemFd;
	data->flags = SPA_DATA_FLAG_READWRITE;
#ifdef SPA_DATA_FLAG_MAPPABLE
	data->flags |= SPA_DATA_FLAG_MAPPABLE;
#endif
	data->fd = fd;
	data->mapoffset = 0;
	data->maxsize = (uint32_t)size_bytes;
	data->data = memory;
	return LUN_OK;
}

void lun_pipewire_buffer_finish(struct spa_buffer *buffer)
{
	struct spa_data *data = &buffer->datas[0];
	if (data->data)
		munmap(data->data, data->maxsize);
	if (data->fd >= 0)
		close((int)data->fd);
	data->data = NULL;
	data->fd = -1;
}

uint32_t lun_pipewire_buffer_readers(const struct spa_buffer *buffer)
{
	const struct spa_meta_busy *busy =
	        spa_buffer_find_meta_data(buffer, SPA_META_Busy, sizeof *busy);
	return busy ? __atomic_load_n(&busy->count, __ATOMIC_SEQ_CST) : 0;
}

void lun_pipewire_buffer_set_readers(struct spa_buffer *buffer, uint32_t readers)
{
	struct spa_meta_busy *busy = spa_buffer_find_meta_data(buffer, SPA_META_Busy, sizeof *busy);
	if (busy)
		__atomic_store_n(&busy->count, readers, __ATOMIC_SEQ_CST);
}
