/* failing_libc.c: to be loaded before libc (LD_PRELOAD): lets one of its functions fail at the Nth
 * time. Written for tests/starvation.sh.
 *
 *     FAILING=FUNCTION[+FUNCTION]...:N:HOW[:TOLD]
 *
 * HOW is an errno's number; `short`, which reads or writes one byte only; or `+NUMBER`, which does
 * what is asked and then sends this signal to the process itself. N followed by `-` means the Nth
 * time and all after it. A file TOLD is made when it happens, so that the script sees whether there
 * were N times. Counting begins with main(): what libraries do before it is not the program's.
 * `own_malloc` is malloc, calloc and realloc where the program itself calls them: OpenBLAS does not
 * look whether it got what it asked for. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	char functions[64], told[200];
	long first, last;
	int error, signal_number;
	bool is_short;
} plan;
static atomic_bool is_armed;
static atomic_long n_calls;

static void tell(void)
{
	const long file = plan.told[0] ? syscall(SYS_openat, AT_FDCWD, plan.told, O_CREAT | O_WRONLY, 0600) : -1;

	if (file >= 0)
		syscall(SYS_close, file);
}

static bool is_planned(const char *function)
{
	const size_t n = strlen(function);

	for (const char *at = plan.functions; *at; at += strcspn(at, "+"), at += *at == '+')
		if (strcspn(at, "+") == n && strncmp(at, function, n) == 0)
			return true;
	return false;
}

/* True: it is this function's turn. */
static bool is_due(const char *function)
{
	long call;

	if (!atomic_load(&is_armed) || !is_planned(function))
		return false;
	call = atomic_fetch_add(&n_calls, 1) + 1;
	if (call < plan.first || call > plan.last)
		return false;
	tell();
	return true;
}

static void read_plan(const char *text)
{
	char first[24] = "", how[24] = "";

	if (sscanf(text, "%63[^:]:%23[^:]:%23[^:]:%199[^\n]", plan.functions, first, how, plan.told) < 3)
		abort();
	plan.first = atol(first);
	plan.last = strchr(first, '-') ? 0x7fffffff : plan.first;
	plan.is_short = strcmp(how, "short") == 0;
	plan.signal_number = how[0] == '+' ? atoi(how + 1) : 0;
	plan.error = plan.is_short || plan.signal_number ? 0 : atoi(how);
}

typedef int main_function(int, char **, char **);
static main_function *real_main;

static int armed_main(int argc, char **argv, char **environment)
{
	const char *text = getenv("FAILING");

	if (text) {
		read_plan(text);
		atomic_store(&is_armed, true);
	}
	return real_main(argc, argv, environment);
}

typedef int start_function(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
start_function start_main __asm__("__libc_start_main");

int start_main(main_function *function, int argc, char **argv, void (*start)(void), void (*end)(void), void (*end_of_loader)(void), void *stack)
{
	start_function *next;

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = function;
	return next(armed_main, argc, argv, start, end, end_of_loader, stack);
}

/* Defines what the linker knows as `symbol`: it fails as `function` is planned to, or calls the
 * next library's. A signal comes when that is done. */
#define WRAP(type, function, symbol, failure, parameters, call) \
	type failing_##symbol parameters __asm__(#symbol); \
	type failing_##symbol parameters \
	{ \
		const bool is_now = is_due(#function); \
		type (*next) parameters; /* NOLINT(bugprone-macro-parentheses): of a declaration */ \
		type result; \
		if (is_now && plan.error) { \
			errno = plan.error; \
			return failure; \
		} \
		*(void **)&next = dlsym(RTLD_NEXT, #symbol); \
		result = next call; \
		if (is_now && plan.signal_number) \
			send_signal(); \
		return result; \
	}

/* Both names: with offsets of 64 bits, and without. */
#define WRAP_64(type, function, failure, parameters, call) \
	WRAP(type, function, function, failure, parameters, call) \
	WRAP(type, function, function##64, failure, parameters, call)

#define SHORT(n) (is_now && plan.is_short && (n) ? 1 : (n))

static void send_signal(void)
{
	const int error = errno;

	raise(plan.signal_number);
	errno = error;
}

WRAP(ssize_t, read, read, -1, (int file, void *bytes, size_t n), (file, bytes, SHORT(n)))
WRAP(ssize_t, write, write, -1, (int file, const void *bytes, size_t n), (file, bytes, SHORT(n)))
WRAP_64(ssize_t, pread, -1, (int file, void *bytes, size_t n, off_t at), (file, bytes, SHORT(n), at))
/* mode is nonsense where there is none */
WRAP_64(int, open, -1, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP_64(int, mkostemp, -1, (char *name, int flags), (name, flags))
WRAP_64(int, stat, -1, (const char *path, void *info), (path, info))
WRAP_64(int, lstat, -1, (const char *path, void *info), (path, info))
WRAP_64(int, fstat, -1, (int file, void *info), (file, info))
WRAP_64(void *, mmap, MAP_FAILED, (void *at, size_t n, int protection, int flags, int file, off_t offset),
	(at, n, protection, flags, file, offset))
WRAP(int, close, close, -1, (int file), (file))
WRAP(int, fsync, fsync, -1, (int file), (file))
WRAP(int, fchmod, fchmod, -1, (int file, mode_t mode), (file, mode))
WRAP(int, futimens, futimens, -1, (int file, const void *times), (file, times))
WRAP(int, link, link, -1, (const char *from, const char *to), (from, to))
WRAP(int, access, access, -1, (const char *path, int mode), (path, mode))
WRAP(int, renameat2, renameat2, -1, (int from_folder, const char *from, int to_folder, const char *to, unsigned flags),
	(from_folder, from, to_folder, to, flags))
WRAP(int, rename, rename, -1, (const char *from, const char *to), (from, to))
WRAP(int, unlink, unlink, -1, (const char *path), (path))
WRAP(int, pthread_create, pthread_create, plan.error, (pthread_t *thread, const void *attributes, void *(*run)(void *), void *argument),
	(thread, attributes, run, argument))

/* The first object is the program. */
static int find_program(struct dl_phdr_info *object, size_t size, void *out)
{
	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_LOAD && object->dlpi_phdr[i].p_flags & PF_X) {
			((uintptr_t *)out)[0] = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
			((uintptr_t *)out)[1] = ((uintptr_t *)out)[0] + object->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

static bool is_own(const void *caller)
{
	uintptr_t code[2] = { 0 };

	dl_iterate_phdr(find_program, code);
	return (uintptr_t)caller >= code[0] && (uintptr_t)caller < code[1];
}

/* Memory is asked for while dlsym works. */
void *libc_malloc(size_t) __asm__("__libc_malloc");
void *libc_calloc(size_t, size_t) __asm__("__libc_calloc");
void *libc_realloc(void *, size_t) __asm__("__libc_realloc");

static bool is_denied(const void *caller)
{
	if (!atomic_load(&is_armed) || !plan.error ||
	    !(is_due("malloc") || (is_planned("own_malloc") && is_own(caller) && is_due("own_malloc"))))
		return false;
	errno = plan.error;
	return true;
}

#define NO_MEMORY() is_denied(__builtin_return_address(0))

void *malloc(size_t n) { return NO_MEMORY() ? NULL : libc_malloc(n); }
void *calloc(size_t count, size_t size) { return NO_MEMORY() ? NULL : libc_calloc(count, size); }
void *realloc(void *memory, size_t n) { return NO_MEMORY() ? NULL : libc_realloc(memory, n); }
