/* Batches of rows in the layout of Arrow, and their export: the C data interface of its specification.
 *
 * A batch is one allocation that has room for all rows, and a few that grow.  Whoever reads it holds a
 * reference: the Batch, each exported array, and each child of one, since a consumer may move children
 * out and keep them longer.  Texts of a source are views into it, so a batch holds the sources too.
 * Counts are atomic: the last reference may be dropped by any thread, without the GIL. */
#ifndef SIPFAST_ARROW_H
#define SIPFAST_ARROW_H

#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "slots.h"

#if defined(__linux__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#define SIP_GIVES_BACK 1
#endif

/* ---- the structures of the specification ----------------------------------------------------- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_NULLABLE 2

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};
#endif

/* ---- bounds ----------------------------------------------------------------------------------- */

#define SIP_LONGEST ((uint64_t)INT32_MAX) /* an offset has 32 bits, one of them for the sign */
#define SIP_SLAB ((size_t)64 << 20) /* a batch of many columns has fewer rows */
#define SIP_COPIES ((uint64_t)64 << 20) /* so many bytes of copied text end a batch */
#define SIP_WINDOWS 1024u /* so many, of sources, end a batch */
#define SIP_BEFORE 65536u /* bytes of a window before the first text in it: columns have any order */
#define SIP_PART ((uint64_t)16 << 20) /* so much of a source ends a batch of views */
#define SIP_MANY 8192u /* if it has so many rows */
#define SIP_READ ((size_t)8 << 20) /* so much of a mapped file is given back at once */
#define SIP_INLINE_TEXT 12u /* a view has the bytes of a text as long as this itself */
#define SIP_ALIGNED 64u

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SIP_BIG_ENDIAN 1
#else
#define SIP_BIG_ENDIAN 0
#endif

#define SIP_ROUND_UP(size) (((size) + SIP_ALIGNED - 1) & ~(size_t)(SIP_ALIGNED - 1))

/* ---- counts ----------------------------------------------------------------------------------- */

#if defined(__GNUC__) || defined(__clang__)
static inline void sip_refer(int64_t *count) { __atomic_fetch_add(count, 1, __ATOMIC_RELAXED); }

/* Whether that was the last reference. */
static inline int sip_dropped(int64_t *count)
{
    return __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) == 0;
}

static inline void *sip_exchange(void **place, void *pointer)
{
    return __atomic_exchange_n(place, pointer, __ATOMIC_ACQ_REL);
}

