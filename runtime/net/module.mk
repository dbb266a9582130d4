# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Quintet authors
#
# The network: our files go into libsolo5rt.a, lwIP's into liblwip.a, both compiled with the
# configuration in runtime/net/lwip.

RUNTIME_SRCS += $(wildcard runtime/net/*.c runtime/net/$(ARCH)/*.c)
RUNTIME_INCLUDES += -isystem $(B)/deps/lwip/src/include -Iruntime/net/lwip
RUNTIME_DEPS += $(B)/deps/lwip.stamp

# Relative to lwIP's src.
LWIP_SRCS := $(addprefix core/,def.c dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c tcp.c \
               tcp_in.c tcp_out.c timeouts.c udp.c) \
             $(addprefix core/ipv4/,dhcp.c etharp.c icmp.c ip4.c ip4_addr.c ip4_frag.c) netif/ethernet.c
LWIP_OBJS := $(LWIP_SRCS:%.c=$(B)/obj/lwip/%.o)

NET_CONFIG := $(wildcard runtime/net/lwip/*.h runtime/net/lwip/arch/*.h)

# lwIP's headers count as the system's, and what those include is in no dependency file.
$(patsubst runtime/%,$(B)/obj/runtime/%.o,$(wildcard runtime/net/*.c)): $(NET_CONFIG)
$(B)/deps/lwip.stamp: $(wildcard deps/lwip/patches/*.patch)

# Their warnings are theirs.
$(LWIP_OBJS): $(B)/obj/lwip/%.o: $(B)/deps/lwip.stamp $(RUNTIME_DEPS) $(B)/config.mk \
        $(NET_CONFIG)
	$(call say,CC,lwip/$*.c)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RUNTIME_FLAGS) -w -ffile-prefix-map=$(B)/deps/lwip/src/=lwip/ -c -o $@ $(B)/deps/lwip/src/$*.c

$(LIB)/liblwip.a: $(LWIP_OBJS)
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcsD $@ $^

RUNTIME_SDK += $(LIB)/liblwip.a
