/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * A stub of gdb's remote serial protocol (GDB manual, appendix E): registers, memory, breakpoints
 * in memory, single steps, and the interrupt. A packet is $DATA#CHECKSUM, answered by + and then a
 * packet. gdb is trusted, as whoever started the tender with --gdb wanted it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debug.h"
#include "parse.h"

/* Longest packet, without its frame: two digits a byte. */
#define PACKET_MAX 4000
#define BYTES_MAX  (PACKET_MAX / 2 - 32)

/* Ctrl-C in gdb is this byte between packets. */
#define INTERRUPT 3

/* The guest is to be left as soon as there is something to read: see vm_run. */
static struct kvm_run *interrupted;

static void on_input(int signal)
{
    (void)signal;
    interrupted->immediate_exit = 1;
}

/* ---- Packets */

/* The next byte, or -1 when gdb has gone. */
static int next_byte(struct gdb *gdb)
{
    if (gdb->used == gdb->end) {
        ssize_t got;

        do
            got = read(gdb->fd, gdb->input, sizeof gdb->input);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            return -1;
        gdb->used = 0;
        gdb->end = (size_t)got;
    }
    return (unsigned char)gdb->input[gdb->used++];
}

static bool input_waiting(const struct gdb *gdb)
{
    struct pollfd input = {gdb->fd, POLLIN, 0};

    return gdb->used != gdb->end || poll(&input, 1, 0) > 0;
}

static void send_bytes(struct gdb *gdb, const char *text, size_t len)
{
    while (len != 0) {
        ssize_t done = write(gdb->fd, text, len);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return;
        text += done;
        len -= (size_t)done;
    }
}

static void send_packet(struct gdb *gdb, const char *text)
{
    char packet[PACKET_MAX + 8];
    unsigned sum = 0;

    for (const char *p = text; *p != '\0'; p++)
        sum += (unsigned char)*p;
    send_bytes(gdb, packet, (size_t)snprintf(packet, sizeof packet, "$%s#%02x", text, sum & 0xff));
}

/* Reads a packet into (text), which has PACKET_MAX bytes. TCP carries it whole, so its checksum is
 * not looked at. False when gdb has gone. */
static bool receive_packet(struct gdb *gdb, char *text)
{
    size_t len = 0;
    int c;

    do {
        c = next_byte(gdb);
        if (c < 0)
            return false;
    } while (c != '$');
    while ((c = next_byte(gdb)) != '#') {
        if (c < 0)
            return false;
        if (len < PACKET_MAX - 1)
            text[len++] = (char)c;
    }
    text[len] = '\0';
    if (next_byte(gdb) < 0 || next_byte(gdb) < 0)
        return false;
    send_bytes(gdb, "+", 1);
    return true;
}

static void to_hex(char *text, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    text[2 * len] = '\0';
}

/* Returns the number of bytes that (text) has. */
static size_t from_hex(uint8_t *bytes, size_t size, const char *text)
{
    size_t len = 0;
    uint64_t value;

    while (len < size && parse_hex(text + 2 * len, 2, &value) == 2)
        bytes[len++] = (uint8_t)value;
    return len;
}

/* ---- Commands; each answers with a packet */

static void read_registers(struct gdb *gdb, struct vm *vm)
{
    uint8_t bytes[DEBUG_REGISTERS_SIZE];
    char text[2 * sizeof bytes + 1];

    to_hex(text, bytes, debug_get_registers(vm, bytes));
    send_packet(gdb, text[0] != '\0' ? text : "E01");
}

static void write_registers(struct gdb *gdb, struct vm *vm, const char *hex)
{
    uint8_t bytes[DEBUG_REGISTERS_SIZE];
    size_t len = from_hex(bytes, sizeof bytes, hex);

    send_packet(gdb, debug_set_registers(vm, bytes, len) == 0 ? "OK" : "E01");
}

/* ADDR,LEN; returns what comes after it. */
static const char *parse_range(const char *text, uint64_t *addr, uint64_t *len)
{
    text += parse_hex(text, 16, addr);
    *len = 0;
    if (*text == ',') {
        text++;
        text += parse_hex(text, 16, len);
    }
    return text;
}

/* m ADDR,LEN */
static void read_memory(struct gdb *gdb, struct vm *vm, const char *arguments)
{
    char text[PACKET_MAX];
    const uint8_t *bytes;
    uint64_t addr, len;

    parse_range(arguments, &addr, &len);
    bytes = gmem_at(&vm->gmem, addr, len);
    if (bytes == NULL || len == 0 || len > BYTES_MAX) {
        send_packet(gdb, "E14");
        return;
    }
    to_hex(text, bytes, len);
    send_packet(gdb, text);
}