/* Whether the place had nothing, and has the pointer now. */
static inline int sip_placed(void **place, void *pointer)
{
    void *none = NULL;
    return __atomic_compare_exchange_n(place, &none, pointer, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
#else
#include <intrin.h>
static inline void sip_refer(int64_t *count) { _InterlockedIncrement64(count); }

static inline int sip_dropped(int64_t *count) { return _InterlockedDecrement64(count) == 0; }

static inline void *sip_exchange(void **place, void *pointer)
{
    return _InterlockedExchangePointer(place, pointer);
}

static inline int sip_placed(void **place, void *pointer)
{
    return _InterlockedCompareExchangePointer(place, pointer, NULL) == NULL;
}
#endif

/* Whether Python can be called: an array may outlive it. */
static inline int sip_python_runs(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return Py_IsInitialized() && !Py_IsFinalizing();
#else
    return Py_IsInitialized() && !_Py_IsFinalizing();
#endif
}

/* ---- sources ---------------------------------------------------------------------------------- */

typedef struct {
    int64_t count;
    Py_buffer view;
    int mapped; /* pages can be given back: they come again from the file */
} sip_source;

/* Give back the whole pages from `start` to `end`. */
static void sip_give_back(const uint8_t *start, const uint8_t *end)
{
#ifdef SIP_GIVES_BACK
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first, last;
    first = ((uintptr_t)start + page - 1) & ~(page - 1);
    last = (uintptr_t)end & ~(page - 1);
    if (first < last)
        madvise((void *)first, last - first, MADV_DONTNEED);
#else
    (void)start, (void)end;
#endif
}

static void sip_drop_source(sip_source *source)
{
    if (source == NULL || !sip_dropped(&source->count))
        return;
    if (sip_python_runs()) { /* after its end, the buffer stays */
        PyGILState_STATE state = PyGILState_Ensure();
        PyBuffer_Release(&source->view);
        PyGILState_Release(state);
        free(source);
    }
}

/* ---- the columns of a batch ------------------------------------------------------------------- */

typedef struct { /* a column of texts, or the items of a column of lists */
    uint8_t *values; /* views, or offsets into `data` */
    uint8_t *data; /* of utf8 */
    uint64_t room; /* of `data` */
    uint32_t slot;
    uint32_t longest;
} sip_texts;

typedef struct {
    uint8_t *values;
    uint32_t slot;
    uint32_t size; /* bytes of a value; 0: a bit */
} sip_numbers;

typedef struct {
    int32_t *offsets;
    sip_texts items;
    uint32_t room; /* items */
    uint32_t slot;
} sip_lists;

typedef struct { /* what is the same for all batches of a schema */
    uint32_t columns, texts, lists, numbers;
    uint32_t words; /* of validity, in a row */
    uint32_t rows; /* the most of a batch */
    int views;
    uint8_t *types; /* of each column */
    uint32_t *places; /* of each column: where it is among texts, then numbers, then lists */
    size_t slab;
} sip_layout;

typedef struct {
    const uint8_t *base;
    uint64_t size;
    sip_source *source;
} sip_window;

typedef struct sip_pool sip_pool;

struct sip_batch {
    int64_t count;
    sip_pool *pool;
    uint32_t rows;
    struct sip_slab *slab; /* the memory of all that has a fixed size */
    uint64_t *valid; /* `words` a row: a bit for each column, in the order of places */
    sip_texts *texts;
    sip_numbers *numbers;
    sip_lists *lists;
    uint8_t **validity; /* of each column, room for a bitmap */
    int64_t *nulls;
    uint8_t *bits; /* room for the bitmaps of BOOL columns, one after the other */
    uint8_t *arena; /* copied texts, of views */
    uint64_t arena_used, arena_room;
    sip_window *windows;
    uint32_t window_count, window_room;
    const void **buffers; /* of all columns */
    uint32_t *starts; /* of each column, in `buffers`; of the items of a list, in one more each */
};

#define SIP_KEPT 2 /* batches that wait for the next use of their memory */

struct sip_pool { /* shared by the assembler and its batches */
    int64_t count;
    sip_layout layout;
    void *kept[SIP_KEPT]; /* batches, or NULL */
    volatile int open; /* the assembler is there: what is kept after that waits for the last batch */
    uint32_t batches; /* that were made */
};

struct sip_assembler {
    sip_pool *pool;
    sip_batch *batch; /* NULL before its first row */
    sip_source *source;
    const uint8_t *base; /* of the current window */
    uint64_t room; /* of the window: no text goes further */
    uint64_t safe; /* before here, 12 bytes from a text on can be read */
    uint64_t used; /* of the window so far */
    uint32_t window; /* the number of its buffer; 0 is the arena */
    const uint8_t *given_back; /* the pages of the source before here */
    const uint8_t *last; /* a text of the source that was copied, among the last ones */
    uint64_t *all; /* the words of validity of all rows, joined by `and` */
    uint64_t copied; /* bytes, in this batch */
    int full; /* the batch has a row that is its last */
};

/* ---- the memory of rows -----------------------------------------------------------------------
 *
 * To get fresh pages costs as much as to fill them.  So they are used again: by the same assembler, and
 * one slab by the next one.  Others of utf8 have large pages, but for the first batch of an assembler,
 * which may have few rows: the beginning of each column would take one.  So it would in batches of views,
 * which end with a part of the source. */

#define SIP_SPARE ((size_t)16 << 20) /* a larger slab is not kept */
#define SIP_LARGE_PAGE ((size_t)2 << 20)

typedef struct sip_slab {
    size_t size; /* of the whole */
    uint8_t *rows; /* in it, aligned */
    uint8_t memory[1];
} sip_slab;

static void *sip_spare; /* a slab, or NULL */

static void sip_free_slab(sip_slab *slab)
{
    if (slab != NULL && slab->size <= SIP_SPARE)
        slab = sip_exchange(&sip_spare, slab);
    if (slab == NULL)
        return;
#ifdef SIP_GIVES_BACK
    munmap(slab, slab->size);
#else
    free(slab);
#endif
}

static sip_slab *sip_new_slab(size_t rows, int large)
{
    size_t size = sizeof(sip_slab) + SIP_ALIGNED + rows + (large ? SIP_LARGE_PAGE : 0);
    sip_slab *slab = sip_exchange(&sip_spare, NULL);
    if (slab != NULL && slab->size - (size_t)(slab->rows - (uint8_t *)slab) >= rows)
        return slab;
    sip_free_slab(slab);
#ifdef SIP_GIVES_BACK
    slab = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slab == MAP_FAILED)
        return NULL;
#else
    slab = malloc(size);
    if (slab == NULL)
        return NULL;
#endif
    slab->size = size;
    slab->rows = (uint8_t *)SIP_ROUND_UP((uintptr_t)slab->memory);
#ifdef MADV_HUGEPAGE
    if (large) {
        slab->rows = (uint8_t *)(((uintptr_t)slab->memory + SIP_LARGE_PAGE - 1) & ~(SIP_LARGE_PAGE - 1));
        madvise(slab->rows, rows & ~(SIP_LARGE_PAGE - 1), MADV_HUGEPAGE);
    }
#endif
    return slab;
}

static void sip_free_batch(sip_batch *batch)
{
    const sip_layout *layout = &batch->pool->layout;
    if (batch->texts != NULL)
        for (uint32_t i = 0; i < layout->texts; i++)
            free(batch->texts[i].data);
    if (batch->lists != NULL)
        for (uint32_t i = 0; i < layout->lists; i++) {
            free(batch->lists[i].items.values);
            free(batch->lists[i].items.data);
        }
    free(batch->texts);
    free(batch->numbers);
    free(batch->lists);
    free(batch->validity);
    free(batch->nulls);
    free(batch->buffers);
    free(batch->starts);
    free(batch->windows);
    free(batch->arena);
    sip_free_slab(batch->slab);
    free(batch);
}

static void sip_drop_kept(sip_pool *pool)
{
    for (int i = 0; i < SIP_KEPT; i++) {
        sip_batch *kept = sip_exchange(&pool->kept[i], NULL);
        if (kept != NULL)
            sip_free_batch(kept);
    }
}

static void sip_drop_pool(sip_pool *pool)
{
    if (!sip_dropped(&pool->count))
        return;
    sip_drop_kept(pool);
    free(pool->layout.types);
    free(pool->layout.places);
    free(pool);
}

/* Release what a batch holds of others. */
static void sip_empty_batch(sip_batch *batch)
{
    for (uint32_t i = 0; i < batch->window_count; i++) {
        sip_window *window = &batch->windows[i];
        if (window->source->mapped)
            sip_give_back(window->base, window->base + window->size);
        sip_drop_source(window->source);
    }
    batch->window_count = 0;
    batch->rows = 0;
    batch->arena_used = 0;
}

static void sip_drop_batch(sip_batch *batch)
{
    sip_pool *pool = batch->pool;
    if (!sip_dropped(&batch->count))
        return;
    sip_empty_batch(batch);
    for (int i = 0; i < SIP_KEPT && batch != NULL && pool->open; i++)
        if (sip_placed(&pool->kept[i], batch))
            batch = NULL;
    if (batch != NULL)
        sip_free_batch(batch);
    sip_drop_pool(pool);
}

static size_t sip_size_of(int type)
{
    switch (type) {
    case SIP_UINT16: return 2;
    case SIP_UINT32: return 4;
    case SIP_INT64:
    case SIP_TIME: return 8;
    default: return 1; /* BOOL: a byte, until the batch is taken */
    }
}

/* The bytes of a column's values; offsets have one more than there are rows. */
static size_t sip_values_of(const sip_layout *layout, int type)
{
    size_t rows = layout->rows;
    if (type == SIP_TEXT)
        return SIP_ROUND_UP(layout->views ? 16 * rows : 4 * (rows + 1));
    if (type == SIP_TEXTS)
        return SIP_ROUND_UP(4 * (rows + 1));
    return SIP_ROUND_UP(sip_size_of(type) * rows);
}

#define SIP_BITMAP(layout) SIP_ROUND_UP(((size_t)(layout)->rows + 63) / 64 * 8)

static size_t sip_slab_of(const sip_layout *layout)
{
    size_t size = SIP_ROUND_UP(((size_t)layout->rows * layout->words + 1) * 8);
    for (uint32_t i = 0; i < layout->columns; i++) {
        size += sip_values_of(layout, layout->types[i]) + SIP_BITMAP(layout);
        if (layout->types[i] == SIP_BOOL)
            size += SIP_BITMAP(layout);
    }
    return size;
}

static sip_assembler *sip_new_assembler(const uint8_t *types, uint32_t columns, int views, uint32_t rows)
{
    sip_assembler *own = calloc(1, sizeof(sip_assembler));
    sip_pool *pool = calloc(1, sizeof(sip_pool));
    sip_layout *layout;
    uint32_t numbers = 0, lists = 0, texts = 0, i;
    if (own == NULL || pool == NULL)
        goto failed;
    layout = &pool->layout;
    layout->columns = columns;
    layout->words = (columns + 63) / 64;
    layout->views = views;
    layout->types = malloc(columns ? columns : 1);
    layout->places = malloc((columns ? columns : 1) * sizeof(uint32_t));
    own->all = malloc((layout->words ? layout->words : 1) * 8);
    if (layout->types == NULL || layout->places == NULL || own->all == NULL)
        goto failed;
    memcpy(layout->types, types, columns);
    for (i = 0; i < columns; i++) {
        layout->texts += types[i] == SIP_TEXT;
        layout->lists += types[i] == SIP_TEXTS;
    }
    layout->numbers = columns - layout->texts - layout->lists;
    for (i = 0; i < columns; i++)
        layout->places[i] = types[i] == SIP_TEXT ? texts++
            : types[i] == SIP_TEXTS              ? layout->texts + layout->numbers + lists++
                                                 : layout->texts + numbers++;
    i = (uint32_t)(SIP_SLAB / 16 / (columns ? columns : 1));
    i = i < 64 ? 64 : i;
    layout->rows = rows < i ? rows : i;
    layout->slab = sip_slab_of(layout);
    pool->count = 1;
    pool->open = 1;
    own->pool = pool;
    return own;
failed:
    if (pool != NULL) {
        free(pool->layout.types);
        free(pool->layout.places);
    }
    if (own != NULL)
        free(own->all);
    free(pool);
    free(own);
    return NULL;
}

static void sip_free_assembler(sip_assembler *own)
{
    if (own == NULL)
        return;
    own->pool->open = 0;
    sip_drop_kept(own->pool);
    if (own->batch != NULL)
        sip_drop_batch(own->batch);
    sip_drop_source(own->source);
    sip_drop_pool(own->pool);
    free(own->all);
    free(own);
}

static sip_batch *sip_new_batch(sip_pool *pool)
{
    const sip_layout *layout = &pool->layout;
    sip_batch *batch = calloc(1, sizeof(sip_batch));
    uint8_t *at;
    uint32_t i, texts = 0, numbers = 0, lists = 0;
    if (batch == NULL)
        return NULL;
    batch->pool = pool;
    batch->slab = sip_new_slab(
        layout->slab, !layout->views && pool->batches++ > 0 && layout->slab > 2 * SIP_LARGE_PAGE);
    batch->texts = calloc((size_t)layout->texts + 1, sizeof(sip_texts));
    batch->numbers = calloc((size_t)layout->numbers + 1, sizeof(sip_numbers));
    batch->lists = calloc((size_t)layout->lists + 1, sizeof(sip_lists));
    batch->validity = calloc((size_t)layout->columns + 1, sizeof(uint8_t *));
    batch->nulls = calloc((size_t)layout->columns + 1, sizeof(int64_t));
    batch->starts = calloc((size_t)layout->columns * 2 + 1, sizeof(uint32_t));
    if (batch->slab == NULL || batch->texts == NULL || batch->numbers == NULL || batch->lists == NULL
        || batch->validity == NULL || batch->nulls == NULL || batch->starts == NULL) {
        sip_free_batch(batch);
        return NULL;
    }
    at = batch->slab->rows;
    batch->valid = (uint64_t *)at;
    at += SIP_ROUND_UP(((size_t)layout->rows * layout->words + 1) * 8);
    for (i = 0; i < layout->columns; i++) {
        int type = layout->types[i];
        if (type == SIP_TEXT) {
            batch->texts[texts].slot = i;
            batch->texts[texts++].values = at;
            if (!layout->views)
                memset(at, 0, 4);
        } else if (type == SIP_TEXTS) {
            batch->lists[lists].slot = i;
            batch->lists[lists++].offsets = (int32_t *)at;
            memset(at, 0, 4);
        } else {
            batch->numbers[numbers].slot = i;
            batch->numbers[numbers].size = type == SIP_BOOL ? 0 : (uint32_t)sip_size_of(type);
            batch->numbers[numbers++].values = at;
        }
        at += sip_values_of(layout, type);
        batch->validity[i] = at;
        at += SIP_BITMAP(layout);
    }
    batch->bits = at;
    return batch;
}

/* The batch of the next row. */
SIP_COLD static sip_batch *sip_begin_batch(sip_assembler *own)
{
    sip_pool *pool = own->pool;
    sip_batch *batch = NULL;
    uint32_t i;
    for (i = 0; i < SIP_KEPT && batch == NULL; i++)
        batch = sip_exchange(&pool->kept[i], NULL);
    if (batch == NULL)
        batch = sip_new_batch(pool);
    if (batch == NULL)
        return NULL;
    for (i = 0; i < pool->layout.texts; i++)
        batch->texts[i].longest = 0;
    for (i = 0; i < pool->layout.lists; i++)
        batch->lists[i].items.longest = 0;
    batch->count = 1;
    sip_refer(&pool->count);
    memset(own->all, 0xff, pool->layout.words * 8);
    own->copied = 0;
    own->full = 0;
    own->batch = batch;
    return batch;
}

/* ---- windows ---------------------------------------------------------------------------------- */

/* A batch of views has windows of the source, since offsets have 31 bits.  Texts of utf8 are copied. */
static void sip_leave_window(sip_assembler *own)
{
    if (own->window != 0)
        own->batch->windows[own->window - 1].size = own->used;
    own->base = NULL;
    own->room = own->safe = own->used = 0;
    own->window = 0;
    if (!own->pool->layout.views && own->source != NULL) {
        own->base = own->source->view.buf;
        own->room = (uint64_t)own->source->view.len;
        own->safe = own->room < SIP_INLINE_TEXT ? 0 : own->room - SIP_INLINE_TEXT + 1;
    }
}

static void sip_enter_window(sip_assembler *own, uint32_t number)
{
    const sip_window *window = &own->batch->windows[number];
    uint64_t after = (uint64_t)((const uint8_t *)window->source->view.buf + window->source->view.len - window->base);
    own->base = window->base;
    own->used = window->size;
    own->room = after < SIP_LONGEST ? after : SIP_LONGEST;
    own->safe = own->room < SIP_INLINE_TEXT ? 0 : own->room - SIP_INLINE_TEXT + 1;
    own->window = number + 1;
}

/* Make the window that has this text the current one. */
SIP_COLD static int sip_find_window(sip_assembler *own, const uint8_t *text, uint32_t length)
{
    const sip_source *source = own->source;
    sip_batch *batch = own->batch;
    uintptr_t at = (uintptr_t)text, start, tried;
    uint64_t size;
    if (source == NULL)
        return SIP_OUT_OF_PLACE;
    start = (uintptr_t)source->view.buf;
    size = (uint64_t)source->view.len;
    if (at < start || at - start > size || length > size - (at - start) || length > SIP_LONGEST - SIP_BEFORE)
        return SIP_OUT_OF_PLACE;
    if (!own->pool->layout.views)
        return SIP_APPENDED;
    sip_leave_window(own);
    tried = batch->window_count < 4 ? batch->window_count : 4;
    for (uint32_t i = batch->window_count; tried-- > 0;) {
        const sip_window *window = &batch->windows[--i];
        if (window->source != source)
            continue;
        sip_enter_window(own, i);
        if (at - (uintptr_t)own->base <= own->room && length <= own->room - (at - (uintptr_t)own->base))
            return SIP_APPENDED;
        sip_leave_window(own);
    }
    own->full |= batch->window_count >= SIP_WINDOWS;
    if (batch->window_count == batch->window_room) {
        uint32_t room = batch->window_room ? 2 * batch->window_room : 4;
        sip_window *windows = realloc(batch->windows, room * sizeof(sip_window));
        if (windows == NULL)
            return SIP_NO_MEMORY;
        batch->windows = windows;
        batch->window_room = room;
    }
    sip_refer(&own->source->count);
    batch->windows[batch->window_count].base = at - start < SIP_BEFORE ? source->view.buf : text - SIP_BEFORE;
    batch->windows[batch->window_count].size = 0;
    batch->windows[batch->window_count].source = own->source;
    sip_enter_window(own, batch->window_count++);
    return SIP_APPENDED;
}

/* The source of the rows that follow: takes the reference. */
static void sip_change_source(sip_assembler *own, sip_source *source)
{
    sip_source *before = own->source;
    sip_leave_window(own);
    own->source = source;
    own->last = NULL;
    own->given_back = source == NULL ? NULL : source->view.buf;
    sip_leave_window(own);
    sip_drop_source(before);
}

/* Give back what was read before `at`.  The pages of a batch of views stay until it is released, unless
 * it takes long to fill: its few texts come again from the file. */
static inline void sip_passed(sip_assembler *own, const uint8_t *at)
{
    size_t least = own->pool->layout.views ? SIP_READ + SIP_PART : SIP_READ;
    if (own->source == NULL || !own->source->mapped || (uintptr_t)at < (uintptr_t)own->given_back + least
        || (uintptr_t)at > (uintptr_t)own->source->view.buf + (uintptr_t)own->source->view.len)
        return;
    sip_give_back(own->given_back, at);
    own->given_back = at;
}

/* ---- texts ------------------------------------------------------------------------------------ */

/* Replace what is malformed UTF-8 by question marks: a mapped file can change after it was checked. */
SIP_COLD static void sip_mend(uint8_t *text, uint32_t length)
{
    for (uint32_t i = 0, n; i < length; i += n) {
        n = text[i] < 0x80 ? 1 : sip_utf8(text + i, length - i);
        if (n == 0) {
            text[i] = '?';
            n = 1;
        }
    }
}

static inline uint64_t sip_high_bits(const uint8_t *text, uint32_t length)
{
    uint64_t seen = 0, word;
    uint32_t i = 0;
    if (length >= 8) {
        for (; i < length - 8; i += 8) {
            memcpy(&word, text + i, 8);
            seen |= word;
        }
        memcpy(&word, text + length - 8, 8);
        seen |= word;
    } else
        for (; i < length; i++)
            seen |= (uint64_t)text[i];
    return seen & 0x8080808080808080u;
}

static inline void sip_copy_checked(uint8_t *to, const uint8_t *text, uint32_t length)
{
    memcpy(to, text, length);
    if (SIP_UNLIKELY(sip_high_bits(to, length)))
        sip_mend(to, length);
}

/* Room for `length` more bytes after `used`, and 16 more, of memory that grows: where texts that are
 * counted have room, their offsets have 31 bits. */
static int sip_make_room(uint8_t **memory, uint64_t *room, uint64_t used, uint64_t length)
{
    uint64_t wanted = used + length + 16, doubled = 2 * *room;
    uint8_t *grown;
    if (SIP_LIKELY(wanted <= *room))
        return SIP_APPENDED;
    if (wanted < 4096)
        wanted = 4096;
    if (wanted < doubled && doubled <= SIP_LONGEST)
        wanted = doubled;
    grown = realloc(*memory, wanted);
    if (grown == NULL)
        return SIP_NO_MEMORY;
    *memory = grown;
    *room = wanted;
    return SIP_APPENDED;
}

/* Whether a column has room for `length` more bytes of copied text. */
static inline int sip_count_copied(sip_assembler *own, uint64_t used, uint64_t length)
{
    own->copied += length;
    return SIP_UNLIKELY(used + length > SIP_LONGEST) ? SIP_OUT_OF_PLACE : SIP_APPENDED;
}

static inline void sip_clear_view(uint8_t *view)
{
    const uint64_t zero = 0;
    memcpy(view, &zero, 8);
    memcpy(view + 8, &zero, 8);
}

static inline void sip_write_view(uint8_t *view, const uint8_t *text, uint32_t length, uint32_t buffer, uint32_t at)
{
    memcpy(view, &length, 4);
    memcpy(view + 4, text, 4);
    memcpy(view + 8, &buffer, 4);
    memcpy(view + 12, &at, 4);
}

/* A view of any text. */
static int sip_view_text(sip_assembler *own, sip_texts *column, uint8_t *view, const uint8_t *text, uint32_t length, int in_place)
{
    sip_batch *batch = own->batch;
    uint64_t at;
    int outcome;
    if (in_place) {
        at = (uintptr_t)text - (uintptr_t)own->base;
        if (SIP_UNLIKELY(own->base == NULL || at > own->room || length > own->room - at)) {
            outcome = sip_find_window(own, text, length);
            if (outcome != SIP_APPENDED)
                return outcome;
            at = (uintptr_t)text - (uintptr_t)own->base;
        }
    }
    if (length <= SIP_INLINE_TEXT) {
        sip_clear_view(view);
        memcpy(view, &length, 4);
        if (length > 0)
            sip_copy_checked(view + 4, text, length);
        return SIP_APPENDED;
    }
    column->longest = column->longest < length ? length : column->longest;
    if (in_place) {
        sip_write_view(view, text, length, own->window, (uint32_t)at);
        own->used = own->used < at + length ? at + length : own->used;
        return SIP_APPENDED;
    }
    outcome = sip_count_copied(own, batch->arena_used, length);
    if (outcome == SIP_APPENDED)
        outcome = sip_make_room(&batch->arena, &batch->arena_room, batch->arena_used, length);
    if (outcome != SIP_APPENDED)
        return outcome;
    memcpy(batch->arena + batch->arena_used, text, length);
    sip_write_view(view, text, length, 0, (uint32_t)batch->arena_used);
    batch->arena_used += length;
    return SIP_APPENDED;
}

/* A text of utf8, after those at offsets[0]. */
static int sip_copy_text(sip_assembler *own, sip_texts *column, int32_t *offsets, const uint8_t *text, uint32_t length, int in_place)
{
    uint64_t used = (uint32_t)offsets[0];
    int outcome = SIP_APPENDED;
    if (in_place) {
        uint64_t at = (uintptr_t)text - (uintptr_t)own->base;
        if (SIP_UNLIKELY(own->base == NULL || at > own->room || length > own->room - at))
            return SIP_OUT_OF_PLACE;
        own->last = text;
    }
    outcome = sip_count_copied(own, used, length);
    if (outcome == SIP_APPENDED)
        outcome = sip_make_room(&column->data, &column->room, used, length);
    if (outcome != SIP_APPENDED)
        return outcome;
    if (length > 0)
        sip_copy_checked(column->data + used, text, length);
    offsets[1] = (int32_t)(used + length);
    return SIP_APPENDED;
}

static int sip_append_list(sip_assembler *own, sip_lists *list, uint32_t row, const sip_slot *slot)
{
    int views = own->pool->layout.views, outcome;
    uint64_t used = (uint32_t)list->offsets[row];
    uint32_t count = slot->state == SIP_SLOT_NULL ? 0 : slot->length;
    const sip_text *items = (const sip_text *)slot->text;
    if (SIP_UNLIKELY(used + count >= SIP_LONGEST / 16))
        return SIP_OUT_OF_PLACE;
    if (SIP_UNLIKELY(used + count >= list->room)) {
        uint64_t room = (used + count) * 2 + 1024;
        uint8_t *values = realloc(list->items.values, (size_t)room * (views ? 16 : 4));
        if (values == NULL)
            return SIP_NO_MEMORY;
        if (list->room == 0 && !views)
            memset(values, 0, 4);
        list->items.values = values;
        list->room = (uint32_t)room;
    }
    own->copied += (uint64_t)count * 16;
    for (uint32_t i = 0; i < count; i++, used++) {
        uint8_t *to = list->items.values + used * (views ? 16 : 4);
        if (views)
            outcome = sip_view_text(own, &list->items, to, items[i].text, items[i].length, slot->state == SIP_SLOT_IN_PLACE);
        else
            outcome = sip_copy_text(own, &list->items, (int32_t *)to, items[i].text, items[i].length, slot->state == SIP_SLOT_IN_PLACE);
        if (outcome != SIP_APPENDED)
            return outcome;
    }
    list->offsets[row + 1] = (int32_t)used;
    return SIP_APPENDED;
}

/* ---- rows ------------------------------------------------------------------------------------- */

/* Copy a text of up to 16 bytes, and give what is not zero if one of them is above 127.  To read what
 * was just written in other pieces would wait for memory. */
SIP_INLINE uint64_t sip_copy_short(uint8_t *to, const uint8_t *text, uint32_t length)
{
    uint64_t first = 0, last = 0;
    if (length >= 8) {
        memcpy(&first, text, 8);
        memcpy(&last, text + length - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + length - 8, &last, 8);
    } else if (length >= 4) {
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + length - 4, &last, 4);
    } else
        for (uint32_t i = 0; i < length; i++) {
            first |= text[i];
            to[i] = text[i];
        }
    return (first | last) & 0x8080808080808080u;
}

