package io.denim.bgp.speaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.denim.bgp.config.Listener;
import io.denim.bgp.config.PeerBuilder;
import io.denim.bgp.config.PeerConfig;
import io.denim.bgp.config.PeerRange;
import io.denim.bgp.config.RemoteAs;
import io.denim.bgp.config.SpeakerConfig;
import io.denim.bgp.wire.AttributeSet;
import io.denim.linux.netlink.LinkAddress;
import io.denim.linux.netlink.Links;
import io.denim.linux.netlink.Rtnetlink;
import io.denim.linux.ns.Namespace;
import io.denim.net.Cidr;
import io.denim.net.InterfaceAddress;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A reflector whose clients do everything wrong, and what they are told nevertheless. */
@Tag("G4")
@Tag("G7")
class SessionFaultsIT {
  private static final int CLIENTS = 8;
  private static final int PREFIXES = 40;
  private static final int FAULTS = 10_000;
  private static final int PORT = 179;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final IpAddress SERVER = IpAddress.parse("10.88.8.100");

  /** What a client has announced, as long as its session is up. */
  private final Map<Integer, Map<Cidr, Long>> announced = new HashMap<>();

  private final Map<Integer, ScriptedClient> clients = new HashMap<>();
  private final Random random = new Random(20_261_129);

  private static IpAddress address(int client) {
    return IpAddress.parse("10.88.8." + client);
  }

  private static Cidr prefix(int number) {
    return Cidr.parse("10.200." + number + ".0/24");
  }

  @Test
  void afterTenThousandFaultsEveryClientsTableIsRight() throws Exception {
    try (Namespace namespace = Namespace.create()) {
      addresses(namespace);
      try (Speaker reflector = namespace.call(() -> Speaker.start(config(), plain()))) {
        namespace.call(() -> {
          walk();
          return true;
        });
        assertThat(reflector.peers()).hasSizeLessThanOrEqualTo(CLIENTS);
      }
    }
  }

  private static Speaker.World plain() {
    return Speaker.World.plain(new Random(1));
  }

  private static SpeakerConfig config() {
    PeerBuilder like =
        PeerConfig.of("x", IpAddress.parse("10.88.8.0"), RemoteAs.internal()).client(true);
    return SpeakerConfig.of(SERVER, 64512)
        .withListeners(List.of(new Listener(SERVER, PORT)))
        .withRanges(List.of(PeerRange.of("clients", Cidr.parse("10.88.8.0/24"), like)));
  }

  private static void addresses(Namespace namespace) {
    try (Rtnetlink kernel = Rtnetlink.open(namespace)) {
      kernel.execute(Links.up(1));
      kernel.execute(LinkAddress.replace(1, new InterfaceAddress(SERVER, 32)));
      for (int client = 1; client <= CLIENTS; client++) {
        kernel.execute(LinkAddress.replace(1, new InterfaceAddress(address(client), 32)));
      }
    }
  }

  private void walk() throws IOException {
    for (int fault = 1; fault <= FAULTS; fault++) {
      int client = 1 + random.nextInt(CLIENTS);
      ScriptedClient at = clients.get(client);
      if (at == null || at.closed()) {
        dial(client);
      } else {
        misbehave(client, at);
      }
      clients.values().stream().filter(_ -> random.nextInt(3) > 0).forEach(ScriptedClient::pump);
      if (fault % 100 == 0) {
        settle(fault);
      }
    }
  }

  private void dial(int client) throws IOException {
    clients.put(client, new ScriptedClient(address(client), SERVER, PORT));
    announced.put(client, new HashMap<>());
  }

