#include "cli/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A signal handler has no other way to reach anybody: the only variables of the
 * program that outlive a call. */
static atomic_bool asked;
static volatile sig_atomic_t which;

static const int watched[] = { SIGINT, SIGTERM, SIGHUP };
#define WATCHED (sizeof(watched) / sizeof(watched[0]))

static void ask(int signal)
{
	which = signal;
	atomic_store_explicit(&asked, true, memory_order_relaxed);
}

void vit_stop_watch(const atomic_bool **stop)
{
	struct sigaction action, before;
	memset(&action, 0, sizeof(action));
	action.sa_handler = ask;
	sigemptyset(&action.sa_mask);
	/* The second one is the system's own. */
	action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
	for (size_t i = 0; i < WATCHED; i++) {
		/* What the caller has us ignore (nohup) stays ignored. */
		if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(watched[i], &action, NULL);
	}
	*stop = &asked;
}

void vit_stop_obey(void)
{
	struct sigaction action, before;
	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < WATCHED; i++) {
		if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler == ask)
			sigaction(watched[i], &action, NULL);
	}
	if (which)
		raise(which);
}