/* What of a text a view has itself: the masks of its first four bytes and of the eight after them. */
static const uint64_t sip_kept[13][2] = {{0, 0}, {0xff, 0}, {0xffff, 0}, {0xffffff, 0}, {0xffffffffu, 0},
    {0xffffffffu, 0xff}, {0xffffffffu, 0xffff}, {0xffffffffu, 0xffffff}, {0xffffffffu, 0xffffffffu},
    {0xffffffffu, 0xffffffffffu}, {0xffffffffu, 0xffffffffffffu}, {0xffffffffu, 0xffffffffffffffu},
    {0xffffffffu, ~(uint64_t)0}};

/* The views of the texts of a row.  The usual case has no branch that depends on the length, since texts
 * are short and long by turns.  It reads 12 bytes, whatever the length. */
static int sip_put_views(sip_assembler *own, sip_batch *batch, const sip_slot *slots, uint64_t *valid)
{
    const uint32_t row = batch->rows, texts = batch->pool->layout.texts;
    sip_texts *columns = batch->texts;
    const uint8_t *base = own->base;
    uint64_t room = own->room, safe = own->safe, used = own->used, window = own->window, bits = 0;
    for (uint32_t i = 0; i < texts; i++) {
        sip_texts *column = &columns[i];
        const sip_slot *slot = &slots[column->slot];
        const uint8_t *text = slot->text;
        uint8_t *view = column->values + 16 * (size_t)row;
        uint32_t length = slot->length, state = slot->state;
        uint64_t at = (uintptr_t)text - (uintptr_t)base, low, high;
        if (SIP_LIKELY(state == SIP_SLOT_IN_PLACE && at < safe && length <= room - at)) {
            uint32_t start, inside = length < SIP_INLINE_TEXT ? length : SIP_INLINE_TEXT;
            memcpy(&start, text, 4);
            memcpy(&high, text + 4, 8);
            low = start & sip_kept[inside][0];
            high &= sip_kept[inside][1];
            if (SIP_UNLIKELY(((low | high) & 0x8080808080808080u) != 0 || SIP_BIG_ENDIAN))
                goto any;
            low = low << 32 | length;
            high = length <= SIP_INLINE_TEXT ? high : at << 32 | window;
            used = used < at + length ? at + length : used;
            column->longest = column->longest < length ? length : column->longest;
            memcpy(view, &low, 8);
            memcpy(view + 8, &high, 8);
        } else if (state == SIP_SLOT_NULL)
            sip_clear_view(view);
        else if (state == SIP_SLOT_COPIED && length <= SIP_INLINE_TEXT) {
            sip_clear_view(view);
            memcpy(view, &length, 4);
            sip_copy_short(view + 4, text, length);
        } else {
            int outcome;
        any:
            own->used = used;
            outcome = state > SIP_SLOT_COPIED
                ? SIP_OUT_OF_PLACE
                : sip_view_text(own, column, view, text, length, state == SIP_SLOT_IN_PLACE);
            if (outcome != SIP_APPENDED)
                return outcome;
            base = own->base;
            room = own->room, safe = own->safe, used = own->used, window = own->window;
        }
        bits |= (uint64_t)(state != SIP_SLOT_NULL) << (i & 63);
        if (SIP_UNLIKELY((i & 63) == 63)) {
            *valid++ = bits;
            bits = 0;
        }
    }
    *valid = bits;
    own->used = used;
    return SIP_APPENDED;
}

