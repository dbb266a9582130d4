/* SPDX-License-Identifier: ISC
 * Copyright (c) 2026 The Quintet authors
 *
 * solo5-virtio-run: starts a virtio image under QEMU with the options of the other tenders, and
 * ends with the guest's status.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "attach.h"
#include "child.h"
#include "kvm_usable.h"
#include "mft.h"
#include "qemu.h"
#include "sandbox.h"
#include "virtio_abi.h"

#define STATUS_ABORTED 255
#define STATUS_SIGNAL  128 /* and the number of the signal */
#define MTU_USUAL      1500

static int one_of(const char *option, const char *value, const char *const *words,
                  struct error *error)
{
    char list[128];
    size_t used = 0;

    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0)
            return i;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0         ? ""
                                 : words[i + 1] ? ", "
                                                : " or ",
                                 words[i]);
    }
    return error_set(error, "%s%s: must be %s", option, value, list);
}

static int parse_machine(struct options *options, const char *value, struct error *error)
{
    static const char *const words[] = {"pc", "q35", "microvm", NULL};
    struct qemu_options *own = options->own;

    own->machine = value;
    return one_of("--machine=", value, words, error) < 0 ? -1 : 0;
}

static int parse_accel(struct options *options, const char *value, struct error *error)
{
    static const char *const words[] = {"kvm", "tcg", NULL};
    struct qemu_options *own = options->own;

    own->accel = value;
    return one_of("--accel=", value, words, error) < 0 ? -1 : 0;
}

static int parse_interface(struct options *options, const char *value, struct error *error)
{
    static const char *const words[] = {
        [INTERFACE_TRANSITIONAL] = "transitional",
        [INTERFACE_MODERN] = "modern",
        [INTERFACE_LEGACY] = "legacy",
        NULL,
    };
    struct qemu_options *own = options->own;
    int found = one_of("--virtio=", value, words, error);

    own->interface = found < 0 ? INTERFACE_TRANSITIONAL : (enum qemu_interface)found;
    return found < 0 ? -1 : 0;
}

static int parse_publish(struct options *options, const char *value, struct error *error)
{
    struct qemu_options *own = options->own;
    struct forward forward;
    const char *why;

    if (forward_parse(value, &forward, &why) != 0)
        return error_set(error, "-p %s: %s", value, why);
    for (unsigned i = 0; i < own->publish_count; i++)
        if (forward_clashes(&own->publish[i], &forward))
            return error_set(error, "-p %s: the host's port %u is already forwarded by -p %s",
                             value, forward.host_port, own->publish[i].text);
    if (own->publish_count == QEMU_PUBLISH_MAX)
        return error_set(error, "-p %s: at most %d ports can be forwarded", value,
                         QEMU_PUBLISH_MAX);
    own->publish[own->publish_count++] = forward;
    return 0;
}

static int parse_dry_run(struct options *options, const char *value, struct error *error)
{
    struct qemu_options *own = options->own;

    (void)value, (void)error;
    own->dry_run = true;
    return 0;
}

static int parse_no_sandbox(struct options *options, const char *value, struct error *error)
{
    struct qemu_options *own = options->own;

    (void)value, (void)error;
    own->no_sandbox = true;
    return 0;
}

static int parse_qemu(struct options *options, const char *value, struct error *error)
{
    struct qemu_options *own = options->own;

    if (*value == '\0')
        return error_set(error, "--qemu=: the program is missing");
    own->program = value;
    return 0;
}

static int parse_word(struct options *options, const char *value, struct error *error)
{
    struct qemu_options *own = options->own;

    if (own->word_count == QEMU_WORDS_MAX)
        return error_set(error, "--qemu-word=%s: at most %d words can be added", value,
                         QEMU_WORDS_MAX);
    own->word[own->word_count++] = value;
    return 0;
}

static const struct option own_options[] = {
    {"--machine=", "pc|q35|microvm", "the machine to emulate (default: q35)", parse_machine},
    {"--accel=", "kvm|tcg", "run by KVM, or by emulation (default: KVM where it works)",
     parse_accel},
    {"--virtio=", "transitional|modern|legacy", "what PCI devices offer (default: transitional)",
     parse_interface},
    {"-p", "[NAME=][ADDR:]HOST:GUEST[/udp]",
     "with --net:NAME=user, forward the host's port HOST on ADDR (127.0.0.1) to the guest's",
     parse_publish},
    {"--publish", "[NAME=][ADDR:]HOST:GUEST[/udp]", "the same as -p", parse_publish},
    {"--dry-run", NULL, "print the command line of QEMU, and do not start it", parse_dry_run},
    {"--no-sandbox", NULL, "let QEMU keep rights that it does not need", parse_no_sandbox},
    {"--qemu=", "PROGRAM", "start this instead of qemu-system-x86_64", parse_qemu},
    {"--qemu-word=", "WORD", "add a word to QEMU's command line", parse_word},
    {NULL, NULL, NULL, NULL},
};

