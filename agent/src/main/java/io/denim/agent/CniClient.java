package io.denim.agent;

import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.linux.unix.Frame;
import io.denim.linux.unix.FrameException;
import io.denim.linux.unix.UnixConnection;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Calls an agent's plugin as {@code denim-cni} does, from a process that holds the container's
 * namespace itself.
 */
public final class CniClient {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LARGEST = 16 << 20;

  private final Path socket;

  /** Calls the agent that listens on this socket. */
  public CniClient(Path socket) {
    this.socket = socket;
  }

  /**
   * What the plugin answered.
   *
   * @param exitCode 0 when the call succeeded
   * @param out what {@code denim-cni} would print
   */
  public record Answer(int exitCode, String out) {}

  /**
   * Makes one call.
   *
   * @param variables CNI_COMMAND and so on
   * @param config the network configuration
   * @param container the container's namespace
   * @throws AgentException when no agent answers
   */
  public Answer call(Map<String, String> variables, String config, Optional<Namespace> container) {
    try (UnixConnection connection = UnixConnection.connect(socket)) {
      connection.send(
          payload(variables, config.getBytes(StandardCharsets.UTF_8)),
          container.map(namespace -> OptionalInt.of(namespace.fd())).orElse(OptionalInt.empty()));
      try (Frame answer = connection.receive(LARGEST, PATIENCE)) {
        byte[] octets = answer.payload();
        if (octets.length == 0) {
          throw new AgentException("the agent on " + socket + " sent an empty answer");
        }
        return new Answer(
            octets[0], new String(octets, 1, octets.length - 1, StandardCharsets.UTF_8));
      }
    } catch (LinuxException | FrameException e) {
      throw new AgentException(
          "no agent answers on " + socket + " (" + e.getMessage() + "); is it running?", e);
    }
  }

  private static byte[] payload(Map<String, String> variables, byte[] config) {
    var payload = new ByteArrayOutputStream();
    variables.forEach((key, value) -> {
      payload.writeBytes((key + "=" + value).getBytes(StandardCharsets.UTF_8));
      payload.write(0);
    });
    payload.write(0);
    payload.writeBytes(config);
    return payload.toByteArray();
  }
}