/* The texts of a row in utf8.  The usual case copies 32 bytes, whatever the length. */
static int sip_put_texts(sip_assembler *own, sip_batch *batch, const sip_slot *slots, uint64_t *valid)
{
    const uint32_t row = batch->rows, texts = batch->pool->layout.texts;
    sip_texts *columns = batch->texts;
    const uint8_t *base = own->base;
    const uint64_t room = own->room;
    uint64_t bits = 0, copied = 0;
    for (uint32_t i = 0; i < texts; i++) {
        sip_texts *column = &columns[i];
        const sip_slot *slot = &slots[column->slot];
        const uint8_t *text = slot->text;
        int32_t *offsets = (int32_t *)column->values + row;
        uint32_t length = slot->length, state = slot->state;
        uint64_t used = (uint32_t)offsets[0], at = (uintptr_t)text - (uintptr_t)base, seen;
        uint8_t *to = (uint8_t *)((uintptr_t)column->data + used); /* there may be none yet */
        if (SIP_LIKELY(state == SIP_SLOT_IN_PLACE && at < room && at + length + 32 <= room
                       && used + length + 32 <= column->room)) {
            uint64_t words[4];
            memcpy(words, text, 32);
            memcpy(to, words, 32);
            seen = words[0] | words[1] | words[2] | words[3];
            for (uint32_t j = 32; SIP_UNLIKELY(j < length); j += 16) {
                memcpy(words, text + j, 16);
                memcpy(to + j, words, 16);
                seen |= words[0] | words[1];
            }
            if (SIP_UNLIKELY((seen & 0x8080808080808080u) != 0 && sip_high_bits(to, length) != 0))
                sip_mend(to, length);
            offsets[1] = (int32_t)(used + length);
            copied += length;
            own->last = text;
        } else if (state == SIP_SLOT_NULL)
            offsets[1] = (int32_t)used;
        else if (state == SIP_SLOT_COPIED && length <= 16 && used + 16 <= column->room) {
            if (SIP_UNLIKELY(sip_copy_short(to, text, length) != 0))
                sip_mend(to, length);
            offsets[1] = (int32_t)(used + length);
            copied += length;
        } else {
            int outcome = state > SIP_SLOT_COPIED
                ? SIP_OUT_OF_PLACE
                : sip_copy_text(own, column, offsets, text, length, state == SIP_SLOT_IN_PLACE);
            if (SIP_UNLIKELY(outcome != SIP_APPENDED))
                return outcome;
        }
        bits |= (uint64_t)(state != SIP_SLOT_NULL) << (i & 63);
        if (SIP_UNLIKELY((i & 63) == 63)) {
            *valid++ = bits;
            bits = 0;
        }
    }
    *valid = bits;
    own->copied += copied;
    return SIP_APPENDED;
}

