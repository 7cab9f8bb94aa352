/* Mapped files that may shrink: a handler of SIGBUS that puts zeros in place of the lost bytes.
 *
 * A page of a mapped file that the file no longer has raises SIGBUS when it is read, and so does one
 * that the disk fails to read.  The handler maps zero pages over the rest of the mapping and notes
 * the place; whoever reads looks at it (`maps.pyx`).  Every other SIGBUS takes the way that it would
 * take without this handler.
 *
 * Mappings are registered under the GIL, and found by the handler in any thread, without a lock.
 */
#ifndef SIP_MAPS_H
#define SIP_MAPS_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

/* A mapping, or a free slot: then `start` is 0.  Slots are never freed. */
typedef struct sip_map {
    struct sip_map *next;
    atomic_uint version; /* odd during a change */
    _Atomic uintptr_t start, end;
    _Atomic uintptr_t lost; /* from here on there are zeros; UINTPTR_MAX: nothing was lost */
    atomic_int descriptor;
} sip_map;

static _Atomic(sip_map *) sip_maps;
static uintptr_t sip_page;

/* The handlers that this one took the place of, the last of them at `sip_newest`: another may be
 * installed over this one, which then takes its place again. */
#define SIP_HANDLERS_BEFORE 8
static struct sigaction sip_before[SIP_HANDLERS_BEFORE];
static atomic_uint sip_newest; /* 0: none yet */

/* The call of such a handler.  That may call the one that it took the place of in turn, which is
 * this one, or may install that again and raise the signal: then it is the turn of the one before. */
static struct {
    _Atomic uintptr_t thread, context, frame;
    atomic_uint level;
} sip_passing;

/* Put zeros in place of the mapping's bytes from `place` on; whether that succeeded. */
static int sip_map_lose(sip_map *map, uintptr_t place, uintptr_t end) {
    uintptr_t page = place & ~(sip_page - 1);
    uintptr_t known = atomic_load(&map->lost);
    void *found = mmap((void *)page, end - page, PROT_READ,
                       MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (found == MAP_FAILED)
        return 0;
    while (page < known && !atomic_compare_exchange_weak(&map->lost, &known, page)) {
    }
    return 1;
}

/* The bounds of a slot; 0 if it is free or in change, and so is no mapping that is being read. */
static int sip_map_bounds(sip_map *map, uintptr_t *start, uintptr_t *end, int *descriptor) {
    unsigned version = atomic_load(&map->version);
    *start = atomic_load(&map->start);
    *end = atomic_load(&map->end);
    *descriptor = atomic_load(&map->descriptor);
    return *start && !(version & 1) && version == atomic_load(&map->version);
}

/* Whether a fault was at one of the mappings. */
static int sip_map_mend(uintptr_t place) {
    sip_map *map;
    uintptr_t start, end;
    int descriptor;
    for (map = atomic_load(&sip_maps); map; map = map->next)
        if (sip_map_bounds(map, &start, &end, &descriptor) && start <= place && place < end)
            return sip_map_lose(map, place, end);
    return 0;
}

/* Whether a file shrank since it was looked at last.
 *
 * Another handler may take a fault first, restore this one, and raise the signal again, as
 * faulthandler does: the signal itself then lacks the place.  */
static int sip_map_mend_shrunk(void) {
    sip_map *map;
    uintptr_t start, end, left;
    int descriptor, found = 0;
    struct stat status;
    for (map = atomic_load(&sip_maps); map; map = map->next) {
        if (!sip_map_bounds(map, &start, &end, &descriptor) || fstat(descriptor, &status) != 0)
            continue;
        left = (start + (uintptr_t)status.st_size + sip_page - 1) & ~(sip_page - 1);
        if (left < end && left < atomic_load(&map->lost))
            found |= sip_map_lose(map, left, end);
    }
    return found;
}

/* Do as if this handler were not there. */
static void sip_map_pass(int number, siginfo_t *info, void *context, int is_fault) {
    uintptr_t frame = (uintptr_t)&frame, self = (uintptr_t)pthread_self();
    unsigned newest = atomic_load(&sip_newest), level = 0;
    struct sigaction plain, before;
    sigset_t mask;
    if (atomic_load(&sip_passing.thread) == self && frame < atomic_load(&sip_passing.frame)
        && (!is_fault || (uintptr_t)context == atomic_load(&sip_passing.context)))
        level = atomic_load(&sip_passing.level) + 1;
    memset(&plain, 0, sizeof(plain));
    plain.sa_handler = SIG_DFL;
    before = level < newest && level < SIP_HANDLERS_BEFORE ? sip_before[(newest - level) % SIP_HANDLERS_BEFORE] : plain;
    if (!(before.sa_flags & SA_SIGINFO)
        && (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN)) {
        if (before.sa_handler == SIG_IGN && !is_fault)
            return;
        /* A fault is repeated when this returns; a signal that was sent has to be sent again. */
        sigaction(number, &plain, NULL);
        if (!is_fault)
            raise(number);
        return;
    }
    if (before.sa_flags & SA_RESETHAND)
        sigaction(number, &plain, NULL);
    /* The signals that the kernel would block for that handler. */
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int other = 1; other < NSIG; other++)
        if (sigismember(&before.sa_mask, other) == 1)
            sigaddset(&mask, other);
    if (before.sa_flags & SA_NODEFER && sigismember(&before.sa_mask, number) != 1)
        sigdelset(&mask, number);
    atomic_store(&sip_passing.context, (uintptr_t)context);
    atomic_store(&sip_passing.frame, frame);
    atomic_store(&sip_passing.level, level);
    atomic_store(&sip_passing.thread, self);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(number, info, context);
    else
        before.sa_handler(number);
    atomic_store(&sip_passing.thread, 0);
}

