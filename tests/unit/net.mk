# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# runtime/net and lwIP on the host: unit tests over a fake wire, and the fuzzer of tests/fuzz/net.c. Functions
# that the host's C library has too get a prefix. _GNU_SOURCE would give glibc's socket calls
# arguments of its own kind.

ifeq ($(CONFIG_RUNTIME),yes)
NET_PARTS := $(wildcard runtime/net/*.c runtime/net/$(ARCH)/*.c) runtime/libc/siphash.c \
    runtime/libc/file.c runtime/libc/files.c \
    tests/unit/net_fake.c tests/unit/net_fake_device.c
NET_LWIP_FLAGS := -Iruntime -Iruntime/net/lwip -isystem $(B)/deps/lwip/src/include \
    -fno-strict-aliasing -U_FORTIFY_SOURCE -U_GNU_SOURCE -D_DEFAULT_SOURCE
NET_HOST_FLAGS := $(NET_LWIP_FLAGS) -Iruntime/net -Itests/unit -Iinclude/solo5 -idirafter runtime/include \
    -Wno-missing-prototypes -DPOLLRDHUP=0x2000 $(foreach f,socket bind listen accept accept4 connect \
    shutdown send sendto sendmsg recv recvfrom recvmsg getsockname getpeername getsockopt setsockopt \
    socketpair sendfile poll select epoll_create epoll_create1 epoll_ctl epoll_wait ioctl getaddrinfo freeaddrinfo getnameinfo gai_strerror inet_pton \
    inet_ntop inet_aton inet_addr inet_ntoa if_nametoindex if_indextoname getentropy,-D$(f)=quintet_$(f))

# net_lwip NAME,COMPILER,FLAGS: $(B)/obj/tests/NAME/liblwip.a for the host
define net_lwip
$(B)/obj/tests/$(1)/liblwip.a: $(LWIP_SRCS:%.c=$(B)/obj/tests/$(1)/lwip/%.o)
	$$(Q)rm -f $$@ && ar rcsD $$@ $$^
$(LWIP_SRCS:%.c=$(B)/obj/tests/$(1)/lwip/%.o): $(B)/obj/tests/$(1)/lwip/%.o: $(B)/deps/lwip.stamp \
        $(B)/config.mk $(SANITIZE_STAMP) $(NET_CONFIG)
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(CFLAGS_HOST) $(NET_LWIP_FLAGS) $(3) -w -c -o $$@ $(B)/deps/lwip/src/$$*.c
endef

# net_test NAME,SOURCES,LDFLAGS
define net_test
$(call unit_test,$(1),tests/unit/net_peer.c $(2) $(NET_PARTS),$(NET_HOST_FLAGS),$(3))
$(B)/tests/$(1)_test: $(B)/obj/tests/net_lwip/liblwip.a
endef

# lwIP's headers have to be there first, and what they include is in no dependency file.
$(foreach o,net_api_test net_poll_test net_ref_test net_wire_test net_start_test net_offload_test net_hostile_test net_short_test fuzz_net,$(NET_PARTS:%=$(B)/obj/tests/$(o)/%.o) \
    $(B)/obj/tests/$(o)/tests/unit/$(o).c.o) \
$(NET_PARTS:%=$(B)/obj/fuzz/net/%.o): $(B)/deps/lwip.stamp $(NET_CONFIG)

$(eval $(call net_lwip,net_lwip,$$(CC),$$(SANITIZE_FLAGS)))
$(foreach t,net_api net_poll net_ref net_wire net_start net_offload net_hostile,$(eval $(call net_test,$(t),)))
comma := ,
$(eval $(call net_test,net_short,,$(foreach f,malloc calloc realloc free,-Wl$$(comma)--wrap=$(f))))

$(eval $(call net_lwip,fuzz_net_lwip,$$(CC),$$(FUZZ_SANITIZE)))
$(eval $(call net_lwip,fuzz_net_libfuzzer,$$(FUZZ_CC),$$(FUZZ_SANITIZE) -fsanitize=fuzzer-no-link))
$(eval $(call fuzzer,net,tests/unit/net_peer.c $(NET_PARTS),$(NET_HOST_FLAGS),))
$(B)/tests/fuzz_net: $(B)/obj/tests/fuzz_net_lwip/liblwip.a
$(B)/fuzz/net: $(B)/obj/tests/fuzz_net_libfuzzer/liblwip.a
endif