/* One row.  If it fails, nothing of it stays: the next one overwrites what was written. */
static int sip_append(sip_assembler *own, const sip_slot *slots)
{
    const sip_layout *layout = &own->pool->layout;
    sip_batch *batch = own->batch;
    uint64_t *valid, bits;
    uint32_t row, i, bit = layout->texts;
    int outcome;
    if (SIP_UNLIKELY(batch == NULL)) {
        batch = sip_begin_batch(own);
        if (batch == NULL)
            return SIP_NO_MEMORY;
    }
    row = batch->rows;
    if (SIP_UNLIKELY(own->full))
        return SIP_FULL;
    valid = batch->valid + (size_t)row * layout->words;
    outcome = layout->views ? sip_put_views(own, batch, slots, valid) : sip_put_texts(own, batch, slots, valid);
    if (SIP_UNLIKELY(outcome != SIP_APPENDED))
        return outcome;
    valid += bit / 64;
    bits = *valid;
#define SIP_MARK(is_valid) \
    do { \
        bits |= (uint64_t)(is_valid) << (bit & 63); \
        if (SIP_UNLIKELY((++bit & 63) == 0)) { \
            *valid++ = bits; \
            bits = 0; \
        } \
    } while (0)
    for (i = 0; i < layout->numbers; i++) {
        sip_numbers *column = &batch->numbers[i];
        const sip_slot *slot = &slots[column->slot];
        int64_t number = slot->state == SIP_SLOT_NUMBER ? slot->number : 0;
        if (column->size == 8)
            ((int64_t *)column->values)[row] = number;
        else if (column->size == 4) {
            if (SIP_UNLIKELY((uint64_t)number > UINT32_MAX))
                return SIP_OUT_OF_PLACE;
            ((uint32_t *)column->values)[row] = (uint32_t)number;
        } else if (column->size == 2) {
            if (SIP_UNLIKELY((uint64_t)number > UINT16_MAX))
                return SIP_OUT_OF_PLACE;
            ((uint16_t *)column->values)[row] = (uint16_t)number;
        } else
            column->values[row] = number != 0;
        SIP_MARK(slot->state == SIP_SLOT_NUMBER);
    }
    for (i = 0; i < layout->lists; i++) {
        sip_lists *list = &batch->lists[i];
        const sip_slot *slot = &slots[list->slot];
        if (SIP_UNLIKELY(slot->state > SIP_SLOT_COPIED))
            return SIP_OUT_OF_PLACE;
        outcome = sip_append_list(own, list, row, slot);
        if (SIP_UNLIKELY(outcome != SIP_APPENDED))
            return outcome;
        SIP_MARK(slot->state != SIP_SLOT_NULL);
    }
#undef SIP_MARK
    if (bit & 63)
        *valid = bits;
    valid = batch->valid + (size_t)row * layout->words;
    for (i = 0; i < layout->words; i++)
        own->all[i] &= valid[i];
    batch->rows = row + 1;
    own->full |= row + 1 == layout->rows || own->copied > SIP_COPIES
        || (own->used > SIP_PART && row + 1 >= SIP_MANY);
    return SIP_APPENDED;
}

