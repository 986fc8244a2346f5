package io.denim.cni;

import io.denim.linux.Descriptor;
import io.denim.linux.ns.Namespace;
import io.denim.linux.unix.Frame;
import io.denim.linux.unix.UnixConnection;
import io.denim.linux.unix.UnixServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Stands in for the agent: does with each connection what it was told, and keeps the requests. */
final class FakeAgent implements AutoCloseable {
  private static final int LARGEST = (1 << 10) + (1 << 16) + (1 << 20);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final UnixServer server;
  private final Thread thread;
  private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();

  /** What an agent does with one connection. */
  interface Behaviour {
    void meet(FakeAgent agent, UnixConnection connection);
  }

  /**
   * A request in its parts.
   *
   * @param payload all of it, one character an octet
   * @param stdin one character an octet
   * @param namespace the inode of the namespace that came along
   * @param descriptors what came along, by the name that the request gives it
   */
  record Request(
      String payload,
      Map<String, String> variables,
      String stdin,
      OptionalLong namespace,
      Map<String, Descriptor> descriptors) {
    /** Copies the maps. */
    Request {
      variables = Map.copyOf(variables);
      descriptors = Map.copyOf(descriptors);
    }

    private static final String NAMES = "DENIM_DESCRIPTORS";

    /** What came along by this name, which must have. */
    Descriptor descriptor(String name) {
      return Objects.requireNonNull(descriptors.get(name), name);
    }

    /** What CNI and the shim itself have said of the call, without what came along. */
    Map<String, String> words() {
      Map<String, String> words = new LinkedHashMap<>(variables);
      words.remove(NAMES);
      return words;
    }

    private static Request of(Frame frame) {
      String payload = new String(frame.payload(), StandardCharsets.ISO_8859_1);
      Map<String, String> variables = new LinkedHashMap<>();
      int at = 0;
      while (payload.charAt(at) != 0) {
        int end = payload.indexOf(0, at);
        String[] pair = payload.substring(at, end).split("=", 2);
        variables.put(pair[0], pair[1]);
        at = end + 1;
      }
      Map<String, Descriptor> descriptors = new LinkedHashMap<>();
      Iterator<Descriptor> came = frame.descriptors().iterator();
      for (String name : variables.getOrDefault(NAMES, "").split(",", -1)) {
        if (!name.isEmpty() && !name.contains(":")) {
          descriptors.put(name, Descriptor.of(came.next().take()));
        }
      }
      return new Request(
          payload, variables, payload.substring(at + 1), inode(descriptors), descriptors);
    }

    private static OptionalLong inode(Map<String, Descriptor> descriptors) {
      Descriptor netns = descriptors.get("netns");
      if (netns == null) {
        return OptionalLong.empty();
      }
      try (Namespace namespace = Namespace.adopt(netns.copy().take())) {
        return OptionalLong.of(namespace.inode());
      }
    }
  }

  /** Meets the connections one after the other, each by the next behaviour. */
  FakeAgent(Path socket, Behaviour... behaviours) {
    server = UnixServer.bind(socket);
    Iterator<Behaviour> next = List.of(behaviours).iterator();
    thread =
        Thread.ofPlatform()
            .start(() -> {
              List<UnixConnection> met = new ArrayList<>();
              while (next.hasNext()) {
                Optional<UnixConnection> connection = server.accept();
                if (connection.isEmpty()) {
                  break;
                }
                met.add(connection.get());
                next.next().meet(this, connection.get());
              }
              met.forEach(UnixConnection::close);
            });
  }

  /** Takes the request and answers. */
  static Behaviour answering(int code, String text) {
    return (agent, connection) -> {
      agent.take(connection);
      byte[] out = text.getBytes(StandardCharsets.UTF_8);
      byte[] answer = new byte[1 + out.length];
      answer[0] = (byte) code;
      System.arraycopy(out, 0, answer, 1, out.length);
      connection.send(answer);
      connection.close();
    };
  }

  /** Closes the connection, the request unread. */
  static Behaviour closing() {
    return (_, connection) -> connection.close();
  }

  /** Takes the request and dies. */
  static Behaviour dyingAtWork() {
    return (agent, connection) -> {
      agent.take(connection);
      connection.close();
    };
  }

  /** Takes the request and says nothing; the connection stays until the end. */
  static Behaviour silent() {
    return FakeAgent::take;
  }

  private void take(UnixConnection connection) {
    try (Frame frame = connection.receive(LARGEST, PATIENCE)) {
      requests.add(Request.of(frame));
    }
  }

  /** The next request, which must have come by now or come soon. */
  Request request() throws InterruptedException {
    Request request = requests.poll(30, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  @Override
  public void close() {
    server.close();
    try {
      if (!thread.join(PATIENCE)) {
        throw new AssertionError("the agent does not end");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