/* M ADDR,LEN:BYTES */
static void write_memory(struct gdb *gdb, struct vm *vm, const char *arguments)
{
    uint8_t bytes[BYTES_MAX];
    uint64_t addr, len;
    const char *hex = parse_range(arguments, &addr, &len);
    bool good = *hex == ':' && from_hex(bytes, sizeof bytes, hex + 1) == len &&
                gmem_write(&vm->gmem, addr, bytes, len) == 0;

    send_packet(gdb, good ? "OK" : "E14");
}

/* Z0,ADDR,KIND sets a breakpoint, z0 takes it away; Z1 and z1 likewise, but only by the processor.
 */
static struct breakpoint *find_breakpoint(struct gdb *gdb, enum breakpoint_kind kind, uint64_t addr)
{
    for (unsigned i = 0; i < GDB_BREAKPOINTS; i++) {
        struct breakpoint *b = &gdb->breakpoint[i];

        if (b->kind == kind && (kind == BREAKPOINT_NONE || b->addr == addr))
            return b;
    }
    return NULL;
}

/* Those of the processor; returns how many. */
static unsigned list_hard(const struct gdb *gdb, uint64_t addrs[DEBUG_HARD_BREAKPOINTS])
{
    unsigned count = 0;

    for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
        if (gdb->breakpoint[i].kind == BREAKPOINT_HARD)
            addrs[count++] = gdb->breakpoint[i].addr;
    return count;
}

static bool put_into_memory(struct vm *vm, struct breakpoint *b, uint64_t addr)
{
    return gmem_read(&vm->gmem, addr, b->saved, debug_breakpoint_size) == 0 &&
           gmem_write(&vm->gmem, addr, debug_breakpoint, debug_breakpoint_size) == 0;
}

/* By the processor as long as it has one left. */
static bool set_breakpoint(struct gdb *gdb, struct vm *vm, uint64_t addr, bool only_hard)
{
    struct breakpoint *b = find_breakpoint(gdb, BREAKPOINT_NONE, 0);
    uint64_t addrs[DEBUG_HARD_BREAKPOINTS];

    if (find_breakpoint(gdb, BREAKPOINT_HARD, addr) || find_breakpoint(gdb, BREAKPOINT_SOFT, addr))
        return true;
    if (b == NULL)
        return false;
    if (list_hard(gdb, addrs) < DEBUG_HARD_BREAKPOINTS)
        b->kind = BREAKPOINT_HARD;
    else if (!only_hard && put_into_memory(vm, b, addr))
        b->kind = BREAKPOINT_SOFT;
    b->addr = addr;
    return b->kind != BREAKPOINT_NONE;
}

static bool clear_breakpoint(struct gdb *gdb, struct vm *vm, uint64_t addr)
{
    struct breakpoint *b = find_breakpoint(gdb, BREAKPOINT_HARD, addr);

    if (b == NULL) {
        b = find_breakpoint(gdb, BREAKPOINT_SOFT, addr);
        if (b != NULL)
            gmem_write(&vm->gmem, addr, b->saved, debug_breakpoint_size);
    }
    if (b != NULL)
        b->kind = BREAKPOINT_NONE;
    return true;
}

static void breakpoint_command(struct gdb *gdb, struct vm *vm, const char *packet)
{
    uint64_t addr;
    bool done;

    if ((packet[1] != '0' && packet[1] != '1') || packet[2] != ',') {
        send_packet(gdb, ""); /* of another kind: not supported */
        return;
    }
    parse_hex(packet + 3, 16, &addr);
    if (packet[0] == 'Z')
        done = set_breakpoint(gdb, vm, addr, packet[1] == '1');
    else
        done = clear_breakpoint(gdb, vm, addr);
    send_packet(gdb, done ? "OK" : "E14");
}

/* Lets the guest go on; gdb has no more to say until it stops. */
static bool resume(struct gdb *gdb, struct vm *vm, bool step)
{
    uint64_t addrs[DEBUG_HARD_BREAKPOINTS];
    unsigned count = list_hard(gdb, addrs);

    if (debug_enable(vm, step, addrs, count) == 0) {
        /* What the signal of this packet left; an interrupt may be there already. */
        vm->run->immediate_exit = 0;
        vm->run->immediate_exit = input_waiting(gdb);
        return true;
    }
    send_packet(gdb, "E01");
    return false;
}