/* Leave out the rows after so many. */
static void sip_cut(sip_assembler *own, uint32_t rows)
{
    if (own->batch != NULL && rows < own->batch->rows) {
        own->batch->rows = rows;
        own->full = 0;
    }
}

/* ---- a finished batch ------------------------------------------------------------------------- */

/* Exchange rows and columns of 64 times 64 bits: bit c of word r becomes bit r of word c. */
static void sip_transpose(uint64_t *words)
{
    uint64_t mask = 0x00000000ffffffffu;
    for (uint32_t j = 32; j != 0; j >>= 1, mask ^= mask << j)
        for (uint32_t k = 0; k < 64; k = ((k | j) + 1) & ~j) {
            uint64_t moved = ((words[k] >> j) ^ words[k | j]) & mask;
            words[k] ^= moved << j;
            words[k | j] ^= moved;
        }
}

/* The bitmaps of the columns that have nulls, from the words of the rows. */
static void sip_make_validity(const sip_assembler *own, sip_batch *batch)
{
    const sip_layout *layout = &batch->pool->layout;
    uint64_t block[64];
    for (uint32_t i = 0; i < layout->columns; i++)
        batch->nulls[i] = 0;
    for (uint32_t word = 0; word < layout->words; word++) {
        uint32_t columns = layout->columns - 64 * word < 64 ? layout->columns - 64 * word : 64;
        uint64_t all = own->all[word] | (columns < 64 ? ~(uint64_t)0 << columns : 0);
        if (~all == 0)
            continue;
        for (uint32_t row = 0; row < batch->rows; row += 64) {
            uint32_t rows = batch->rows - row < 64 ? batch->rows - row : 64, r;
            for (r = 0; r < rows; r++)
                block[r] = batch->valid[(size_t)(row + r) * layout->words + word];
            for (; r < 64; r++)
                block[r] = 0;
            sip_transpose(block);
            for (uint64_t some = ~all; some != 0; some &= some - 1) {
                uint32_t place = sip_lowest(some);
                uint64_t bits = block[place];
                batch->nulls[64 * word + place] += rows - sip_count(bits);
                for (r = 0; r < 8; r++) /* the first row lowest, on either byte order */
                    batch->validity[64 * word + place][row / 8 + r] = (uint8_t)(bits >> (8 * r));
            }
        }
    }
}