  private void misbehave(int client, ScriptedClient at) throws IOException {
    try {
      switch (random.nextInt(12)) {
        case 0 -> end(client, at::reset);
        case 1 -> end(client, at::close);
        case 2 -> {
          byte[] message = announcement(at);
          at.send(Arrays.copyOf(message, 1 + random.nextInt(message.length - 1)));
          end(client, random.nextBoolean() ? at::reset : at::close);
        }
        case 3 -> {
          byte[] message = announcement(at);
          message[random.nextInt(16)] = 0;
          at.send(message);
          end(client, at::close);
        }
        case 4 -> {
          // Dials again, although the session is up: the second connection has to lose or win
          // whole.
          ScriptedClient second = new ScriptedClient(address(client), SERVER, PORT);
          if (random.nextBoolean()) {
            second.reset();
          } else {
            second.close();
          }
        }
        case 5, 6 -> withdraw(client, at);
        default -> announce(client, at);
      }
    } catch (IOException e) {
      end(client, at::close);
    }
  }

  private interface End {
    void run() throws IOException;
  }

  private void end(int client, End how) throws IOException {
    how.run();
    announced.put(client, new HashMap<>());
  }

  private byte[] announcement(ScriptedClient at) {
    return at.announcement(
        at.attributes(random.nextInt(4)), List.of(prefix(random.nextInt(PREFIXES))));
  }

  private void announce(int client, ScriptedClient at) throws IOException {
    if (!at.established()) {
      at.pump();
      return;
    }
    long preference = random.nextInt(4);
    List<Cidr> prefixes = some();
    at.send(at.announcement(at.attributes(preference), prefixes));
    prefixes.forEach(prefix -> announcedBy(client).put(prefix, preference));
  }

  private void withdraw(int client, ScriptedClient at) throws IOException {
    if (!at.established()) {
      at.pump();
      return;
    }
    List<Cidr> prefixes = some();
    at.send(at.withdrawal(prefixes));
    prefixes.forEach(prefix -> announcedBy(client).remove(prefix));
  }

  private Map<Cidr, Long> announcedBy(int client) {
    return announced.computeIfAbsent(client, _ -> new HashMap<>());
  }

  private List<Cidr> some() {
    List<Cidr> some = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(6); i++) {
      some.add(prefix(random.nextInt(PREFIXES)));
    }
    return some;
  }

  /** Waits until all that are up have been told what they should be. */
  private void settle(int fault) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String wrong = "not looked yet";
    while (!wrong.isEmpty() && System.nanoTime() < end) {
      clients.values().forEach(ScriptedClient::pump);
      clients.forEach((client, each) -> {
        if (each.closed()) {
          announced.put(client, new HashMap<>());
        }
      });
      wrong = wrong();
      if (!wrong.isEmpty()) {
        LockSupport.parkNanos(100_000);
      }
    }
    assertThat(wrong).as("after %d faults", fault).isEmpty();
  }

  private String wrong() {
    for (Map.Entry<Integer, ScriptedClient> each : clients.entrySet()) {
      if (each.getValue().closed()) {
        continue;
      }
      if (!each.getValue().established()) {
        return "client " + each.getKey() + " is not up";
      }
      for (int number = 0; number < PREFIXES; number++) {
        Optional<Integer> best = best(prefix(number)).filter(from -> !from.equals(each.getKey()));
        Optional<Integer> told =
            Optional.ofNullable(each.getValue().told().get(prefix(number)))
                .map(AttributeSet::originatorId)
                .map(id -> id & 0xff);
        if (!told.equals(best)) {
          return "client %d has %s from %s, not from %s"
              .formatted(each.getKey(), prefix(number), told, best);
        }
      }
    }
    return "";
  }

  /** The client whose path is best: the highest preference, then the lowest identifier. */
  private Optional<Integer> best(Cidr prefix) {
    Optional<Integer> best = Optional.empty();
    long preference = -1;
    for (int client = 1; client <= CLIENTS; client++) {
      Long own = announced.getOrDefault(client, Map.of()).get(prefix);
      if (own != null && own > preference) {
        best = Optional.of(client);
        preference = own;
      }
    }
    return best;
  }
}
