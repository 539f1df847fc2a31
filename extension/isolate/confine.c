// The renderer's sandbox: Landlock says which paths can be read, seccomp which system calls there
// are. Both were tried with texts in fonts that had not been seen before, which make Pango open
// files and start threads.
#include "extension/isolate/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Newer than Debian 12's header; the kernel is asked for what it knows.
#define ACCESS_FS_TRUNCATE (1ULL << 14)  /* ABI 3 */
#define ACCESS_FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define ACCESS_FS_ABI_1 ((1ULL << 13) - 1)

struct ruleset {
	uint64_t fs, net, scoped; // ABI 1, 4, 6
};

/* Landlock. */

static const char *const readable[] = {"/usr/share/fonts", "/usr/local/share/fonts", "/etc/fonts",
        "/usr/share/fontconfig", "/var/cache/fontconfig", "/usr/share/zoneinfo", "/etc/localtime",
        "/usr/lib", "/lib", "/proc/self", NULL};

static size_t fill_ruleset(int abi, struct ruleset *out_rules)
{
	*out_rules = (struct ruleset){.fs = ACCESS_FS_ABI_1};
	if (abi >= 2)
		out_rules->fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		out_rules->fs |= ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		out_rules->fs |= ACCESS_FS_IOCTL_DEV;
	if (abi >= 4)
		out_rules->net = 3; // bind and connect
	if (abi >= 6)
		out_rules->scoped = 3; // abstract sockets and signals
	return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

static bool allow_reading(int rules, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return true; // not on this machine
	struct landlock_path_beneath_attr rule = {
	        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = fd};
	struct landlock_path_beneath_attr folder = rule;
	folder.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	// A folder may be listed, too; for a file that right makes no sense and is refused.
	bool is_allowed =
	        syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &folder, 0) == 0 ||
	        syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	(void)close(fd);
	return is_allowed;
}

// @return the ABI in force; 0 when the kernel has no Landlock, -1 with errno
static int restrict_paths(void)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return 0;
	struct ruleset wanted;
	size_t size_bytes = fill_ruleset(abi, &wanted);
	int rules = (int)syscall(SYS_landlock_create_ruleset, &wanted, size_bytes, 0);
	if (rules < 0)
		return -1;
	bool is_right = true;
	for (size_t i = 0; readable[i]; i++)
		is_right = is_right && allow_reading(rules, readable[i]);
	is_right = is_right && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	int why = errno;
	(void)close(rules);
	errno = why;
	return is_right ? abi : -1;
}

/* seccomp. */

static const int plain_calls[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv),
        SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(poll),
        SCMP_SYS(ppoll), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
        SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(munmap),
        SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(close), SCMP_SYS(fstat),
        SCMP_SYS(lseek), SCMP_SYS(eventfd2), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(getpid),
        SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getrandom),
        SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getcpu), SCMP_SYS(rseq),
        SCMP_SYS(membarrier), SCMP_SYS(set_robust_list), SCMP_SYS(sysinfo),
        /* files that Landlock lets through: fonts and their caches */
        SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(access),
        SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getdents64), SCMP_SYS(fstatfs),
        SCMP_SYS(statfs), SCMP_SYS(readlink), SCMP_SYS(readlinkat)};

// Calls that programs of good will try and can do without: refused, not deadly.
static const int refused_calls[] = {SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(unlink),
        SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(chmod), SCMP_SYS(utimensat), SCMP_SYS(link),
        SCMP_SYS(umask), SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setattr),
        SCMP_SYS(sched_getattr), SCMP_SYS(setpriority), SCMP_SYS(getpriority)};

#define FCNTL_CALLS 7

static int add_rules(scmp_filter_ctx filter)
{
	static const unsigned fcntl_commands[FCNTL_CALLS] = {
	        F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GET_SEALS, F_ADD_SEALS, F_SETFL};
	int rc = 0;
	for (size_t i = 0; i < sizeof plain_calls / sizeof plain_calls[0]; i++)
		rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);
	for (size_t i = 0; i < sizeof refused_calls / sizeof refused_calls[0]; i++)
		rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused_calls[i], 0);
	for (size_t i = 0; i < FCNTL_CALLS; i++)
		rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		        SCMP_A1(SCMP_CMP_EQ, fcntl_commands[i]));
	// Memory is never executable. Libraries loaded late (an iconv table) ask for it; they get a no.
	rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1,
	        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
	rc |= seccomp_rule_add(
	        filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	// Files are only read; writing is refused, since fontconfig tries to keep its cache.
	const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	rc |= seccomp_rule_add(
	        filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, writing, 0));
	static const scmp_datum_t write_bits[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
	for (size_t i = 0; i < sizeof write_bits / sizeof write_bits[0]; i++)
		rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
		        SCMP_A2(SCMP_CMP_MASKED_EQ, write_bits[i], write_bits[i]));
	// Threads, not processes. glibc falls back from clone3, whose flags a filter cannot see.
	rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	rc |= seccomp_rule_add(
	        filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	// abort() raises a signal in the own process.
	rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	return rc;
}

static enum lun_result restrict_calls(struct lun_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return lun_fail(err, LUN_UNSUPPORTED, "this system has no seccomp");
	int rc = add_rules(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc != 0)
		return lun_fail(err, LUN_IO, "the system call filter was refused: %s", strerror(-rc));
	return LUN_OK;
}

enum lun_result lun_confine(struct lun_confinement *out_confinement, struct lun_error *err)
{
	*out_confinement = (struct lun_confinement){0};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
		return lun_fail(err, LUN_IO, "cannot give up privileges: %s", strerror(errno));
	int abi = restrict_paths();
	if (abi < 0)
		return lun_fail(err, LUN_IO, "Landlock refused its rules: %s", strerror(errno));
	out_confinement->landlock_abi = abi;
	enum lun_result rc = restrict_calls(err);
	out_confinement->has_seccomp = rc == LUN_OK;
	return rc;
}
