package io.denim.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.fixture.Authority;
import io.denim.lab.TestPrograms;
import io.denim.net.MacAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults of an etcd of three members with TLS in both directions. */
@Timeout(240)
final class EtcdClusterFaultsIT {
  private static final String PEER = "subnets/10.244.250.0-24";
  private static final int MEMBERS = 3;

  @TempDir private static Path folder = Path.of("");
  private static @Nullable Authority files;
  private static @Nullable EtcdMembers etcd;
  private static @Nullable FaultLab lab;

  @BeforeAll
  static void start() throws IOException {
    Files.createDirectories(folder.resolve("tls"));
    files = new Authority(folder.resolve("tls"));
    files().issue("server", "/CN=etcd");
    files().issue("client", "/CN=node");
    install("trusted.crt", files().file("ca.crt"));
    etcd = new EtcdMembers(folder.resolve("etcd"), MEMBERS, Optional.of(files()));
    etcd().put("config", FaultLab.CONFIG);
    lab =
        new FaultLab(
            folder.resolve("lab"),
            TestPrograms.find(),
            EtcdClusterFaultsIT::peer,
            "--etcd-endpoints=" + etcd().endpoints(),
            "--etcd-cafile=" + files().file("trusted.crt"),
            "--etcd-certfile=" + files().file("client.crt"),
            "--etcd-keyfile=" + files().file("client.key"));
  }

  @AfterAll
  static void stop() {
    Optional.ofNullable(lab).ifPresent(FaultLab::close);
    Optional.ofNullable(etcd).ifPresent(EtcdMembers::close);
  }

  private static Authority files() {
    return Optional.ofNullable(files).orElseThrow();
  }

  private static EtcdMembers etcd() {
    return Optional.ofNullable(etcd).orElseThrow();
  }

  private static FaultLab lab() {
    return Optional.ofNullable(lab).orElseThrow();
  }

  @BeforeEach
  void aPeerAndTraffic() {
    lab().begin();
  }

  @AfterEach
  void allIsWell() {
    lab().end();
  }

  private static void peer(MacAddress mac) {
    etcd().put(PEER, FaultLab.lease(mac));
  }

  /** Puts a file in the place of another at one instant. */
  private static void install(String name, Path content) {
    try {
      Path next = files().file(name + ".new");
      Files.copy(content, next, StandardCopyOption.REPLACE_EXISTING);
      Files.move(
          next,
          files().file(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theLeaderIsKilledAndAnAgentToo() {
    int leader = etcd().leader();
    etcd().kill(leader);
    lab().changePeer();
    lab().awaitPeerChanged();
    lab().restart("n1");
    lab().attachAnother();
    etcd().start(leader);
  }

  @Test
  void theLeaderStandsStill() {
    int leader = etcd().leader();
    etcd().freeze(leader);
    int next = etcd().leader();
    assertThat(next).isNotEqualTo(leader);
    lab().attachAnother();
    lab().changePeer();
    lab().awaitPeerChanged();
    etcd().thaw(leader);
  }

  @Test
  void withoutAMajorityNodesGoOnAndStart() {
    etcd().kill(0);
    etcd().kill(1);
    lab().restart("n1");
    lab().awaitUnreachable();
    lab().attachAnother();
    etcd().launchAll(0, 1);
  }

  @Test
  void certificatesAndTheirAuthorityAreRotated() throws IOException {
    Path next = Files.createDirectories(folder.resolve("next"));
    Authority successor = new Authority(next);
    successor.issue("server", "/CN=etcd");
    successor.issue("client", "/CN=node");
    Path both = next.resolve("both.crt");
    Files.writeString(
        both,
        Files.readString(files().file("ca.crt")) + Files.readString(successor.file("ca.crt")));

    install("trusted.crt", both);
    etcd().restartInTurn();
    install("server.key", successor.file("server.key"));
    install("server.crt", successor.file("server.crt"));
    install("client.key", successor.file("client.key"));
    install("client.crt", successor.file("client.crt"));
    install("trusted.crt", successor.file("ca.crt"));
    etcd().restartInTurn();
    lab().changePeer();

    lab().awaitPeerChanged();
    lab().restart("n2");
    assertThat(lab().status("n2").ready()).isTrue();
  }
}
