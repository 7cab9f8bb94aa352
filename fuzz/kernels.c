/* libFuzzer's target for the kernels and the name tables alone, against plain loops. */
#include "kernels_naive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes at either edge of a readable page between two protected ones. */
static void check_both_edges(const uint8_t *data, size_t size)
{
    static region memory;
    if (memory.first == NULL)
        memory = map_region(MOST_BYTES);
    uint8_t *last = memory.end - size;
    memcpy(memory.first, data, size);
    check_lines(memory.first, (uint32_t)size, 0);
    memcpy(last, data, size);
    check_lines(last, (uint32_t)size, 0);
    if (size >= READABLE)
        check_colon(memory.end - READABLE);
    if (size >= 9)
        check_equal8(memory.end - 8, last[0]);
}

/* All bytes, as far as they can be a name, as one: cut where a name of the table would end. */
static void check_names(const uint8_t *data, size_t size)
{
    static region memory;
    if (memory.first == NULL)
        memory = map_region(READABLE);
    uint8_t *name = memory.end - READABLE;
    for (size_t i = 0; i < NAME_TABLES; i++) {
        const name_table *table = &name_tables[i];
        const uint8_t *stop = memchr(data, table->stop, size);
        size_t length = stop != NULL ? (size_t)(stop - data) : size;
        if (length > READABLE)
            length = READABLE;
        memset(name, data[size - 1], READABLE);
        memcpy(name, data, length);
        check_name(table, name, (uint32_t)length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > MOST_BYTES)
        return 0;
    check_both_edges(data, size);
    check_names(data, size);
    return 0;
}