static const struct option_text texts[] = {
    {"--net:", "NAME=IFACE|@FD|" TENDER_NET_USER,
     "attach the tap IFACE, the open descriptor FD, or a network of QEMU's own, as network NAME"},
    {NULL, NULL, NULL},
};

static const struct tender tender = {.name = "solo5-virtio-run",
                                     .synopsis = "Runs a unikernel for virtio under QEMU.",
                                     .abi_target = VIRTIO_ABI_TARGET,
                                     .abi_version = VIRTIO_ABI_VERSION,
                                     .image_base = VIRTIO_GUEST_MIN_BASE,
                                     .mem_max_mb = 65536,
                                     .machine_kib = VIRTIO_MACHINE_KIB,
                                     .net_kib = VIRTIO_NET_KIB,
                                     .block_kib = VIRTIO_BLOCK_KIB,
                                     .options = own_options,
                                     .texts = texts,
                                     .has_user_network = true};

/* ---- Devices */

static enum net_backend kind_of_descriptor(int fd)
{
    struct ifreq request;

    memset(&request, 0, sizeof request);
    return ioctl(fd, TUNGETIFF, &request) == 0 ? BACKEND_TAP : BACKEND_SOCKET;
}

static int attach_net(struct qemu *qemu, unsigned index, const char *value, struct error *error)
{
    struct device *device = &qemu->devices.device[index];

    device->fd = -1;
    if (strcmp(value, TENDER_NET_USER) == 0) {
        qemu->backend[index] = BACKEND_USER;
        return 0;
    }
    if (qemu->own->dry_run) {
        qemu->backend[index] = BACKEND_TAP_NAME;
        if (value[0] != '@')
            return net_check_name(value, error);
        if (net_descriptor(value, &device->fd, error) != 0)
            return -1;
        qemu->backend[index] = kind_of_descriptor(device->fd);
        return 0;
    }
    if (net_attach(device, &tender, value, true, error) != 0)
        return -1;
    qemu->backend[index] = kind_of_descriptor(device->fd);
    if (device->mtu == MTU_USUAL)
        device->mtu = 0;
    return 0;
}

static int attach(struct qemu *qemu, unsigned index, struct error *error)
{
    const struct mft_entry *entry = &qemu->mft->e[index];
    struct device *device = &qemu->devices.device[index];
    bool is_net = entry->type == MFT_DEV_NET_BASIC;
    enum device_option_kind kind = is_net ? OPTION_NET : OPTION_BLOCK;
    enum device_option_kind detail_kind = is_net ? OPTION_NET_MAC : OPTION_BLOCK_SECTOR_SIZE;
    const char *value = options_device(qemu->options, kind, entry->name);
    const char *detail = options_device(qemu->options, detail_kind, entry->name);
    int failed;

    device->type = (uint32_t)entry->type;
    if (!is_net) {
        if (block_attach(device, &tender, value, detail, error) != 0)
            return error_prefix(error, "%s%s", options_prefix(kind), entry->name);
        block_warn(&tender, entry->name, value, device->fd);
        return 0;
    }
    qemu->has_mac[index] = detail != NULL || !qemu->own->dry_run;
    if (qemu->has_mac[index] && net_set_mac(device, detail, error) != 0)
        return error_prefix(error, "%s%s", options_prefix(detail_kind), entry->name);
    failed = attach_net(qemu, index, value, error);
    return failed ? error_prefix(error, "%s%s", options_prefix(kind), entry->name) : 0;
}

static int attach_all(struct qemu *qemu, struct error *error)
{
    qemu->devices.count = qemu->mft->entries;
    if (devices_check(qemu->mft, qemu->options, error) != 0)
        return -1;
    for (unsigned i = 1; i < qemu->mft->entries; i++)
        if (attach(qemu, i, error) != 0)
            return -1;
    return 0;
}

