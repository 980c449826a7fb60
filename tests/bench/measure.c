/*
 * Times whole processes, by turns: measure -n RUNS -- CMD ARG... [-- CMD ARG...]...
 *
 * After one warm-up each, RUNS rounds run every command once, so that a drift of
 * the machine's speed hits all alike. Standard output of the commands is thrown
 * away. Prints a line per command: median wall seconds, median processor seconds
 * (user + system), largest peak memory in KiB, last exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 8
#define MAX_RUNS 101

struct command {
	char **argv;
	double wall[MAX_RUNS], cpu[MAX_RUNS];
	long peak_kib;
	int status;
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The child's part: never returns. */
static void become(char **argv)
{
	int null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int run(struct command *c, int slot)
{
	struct rusage usage;
	int status;
	double begin = now();
	pid_t pid = fork();
	if (pid == 0)
		become(c->argv);
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return -1;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (slot >= 0) {
		c->wall[slot] = now() - begin;
		c->cpu[slot] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	}
	/* Bytes on macOS, KiB elsewhere. */
	long peak = usage.ru_maxrss;
#ifdef __APPLE__
	peak /= 1024;
#endif
	if (peak > c->peak_kib)
		c->peak_kib = peak;
	return c->status == 127 ? -1 : 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	static struct command commands[MAX_COMMANDS];
	int count = 0, runs = 5, i = 1;
	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		runs = (int)strtol(argv[2], NULL, 10);
		i = 3;
	}
	for (; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (i + 1 < argc && count < MAX_COMMANDS)
			commands[count++].argv = argv + i + 1;
	}
	if (count == 0 || runs < 1 || runs > MAX_RUNS) {
		fprintf(stderr, "usage: measure [-n RUNS] -- CMD ARG... [-- CMD ARG...]...\n");
		return 64;
	}
	for (int round = -1; round < runs; round++) {
		for (int c = 0; c < count; c++) {
			if (run(&commands[c], round) != 0)
				return 1;
		}
	}
	for (int c = 0; c < count; c++)
		printf("%.6f %.6f %ld %d\n", median(commands[c].wall, runs),
		       median(commands[c].cpu, runs), commands[c].peak_kib, commands[c].status);
	return 0;
}