static void sip_pack_bits(const uint8_t *values, uint8_t *bits, uint32_t rows)
{
    for (uint32_t row = 0; row < rows; row += 8) {
        uint8_t byte = 0;
        for (uint32_t i = 0; i < 8 && row + i < rows; i++)
            byte |= (uint8_t)(values[row + i] << i);
        bits[row / 8] = byte;
    }
}

static const void *sip_some(const void *memory)
{
    static const uint64_t empty[8];
    return memory == NULL ? empty : memory;
}

/* How many buffers a column of texts has. */
static uint32_t sip_buffers_of(const sip_batch *batch, const sip_texts *texts)
{
    if (!batch->pool->layout.views)
        return 3;
    return texts->longest > SIP_INLINE_TEXT ? 2 + 1 + batch->window_count + 1 : 3;
}

static const void **sip_list_buffers(
    const sip_batch *batch, const sip_texts *texts, const void **to, const void *validity, const int64_t *sizes)
{
    *to++ = validity;
    *to++ = sip_some(texts->values);
    if (!batch->pool->layout.views)
        *to++ = sip_some(texts->data);
    else if (texts->longest > SIP_INLINE_TEXT) {
        *to++ = sip_some(batch->arena);
        for (uint32_t i = 0; i < batch->window_count; i++)
            *to++ = batch->windows[i].base;
        *to++ = sizes;
    } else
        *to++ = sizes; /* no buffer, and so no size, but the place for them */
    return to;
}

/* Finish the batch: -1 if there is no memory, and the batch stays as it was. */
static int sip_finish(sip_assembler *own)
{
    const sip_layout *layout = &own->pool->layout;
    sip_batch *batch = own->batch;
    uint32_t variadic = batch->window_count + 1, i;
    size_t most = (size_t)variadic + ((size_t)layout->columns + layout->lists) * (3 + (size_t)variadic + 1);
    const void **to, **memory = malloc(most * sizeof(void *) + variadic * sizeof(int64_t));
    int64_t *sizes;
    uint8_t *bits = batch->bits;
    if (memory == NULL)
        return -1;
    if (own->window != 0)
        batch->windows[own->window - 1].size = own->used;
    free(batch->buffers);
    batch->buffers = memory;
    sizes = (int64_t *)(memory + most);
    sizes[0] = (int64_t)batch->arena_used;
    for (i = 0; i < batch->window_count; i++)
        sizes[i + 1] = (int64_t)batch->windows[i].size;
    to = memory;
    sip_make_validity(own, batch);
    for (i = 0; i < layout->columns; i++) {
        uint32_t place = layout->places[i];
        const void *validity = batch->nulls[place] > 0 ? batch->validity[place] : NULL;
        batch->starts[i] = (uint32_t)(to - memory);
        if (layout->types[i] == SIP_TEXT)
            to = sip_list_buffers(batch, &batch->texts[place], to, validity, sizes);
        else if (layout->types[i] == SIP_TEXTS) {
            const sip_lists *list = &batch->lists[place - layout->texts - layout->numbers];
            *to++ = validity;
            *to++ = list->offsets;
            batch->starts[layout->columns + i] = (uint32_t)(to - memory);
            to = sip_list_buffers(batch, &list->items, to, NULL, sizes);
        } else {
            const sip_numbers *numbers = &batch->numbers[place - layout->texts];
            *to++ = validity;
            if (numbers->size == 0) {
                sip_pack_bits(numbers->values, bits, batch->rows);
                *to++ = bits;
                bits += SIP_BITMAP(layout);
            } else
                *to++ = numbers->values;
        }
    }
    sip_passed(own, own->last);
    if (own->window != 0 && (uintptr_t)own->base <= (uintptr_t)own->given_back + SIP_READ
        && (uintptr_t)own->given_back < (uintptr_t)own->base + own->used)
        own->given_back = own->base + own->used; /* the batch gives it back */
    own->batch = NULL;
    own->full = 0;
    own->window = 0;
    sip_leave_window(own);
    return 0;
}