/* QEMU would say it in words of its own. */
static int check_port(const struct forward *forward, struct error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(forward->host_port),
                                  .sin_addr.s_addr = htonl(forward->host_addr)};
    int fd = socket(AF_INET, (forward->is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    int on = 1, failed;

    if (fd < 0)
        return error_set(error, "-p %s: %s", forward->text, strerror(errno));
    /* A port of connections that have ended is free. */
    if (!forward->is_udp)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    failed = bind(fd, (const struct sockaddr *)&address, sizeof address);
    if (failed == 0 && !forward->is_udp)
        failed = listen(fd, 1);
    if (failed)
        forward_explain(forward, errno, error);
    close(fd);
    return failed;
}

static int check_ports(const struct qemu_options *own, struct error *error)
{
    for (unsigned i = 0; i < own->publish_count; i++)
        if (check_port(&own->publish[i], error) != 0)
            return -1;
    return 0;
}

/* ---- The process */

static bool kvm_works(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        alarm(KVM_USABLE_SECONDS);
        _exit(kvm_unusable() == NULL ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static int explain_start(const char *program, struct error *error)
{
    if (errno == ENOENT)
        return error_set(error, "%s: not found; install it (Debian: apt install qemu-system-x86)",
                         program);
    return error_set(error, "%s: %s", program, strerror(errno));
}

/* Of the guest if it said one, else of the process, whose end was (status). */
static int final_status(const struct qemu *qemu, const struct child *child, int status)
{
    off_t len = lseek(qemu->status_fd, 0, SEEK_END);
    struct error error;
    uint8_t byte;

    if (len > 0 && pread(qemu->status_fd, &byte, 1, len - 1) == 1)
        return byte;
    if (child->asked != 0)
        return STATUS_SIGNAL + child->asked;
    if (status > STATUS_SIGNAL) {
        error_set(&error, "%s died of signal %d%s", qemu->own->program, status - STATUS_SIGNAL,
                  strcmp(qemu->own->accel, "kvm") == 0 ? "; try --accel=tcg" : "");
        error_print(tender.name, error.text);
        return 1;
    }
    if (status != 0)
        return status;
    error_print(tender.name, "the machine was reset or switched off, and the guest said no status: "
                             "it may have crashed before it had a console");
    return STATUS_ABORTED;
}

/* QEMU has handlers for what ends a program, and takes no heed of what nohup(1) has ignored. It
 * leaves blocked what it finds so. */
static void block_ignored(void)
{
    static const int ends[] = {SIGINT, SIGHUP};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (signal_is_ignored(ends[i]))
            sigaddset(&set, ends[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static int start(struct child *child, const struct qemu *qemu, struct command *command,
                 struct error *error)
{
    int fds[MFT_MAX_ENTRIES], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    unsigned count = 0;

    fds[count++] = qemu->status_fd;
    for (unsigned i = 1; i < qemu->devices.count; i++)
        if (qemu->devices.device[i].type == MFT_DEV_NET_BASIC && qemu->devices.device[i].fd >= 0)
            fds[count++] = qemu->devices.device[i].fd;
    /* A guest has no input, and QEMU leaves a terminal alone that is not its standard input. */
    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        return error_set(error, "/dev/null: %s", strerror(errno));
    block_ignored();
    if (child_start(child, command->word, fds, count) != 0)
        return explain_start(command->word[0], error);
    return 0;
}

static int run(const struct qemu *qemu, struct command *command, struct error *error)
{
    struct child child;
    struct pollfd ready = {.events = POLLIN};
    /* QEMU sets what it writes to not to block, also for who shares it with us. */
    int flags = fcntl(STDOUT_FILENO, F_GETFL), status;

    if (start(&child, qemu, command, error) != 0)
        return -1;
    ready.fd = child.signals.fd;
    do
        poll(&ready, 1, -1);
    while (!child_handle(&child, &status));
    if (flags >= 0)
        fcntl(STDOUT_FILENO, F_SETFL, flags);
    return final_status(qemu, &child, status);
}

/* Returns the status to end with, or -1 with (error). */
static int prepare_and_run(struct qemu *qemu, struct error *error)
{
    static struct command command;
    static struct image image;
    static char cmdline[VIRTIO_CMDLINE_SIZE];
    struct qemu_options *own = qemu->options->own;

    if (devices_check_descriptors(qemu->options, error) != 0)
        return -1;
    sandbox_fill_standard();
    if (image_open(&image, qemu->options->image, &tender, qemu->options->mem_size, error) != 0 ||
        options_cmdline(qemu->options, cmdline, sizeof cmdline, error) < 0)
        return -1;
    qemu->mft = image_mft(&image);
    qemu->cmdline = cmdline;
    if (own->accel == NULL)
        own->accel = own->dry_run || !kvm_works() ? "tcg" : "kvm";
    if (attach_all(qemu, error) != 0)
        return -1;
    if (!own->dry_run) {
        qemu->status_fd = memfd_create("status", MFD_CLOEXEC);
        if (qemu->status_fd < 0)
            return error_set(error, "no memory for the status: %s", strerror(errno));
    }
    if (qemu_command(qemu, &command, error) != 0)
        return -1;
    if (!own->dry_run)
        return check_ports(own, error) == 0 ? run(qemu, &command, error) : -1;
    if (command_print(&command) != 0)
        return error_set(error, "standard output: %s", strerror(errno));
    return 0;
}

int main(int argc, char **argv)
{
    static struct qemu_options own = {.machine = "q35", .program = "qemu-system-x86_64"};
    static struct options options = {.tender = &tender, .own = &own};
    static struct qemu qemu = {.own = &own, .options = &options, .status_fd = -1};
    struct error error;
    int status;

    if (!options_begin(&options, argc, argv, &status))
        return status;
    status = prepare_and_run(&qemu, &error);
    if (status >= 0)
        return status;
    error_print(tender.name, error.text);
    return 1;
}