static void sip_map_handle(int number, siginfo_t *info, void *context) {
    int kept = errno, is_fault = info->si_code > 0;
    if (is_fault ? !sip_map_mend((uintptr_t)info->si_addr)
                 : info->si_pid != getpid() || !sip_map_mend_shrunk())
        sip_map_pass(number, info, context, is_fault);
    errno = kept;
}

/* Install the handler before the one that is there; -1 and errno at a failure. */
static int sip_map_watch(void) {
    struct sigaction now, own;
    unsigned newest = atomic_load(&sip_newest);
    memset(&now, 0, sizeof(now));
    if (sigaction(SIGBUS, NULL, &now) != 0)
        return -1;
    if (now.sa_flags & SA_SIGINFO && now.sa_sigaction == sip_map_handle)
        return 0;
    if (newest == 0 || memcmp(&sip_before[newest % SIP_HANDLERS_BEFORE], &now, sizeof(now)) != 0) {
        sip_before[(newest + 1) % SIP_HANDLERS_BEFORE] = now;
        atomic_store(&sip_newest, newest + 1);
    }
    memset(&own, 0, sizeof(own));
    own.sa_sigaction = sip_map_handle;
    own.sa_flags = SA_SIGINFO | SA_ONSTACK | (now.sa_flags & SA_RESTART);
    sigemptyset(&own.sa_mask);
    return sigaction(SIGBUS, &own, NULL);
}

static void sip_map_set(sip_map *map, uintptr_t start, uintptr_t end, int descriptor) {
    atomic_fetch_add(&map->version, 1);
    atomic_store(&map->start, start);
    atomic_store(&map->end, end);
    atomic_store(&map->lost, UINTPTR_MAX);
    atomic_store(&map->descriptor, descriptor);
    atomic_fetch_add(&map->version, 1);
}

/* Map `size` bytes of a file, which keeps its descriptor; NULL and errno at a failure. */
static sip_map *sip_map_open(int descriptor, size_t size) {
    sip_map *map;
    void *found;
    if (!sip_page)
        sip_page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (sip_map_watch() != 0)
        return NULL;
    for (map = atomic_load(&sip_maps); map && atomic_load(&map->start); map = map->next) {
    }
    if (map == NULL) {
        map = calloc(1, sizeof(*map));
        if (map == NULL)
            return NULL;
        map->next = atomic_load(&sip_maps);
        atomic_store(&sip_maps, map);
    }
    found = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (found == MAP_FAILED)
        return NULL;
    sip_map_set(map, (uintptr_t)found, ((uintptr_t)found + size + sip_page - 1) & ~(sip_page - 1),
                descriptor);
    return map;
}

/* Unregister the mapping first: others may take its addresses at once. */
static void sip_map_close(sip_map *map) {
    uintptr_t start = atomic_load(&map->start), end = atomic_load(&map->end);
    int descriptor = atomic_load(&map->descriptor);
    sip_map_set(map, 0, 0, -1);
    munmap((void *)start, end - start);
    close(descriptor);
}

#endif