/* gdb is gone, or wants to be: the guest runs as if it had never been there. */
static void let_go(struct gdb *gdb, struct vm *vm)
{
    for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
        if (gdb->breakpoint[i].kind != BREAKPOINT_NONE)
            clear_breakpoint(gdb, vm, gdb->breakpoint[i].addr);
    debug_disable(vm);
    close(gdb->fd);
    gdb->fd = -1;
}

/* Serves one packet; returns true when the guest is to go on. */
static bool serve_packet(struct gdb *gdb, struct vm *vm, const char *packet)
{
    switch (packet[0]) {
    case '?':
        send_packet(gdb, "S05");
        break;
    case 'g':
        read_registers(gdb, vm);
        break;
    case 'G':
        write_registers(gdb, vm, packet + 1);
        break;
    case 'm':
        read_memory(gdb, vm, packet + 1);
        break;
    case 'M':
        write_memory(gdb, vm, packet + 1);
        break;
    case 'Z':
    case 'z':
        breakpoint_command(gdb, vm, packet);
        break;
    case 'c':
    case 's':
        return resume(gdb, vm, packet[0] == 's');
    case 'k':
        _exit(1);
    case 'D':
        send_packet(gdb, "OK");
        let_go(gdb, vm);
        return true;
    case 'q':
        send_packet(gdb, strncmp(packet, "qSupported", 10) == 0 ? "PacketSize=f00" : "");
        break;
    case 'H':
        send_packet(gdb, "OK");
        break;
    default:
        send_packet(gdb, "");
    }
    return false;
}

static void serve(struct gdb *gdb, struct vm *vm)
{
    char packet[PACKET_MAX];

    do
        if (!receive_packet(gdb, packet)) {
            let_go(gdb, vm);
            return;
        }
    while (!serve_packet(gdb, vm, packet));
}

static int listen_on(uint16_t port, struct error *error)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0)
        return error_set(error, "--gdb: port %u: %s; take another with --gdb-port=PORT", port,
                         strerror(errno));
    return fd;
}

/* A signal for each byte that arrives, so that Ctrl-C gets through to a guest that runs. */
static int watch_input(int fd, struct vm *vm)
{
    struct sigaction action = {.sa_handler = on_input};

    interrupted = vm->run;
    if (sigaction(SIGIO, &action, NULL) != 0 || fcntl(fd, F_SETOWN, getpid()) != 0)
        return -1;
    return fcntl(fd, F_SETFL, O_ASYNC);
}

int gdb_wait(struct gdb *gdb, struct vm *vm, uint16_t port, struct error *error)
{
    int listener = listen_on(port, error), yes = 1;
    struct error message = {""};

    if (listener < 0)
        return -1;
    error_set(&message, "waiting for: gdb %s -ex 'target remote 127.0.0.1:%u'", vm->options.image,
              port);
    error_print(vm->tender->name, message.text);
    gdb->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    if (gdb->fd < 0 || setsockopt(gdb->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        watch_input(gdb->fd, vm) != 0 || debug_enable(vm, false, NULL, 0) != 0)
        return error_set(error, "--gdb: %s", strerror(errno));
    serve(gdb, vm);
    return 0;
}

/* Whether the interrupt is what has come. An acknowledgement may have, and is passed over; what
 * else there is waits until the guest stops. */
static bool take_interrupt(struct gdb *gdb, struct vm *vm)
{
    while (input_waiting(gdb)) {
        int c = next_byte(gdb);

        if (c == INTERRUPT)
            return true;
        if (c < 0) {
            let_go(gdb, vm);
            return false;
        }
        if (c != '+') {
            gdb->used--;
            return false;
        }
    }
    return false;
}

bool gdb_exited(struct gdb *gdb, struct vm *vm)
{
    bool by_signal = vm->run->exit_reason == KVM_EXIT_INTR;

    if (gdb->fd < 0 || (!by_signal && vm->run->exit_reason != KVM_EXIT_DEBUG))
        return false;
    vm->run->immediate_exit = 0;
    if (by_signal && !take_interrupt(gdb, vm))
        return true;
    send_packet(gdb, by_signal ? "S02" : "S05");
    serve(gdb, vm);
    return true;
}

void gdb_ended(struct gdb *gdb, int status)
{
    char packet[8];

    if (gdb->fd < 0)
        return;
    if (status == VM_KILLED)
        snprintf(packet, sizeof packet, "X09");
    else
        snprintf(packet, sizeof packet, "W%02x", (unsigned)status & 0xff);
    send_packet(gdb, packet);
}
