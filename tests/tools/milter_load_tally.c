/* What milter_load reports: latencies, counts, processor time, the headers. */
#include "tests/tools/milter_load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* utime and stime of /proc/PID/stat: all threads, also those that ended. */
double
load_cpu_ms(long pid)
{
	char path[64], line[1024], *p;
	unsigned long user, system;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if ((f = fopen(path, "r")) == NULL)
		return -1;
	p = fgets(line, sizeof(line), f) == NULL ? NULL : strrchr(line, ')');
	fclose(f);
	if (p == NULL ||
	    sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		&user, &system) != 2)
		return -1;
	return (double)(user + system) * 1000.0 / (double)sysconf(_SC_CLK_TCK);
}

long
load_rss_kb(long pid)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
percentile_ms(const struct load_tally *t, double share)
{
	if (t->done == 0)
		return 0;
	return t->latencies[(size_t)(share * (double)(t->done - 1))] * 1000;
}

static double
own_cpu_ms(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
	    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
}

/* Per message, all together and each in the order of -P. */
static void
print_cpu(const struct load_tally *t, const struct load_options *o,
    const double *cpu_ms)
{
	double sum = 0, n = t->done > 0 ? (double)t->done : 1;

	for (size_t i = 0; i < o->n_pids; i++)
		sum += cpu_ms[i];
	printf(" cpu_ms_per_msg=%.4f cpu_ms_each=", sum / n);
	for (size_t i = 0; i < o->n_pids; i++)
		printf("%s%.4f", i > 0 ? "," : "", cpu_ms[i] / n);
	printf(" rss_kb=");
	for (size_t i = 0; i < o->n_pids; i++)
		printf("%s%ld", i > 0 ? "," : "", load_rss_kb(o->pids[i]));
	printf(" client_cpu_ms_per_msg=%.4f\n", own_cpu_ms() / n);
}

void
load_tally_print(struct load_tally *t, const struct load_options *o,
    double seconds, const double *cpu_ms)
{
	qsort(t->latencies, t->done, sizeof(*t->latencies), compare);
	printf("label=%s conns=%zu body=%zu msgs=%zu sec=%.3f "
	       "msgs_per_s=%.1f p50_ms=%.3f p99_ms=%.3f max_ms=%.3f "
	       "accept=%zu tempfail=%zu reject=%zu discard=%zu "
	       "quarantine=%zu inserted=%zu changed=%zu lost=%zu",
	    o->label, o->connections, o->body, t->done, seconds,
	    (double)t->done / seconds, percentile_ms(t, .5),
	    percentile_ms(t, .99), percentile_ms(t, 1), t->accept, t->tempfail,
	    t->reject, t->discard, t->quarantine, t->inserted, t->changed,
	    t->lost);
	print_cpu(t, o, cpu_ms);
}

/* The blocks of -x, so that one run can feed the next. */
void
load_tally_write(const struct load_tally *t, const struct load_options *o)
{
	FILE *f = fopen(o->capture, "w");

	if (f == NULL) {
		perror(o->capture);
		exit(69);
	}
	for (size_t i = 0; i < o->messages; i++)
		fprintf(
		    f, "%s\n", t->captured[i] == NULL ? "" : t->captured[i]);
	if (fclose(f) != 0) {
		perror(o->capture);
		exit(69);
	}
}
