package io.denim.faults;

import io.denim.fixture.Authority;
import io.denim.fixture.Daemon;
import io.denim.fixture.Ports;
import io.denim.model.Json;
import io.denim.store.etcd.EtcdOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/**
 * A real etcd of one or more members on free ports of the loopback, written and read past Denim by
 * its JSON gateway. Where it has certificates, agents need one of the same authority; this class
 * asks by ports of its own.
 */
final class EtcdMembers implements AutoCloseable {
  private static final String PREFIX = EtcdOptions.DEFAULT_PREFIX + "/";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final Optional<Authority> authority;
  private final List<Member> members = new ArrayList<>();
  private final Map<Integer, Daemon> running = new TreeMap<>();
  private final Set<Integer> frozen = new HashSet<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private record Member(String name, int client, int admin, int peer) {}

  /** Starts all members in an empty folder. */
  EtcdMembers(Path folder, int count, Optional<Authority> authority) {
    this.folder = folder;
    this.authority = authority;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < count; i++) {
      members.add(new Member("m" + i, Ports.free(), Ports.free(), Ports.free()));
    }
    for (int i = 0; i < count; i++) {
      launch(i);
    }
    for (int i = 0; i < count; i++) {
      awaitAnswer(i);
    }
  }

  private static String url(String scheme, int port) {
    return scheme + "://127.0.0.1:" + port;
  }

  /** The port for agents. */
  int port(int member) {
    return members.get(member).client();
  }

  /** All endpoints, as the flag has them. */
  String endpoints() {
    return members.stream()
        .map(member -> url(scheme(), member.client()))
        .collect(Collectors.joining(","));
  }

  private String scheme() {
    return authority.isPresent() ? "https" : "http";
  }

  private Path data(int member) {
    return folder.resolve(members.get(member).name());
  }

  private void launch(int number) {
    Member member = members.get(number);
    String client = url(scheme(), member.client());
    List<String> words =
        new ArrayList<>(
            List.of(
                "--name=" + member.name(),
                "--data-dir=" + data(number),
                "--listen-client-urls=" + client + "," + url("http", member.admin()),
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + url("http", member.peer()),
                "--initial-advertise-peer-urls=" + url("http", member.peer()),
                "--initial-cluster="
                    + members.stream()
                        .map(each -> each.name() + "=" + url("http", each.peer()))
                        .collect(Collectors.joining(",")),
                "--unsafe-no-fsync"));
    authority.ifPresent(files ->
        words.addAll(
            List.of(
                "--cert-file=" + files.file("server.crt"),
                "--key-file=" + files.file("server.key"),
                "--client-cert-auth",
                "--trusted-ca-file=" + files.file("trusted.crt"))));
    running.put(
        number, Daemon.start(folder.resolve(member.name() + ".log"), Daemon.peer("etcd"), words));
  }

  /** Starts a member and waits until it answers. */
  void start(int member) {
    launch(member);
    awaitAnswer(member);
  }

  /** Starts members of which none can answer without the others, and waits until they do. */
  void launchAll(int... several) {
    for (int member : several) {
      launch(member);
    }
    for (int member : several) {
      awaitAnswer(member);
    }
  }

  /** Kills each member and starts it again, so that two of three always answer. */
  void restartInTurn() {
    for (int member = 0; member < members.size(); member++) {
      kill(member);
      start(member);
    }
  }

  private List<Integer> answering() {
    return running.keySet().stream().filter(member -> !frozen.contains(member)).toList();
  }

  private void awaitAnswer(int member) {
    Awaitility.await("etcd's member " + member + " answers")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> call(member, "kv/range", "{\"key\":\"" + base64("any") + "\"}").has("header"));
  }

  /** Kills a member; its data stay. */
  void kill(int member) {
    Optional.ofNullable(running.remove(member)).orElseThrow().close();
  }

  /** Takes away the data of a member that does not run. */
  void wipe(int member) {
    try (Stream<Path> files = Files.walk(data(member))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops a member where it stands. */
  void freeze(int member) {
    Optional.ofNullable(running.get(member)).orElseThrow().freeze();
    frozen.add(member);
  }

  /** Lets it go on. */
  void thaw(int member) {
    Optional.ofNullable(running.get(member)).orElseThrow().thaw();
    frozen.remove(member);
  }

  /** The member that leads, of those that do not stand still; waits until there is one. */
  int leader() {
    return Awaitility.await("etcd has a leader")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              for (int i : answering()) {
                JsonNode status = call(i, "maintenance/status", "{}");
                String leader = status.path("leader").asString("0");
                if (leader.equals(status.path("header").path("member_id").asString(""))) {
                  return i;
                }
              }
              return -1;
            },
            found -> found >= 0);
  }

  /** Writes a value past Denim, for ever; again while there is no leader to take it. */
  void put(String key, String value) {
    String body = "{\"key\":\"" + base64(PREFIX + key) + "\",\"value\":\"" + base64(value) + "\"}";
    Awaitility.await("etcd takes " + key)
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(EtcdMembers::isWithoutLeader)
        .until(() -> ask("kv/put", body).has("header"));
  }

  private static boolean isWithoutLeader(Throwable thrown) {
    return thrown instanceof UncheckedIOException
        || String.valueOf(thrown.getMessage()).contains("leader");
  }

  void delete(String key) {
    JsonNode _ = ask("kv/deleterange", "{\"key\":\"" + base64(PREFIX + key) + "\"}");
  }

  /** All keys below the prefix that begin so, with their values. */
  Map<String, String> list(String beginning) {
    Map<String, String> found = new TreeMap<>();
    range(beginning)
        .forEach(
            each -> found.put(text(each, "key").substring(PREFIX.length()), text(each, "value")));
    return found;
  }

  /** How often the only key that begins so has been written since it was made. */
  int writes(String beginning) {
    return Integer.parseInt(range(beginning).path(0).path("version").asString("0"));
  }

  private JsonNode range(String beginning) {
    String from = PREFIX + beginning;
    String to = from.substring(0, from.length() - 1) + (char) (from.charAt(from.length() - 1) + 1);
    return ask(
            "kv/range", "{\"key\":\"" + base64(from) + "\",\"range_end\":\"" + base64(to) + "\"}")
        .path("kvs");
  }

  /** Forgets all but the present. */
  void compact() {
    String now =
        ask("kv/range", "{\"key\":\"" + base64("any") + "\"}")
            .path("header")
            .path("revision")
            .asString();
    JsonNode _ = ask("kv/compaction", "{\"revision\":\"" + now + "\",\"physical\":true}");
  }

  /** From now on etcd refuses everything because its data are corrupt, or does so no more. */
  void refuse(boolean on) {
    String member = ask("maintenance/status", "{}").path("header").path("member_id").asString();
    JsonNode _ =
        ask(
            "maintenance/alarm",
            "{\"action\":\""
                + (on ? "ACTIVATE" : "DEACTIVATE")
                + "\",\"memberID\":\""
                + member
                + "\",\"alarm\":\"CORRUPT\"}");
  }

  private JsonNode ask(String path, String body) {
    return call(answering().getFirst(), path, body);
  }

  private JsonNode call(int member, String path, String body) {
    String url = url("http", members.get(member).admin()) + "/v3/" + path;
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(url))
                  .timeout(Duration.ofSeconds(5))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(url + " " + body + ": " + answer.body());
      }
      return Json.mapper().readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(JsonNode object, String name) {
    byte[] bytes = Base64.getDecoder().decode(object.path(name).asString(""));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    running.values().forEach(Daemon::close);
    http.close();
  }
}
