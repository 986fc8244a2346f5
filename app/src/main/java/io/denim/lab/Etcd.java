package io.denim.lab;

import io.denim.linux.ns.Namespace;
import io.denim.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A lab's etcd: one member on the host of the control plane, without TLS and users, and without
 * syncing to disk, since it ends with the lab. Read and written here through its JSON gateway
 * (etcd: Documentation/dev-guide/api_grpc_gateway.md).
 */
public final class Etcd {
  /** The port for clients. */
  public static final int PORT = 2379;

  private static final int PEER_PORT = 2380;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String DATA = "/var/lib/etcd/data";

  private final Machine machine;
  private final Path program;
  private final IpAddress address;
  private final LabHttp http;
  private Optional<Process> process = Optional.empty();

  Etcd(Machine machine, Namespace namespace, Peers peers, IpAddress address) {
    this.machine = machine;
    this.program = peers.program("etcd");
    this.address = address;
    this.http = new LabHttp(namespace, address, PORT, Optional.empty());
  }

  /** Where clients reach it. */
  public String url() {
    return "http://" + LabHttp.host(address) + ":" + PORT;
  }

  private Path log() {
    return machine.folder().resolve("etcd.log");
  }

  /** Starts it, with what it knew when it ran last, and waits until it answers. */
  public void start() {
    String peer = "http://127.0.0.1:" + PEER_PORT;
    Process started =
        machine.spawn(
            log(),
            Map.of(),
            List.of(
                program.toString(),
                "--name=lab",
                "--data-dir=" + DATA,
                "--listen-client-urls=" + url() + ",http://127.0.0.1:" + PORT,
                "--advertise-client-urls=" + url(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=lab=" + peer,
                "--unsafe-no-fsync"));
    process = Optional.of(started);
    boolean healthy =
        Waiting.until(
            PATIENCE,
            () -> {
              if (!started.isAlive()) {
                throw new LabException("etcd has ended; " + LogFile.told(log()));
              }
              return http.tryCall("GET", "/health", "")
                  .filter(answer -> answer.body().contains("true"))
                  .isPresent();
            });
    if (!healthy) {
      throw new LabException("etcd does not answer on " + url() + "; " + LogFile.told(log()));
    }
  }

  /** Ends it as SIGTERM does. */
  public void stop() {
    end(Process::destroy);
  }

  /** Ends it as kill -9 does. */
  public void kill() {
    end(Process::destroyForcibly);
  }

  private void end(Consumer<Process> signal) {
    process.ifPresent(running -> {
      signal.accept(running);
      if (!Waiting.until(PATIENCE, () -> !running.isAlive())) {
        throw new LabException("etcd does not end; " + LogFile.told(log()));
      }
    });
    process = Optional.empty();
  }

  /** Forgets everything; only while it does not run. */
  public void wipe() {
    machine.run("rm", "-rf", DATA);
  }

  /** Writes a value, for ever. */
  public void put(String key, String value) {
    ObjectNode request = JsonMapper.shared().createObjectNode();
    request.put("key", base64(key)).put("value", base64(value));
    http.call("POST", "/v3/kv/put", request.toString());
  }

  /** The value of a key. */
  public Optional<String> get(String key) {
    ObjectNode request = JsonMapper.shared().createObjectNode();
    request.put("key", base64(key));
    return Optional.ofNullable(range(request).get(key));
  }

  /** All keys that begin so, with their values. */
  public SortedMap<String, String> list(String prefix) {
    ObjectNode request = JsonMapper.shared().createObjectNode();
    request.put("key", base64(prefix)).put("range_end", base64(after(prefix)));
    return range(request);
  }

  /** Deletes all keys that begin so. */
  public void delete(String prefix) {
    ObjectNode request = JsonMapper.shared().createObjectNode();
    request.put("key", base64(prefix)).put("range_end", base64(after(prefix)));
    http.call("POST", "/v3/kv/deleterange", request.toString());
  }

  private SortedMap<String, String> range(ObjectNode request) {
    String answer = http.call("POST", "/v3/kv/range", request.toString());
    SortedMap<String, String> found = new TreeMap<>();
    for (JsonNode each : JsonMapper.shared().readTree(answer).path("kvs")) {
      found.put(text(each.path("key")), text(each.path("value")));
    }
    return found;
  }

  /** The first key that does not begin so. */
  private static String after(String prefix) {
    int last = prefix.length() - 1;
    return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(JsonNode base64) {
    return new String(Base64.getDecoder().decode(base64.asString("")), StandardCharsets.UTF_8);
  }
}
