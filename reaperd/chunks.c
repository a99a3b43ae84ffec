/* Memory by chunks; knows nothing of what is put there. */
#include "reaperd/chunks.h"

#include <stdlib.h>

static int
add_chunk(struct chunks *c)
{
	uint8_t **v = reallocarray(c->v, c->n + 1, sizeof(*v));

	if (v == NULL)
		return -1;
	c->v = v;
	if ((v[c->n] = calloc(1, CHUNK_BYTES)) == NULL)
		return -1;
	c->n++;
	return 0;
}

int
chunks_reserve(struct chunks *c, size_t bytes)
{
	while (c->n * CHUNK_BYTES < bytes)
		if (add_chunk(c) == -1)
			return -1;
	return 0;
}

void
chunks_free(struct chunks *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i]);
	free(c->v);
	*c = (struct chunks){ 0 };
}

size_t
chunks_memory(const struct chunks *c)
{
	return c->n * (CHUNK_BYTES + sizeof(*c->v));
}
