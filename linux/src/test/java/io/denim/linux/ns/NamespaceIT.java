package io.denim.linux.ns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.denim.linux.Descriptor;
import io.denim.linux.Libc;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespaceIT {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_ROUTE = 0;
  private static final int NETLINK_NETFILTER = 12;

  @Test
  void aDescriptorOfANetworkNamespaceIsTakenOver() throws Exception {
    try (Namespace original = Namespace.create()) {
      Namespace adopted = Namespace.adopt(open(original.path().toString()));

      assertThat(adopted).isEqualTo(original);
      adopted.close();
      assertThat(what(adopted.fd())).isNotEqualTo(original.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({"/dev/null, ENOTTY", "/proc/self/ns/uts, 0x4000000"})
  void aDescriptorOfSomethingElseIsRefusedAndClosed(String path, String kind) throws Exception {
    int fd = open(path);
    String refused = what(fd);

    assertThatThrownBy(() -> Namespace.adopt(fd))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "descriptor %d is not that of a network namespace: "
                + "NS_GET_NSTYPE gives %s instead of CLONE_NEWNET",
            fd, kind);
    assertThat(what(fd)).isNotEqualTo(refused);
  }

  @Test
  void linksAreChangedFromOutsideThroughASocketOfInside() {
    try (Namespace original = Namespace.create();
        Namespace adopted = adopt(original, socket(original, NETLINK_ROUTE));
        Rtnetlink outside = Rtnetlink.open(adopted);
        Rtnetlink again = Rtnetlink.openSmall(adopted);
        Rtnetlink inside = Rtnetlink.open(original)) {
      outside.execute(Links.up(1));
      assertThat(inside.link("lo").orElseThrow().up()).isTrue();
      again.execute(Links.down(1));

      assertThat(inside.link("lo").orElseThrow().up()).isFalse();
      assertThat(outside.portId()).isEqualTo(again.portId()).isNotZero();
    }
  }

  @Test
  void parametersOfIpv6AreSetFromOutsideByAFolderOfInside() {
    try (Namespace original = Namespace.create();
        Namespace adopted =
            Namespace.adopt(
                Descriptor.of(open(original.path().toString())),
                Optional.empty(),
                Optional.of(Descriptor.of(original.call(() -> open("/proc/sys/net/ipv6/conf")))))) {
      Sysctl inside = Sysctl.of(original);
      String path = "net/ipv6/conf/lo/accept_dad";
      String other = inside.read(path).orElseThrow().equals("0") ? "1" : "0";

      assertThat(Sysctl.of(adopted).write(path, other)).isTrue();

      assertThat(inside.read(path)).contains(other);
      assertThat(Sysctl.of(adopted).read(path)).contains(other);
      assertThat(Sysctl.of(adopted).write("net/ipv6/conf/none/accept_dad", "1")).isFalse();
      assertThatThrownBy(() -> Sysctl.of(adopted).read("net/ipv4/ip_forward"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aSocketOfAnotherNamespaceIsRefusedAndClosed() throws Exception {
    try (Namespace original = Namespace.create();
        Namespace other = Namespace.create()) {
      int socket = socket(other, NETLINK_ROUTE);
      String refused = what(socket);

      assertThatThrownBy(() -> adopt(original, socket))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another network namespace");
      assertThat(what(socket)).isNotEqualTo(refused);
    }
  }

  @Test
  void aSocketOfAnotherKindIsRefused() {
    try (Namespace original = Namespace.create()) {
      int socket = socket(original, NETLINK_NETFILTER);

      assertThatThrownBy(() -> adopt(original, socket))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no socket of NETLINK_ROUTE");
    }
  }

  private static Namespace adopt(Namespace original, int socket) {
    return Namespace.adopt(
        Descriptor.of(open(original.path().toString())),
        Optional.of(Descriptor.of(socket)),
        Optional.empty());
  }

  private static int socket(Namespace in, int protocol) {
    return in.call(() -> {
      try (Arena arena = Arena.ofConfined()) {
        return Libc.socket(new Libc.CallState(arena), AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
      }
    });
  }

  private static int open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      var state = new Libc.CallState(arena);
      return Libc.openat(state, Libc.AT_FDCWD, path, Libc.O_RDONLY | Libc.O_CLOEXEC);
    }
  }

  /** What a descriptor is; its number may be something else's as soon as it is closed. */
  private static String what(int fd) throws IOException {
    Path link = Path.of("/proc/self/fd/" + fd);
    return Files.exists(link, LinkOption.NOFOLLOW_LINKS)
        ? Files.readSymbolicLink(link).toString()
        : "closed";
  }
}