/* ---- export: arrays --------------------------------------------------------------------------- */

static void sip_release_column(struct ArrowArray *array)
{
    sip_batch *batch = array->private_data;
    array->release = NULL;
    sip_drop_batch(batch);
}

typedef struct { /* what an array with children owns */
    sip_batch *batch;
    const void *validity;
    struct ArrowArray **pointers;
    struct ArrowArray arrays[1];
} sip_children;

static void sip_release_parent(struct ArrowArray *array)
{
    sip_children *own = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release != NULL) /* NULL: it was moved out */
            array->children[i]->release(array->children[i]);
    array->release = NULL;
    sip_drop_batch(own->batch);
    free(own);
}

static sip_children *sip_new_children(sip_batch *batch, uint32_t count)
{
    size_t arrays = sizeof(sip_children) + count * sizeof(struct ArrowArray);
    sip_children *own = malloc(arrays + count * sizeof(void *));
    if (own == NULL)
        return NULL;
    own->batch = batch;
    own->validity = NULL;
    own->pointers = (struct ArrowArray **)((uint8_t *)own + arrays);
    for (uint32_t i = 0; i < count; i++)
        own->pointers[i] = &own->arrays[i];
    return own;
}

static void sip_fill_column(sip_batch *batch, struct ArrowArray *array, int64_t length, int64_t nulls, int64_t buffers, uint32_t start)
{
    memset(array, 0, sizeof(*array));
    array->length = length;
    array->null_count = nulls;
    array->n_buffers = buffers;
    array->buffers = batch->buffers + start;
    array->release = sip_release_column;
    array->private_data = batch;
    sip_refer(&batch->count);
}

/* Export a batch: -1 if there is no memory. */
static int sip_export(sip_batch *batch, struct ArrowArray *out)
{
    const sip_layout *layout = &batch->pool->layout;
    sip_children *own = sip_new_children(batch, layout->columns), *items;
    if (own == NULL)
        return -1;
    memset(out, 0, sizeof(*out));
    out->length = batch->rows;
    out->n_buffers = 1;
    out->buffers = &own->validity;
    out->children = own->pointers;
    out->release = sip_release_parent;
    out->private_data = own;
    sip_refer(&batch->count);
    for (uint32_t i = 0; i < layout->columns; i++) {
        uint32_t place = layout->places[i];
        struct ArrowArray *array = &own->arrays[i];
        out->n_children = i + 1;
        sip_fill_column(batch, array, batch->rows, batch->nulls[place], 2, batch->starts[i]);
        if (layout->types[i] == SIP_TEXT)
            array->n_buffers = sip_buffers_of(batch, &batch->texts[place]);
        else if (layout->types[i] == SIP_TEXTS) {
            const sip_lists *list = &batch->lists[place - layout->texts - layout->numbers];
            items = sip_new_children(batch, 1);
            if (items == NULL) {
                out->release(out);
                return -1;
            }
            sip_fill_column(batch, &items->arrays[0], list->offsets[batch->rows], 0,
                sip_buffers_of(batch, &list->items), batch->starts[layout->columns + i]);
            array->n_children = 1;
            array->children = items->pointers;
            array->release = sip_release_parent;
            array->private_data = items;
        }
    }
    return 0;
}

/* ---- export: schemas -------------------------------------------------------------------------- */

static void sip_release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
    schema->release = NULL;
    free(schema->private_data);
}

/* A schema of a name and children, which are to be filled. */
static int sip_fill_schema(struct ArrowSchema *schema, const char *format, const char *name, size_t length, uint32_t children)
{
    size_t schemas = children * sizeof(struct ArrowSchema), pointers = children * sizeof(void *);
    uint8_t *own = malloc(schemas + pointers + length + 1);
    memset(schema, 0, sizeof(*schema));
    if (own == NULL)
        return -1;
    memset(own, 0, schemas);
    schema->format = format;
    schema->flags = ARROW_FLAG_NULLABLE;
    schema->n_children = children;
    schema->children = (struct ArrowSchema **)(own + schemas);
    for (uint32_t i = 0; i < children; i++)
        schema->children[i] = (struct ArrowSchema *)own + i;
    memcpy(own + schemas + pointers, name, length);
    own[schemas + pointers + length] = 0;
    schema->name = (const char *)(own + schemas + pointers);
    schema->release = sip_release_schema;
    schema->private_data = own;
    return 0;
}

static const char *const sip_formats[SIP_TYPES] = {"vu", "b", "S", "I", "l", "tsn:UTC", "+l"};

static int sip_fill_field(struct ArrowSchema *schema, int type, int views, const char *name, size_t length)
{
    const char *text = views ? "vu" : "u";
    if (sip_fill_schema(schema, type == SIP_TEXT ? text : sip_formats[type], name, length, type == SIP_TEXTS) < 0)
        return -1;
    if (type == SIP_TEXTS && sip_fill_schema(schema->children[0], text, "item", 4, 0) < 0) {
        schema->release(schema);
        return -1;
    }
    return 0;
}

/* A whole schema, of names that end with NUL. */
static int sip_export_schema(
    struct ArrowSchema *out, const char *types, const char *const *names, uint32_t columns, int views)
{
    if (sip_fill_schema(out, "+s", "", 0, columns) < 0)
        return -1;
    out->flags = 0;
    for (uint32_t i = 0; i < columns; i++)
        if (sip_fill_field(out->children[i], types[i], views, names[i], strlen(names[i])) < 0) {
            out->release(out);
            return -1;
        }
    return 0;
}

#endif
