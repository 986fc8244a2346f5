package io.denim.cli;

import io.denim.linux.LinuxException;
import io.denim.linux.ServiceManager;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a service manager hears of an agent (sd_notify(3), sd_watchdog_enabled(3)): that it is
 * ready, how it is in one line, that it lives, that it ends. Without a service manager nothing
 * happens. Any thread may use it.
 */
final class ServiceNotices {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceNotices.class);

  private final Optional<Destination> destination;
  private final Optional<Duration> watchdog;
  private final LongSupplier nanos;
  private long fed;
  private String status = "";
  private boolean refused;

  /** Where notices go. */
  interface Destination {
    /**
     * Sends a state.
     *
     * @throws LinuxException when nobody listens
     */
    void send(String state);
  }

  private ServiceNotices(
      Optional<Destination> destination, Optional<Duration> watchdog, LongSupplier nanos) {
    this.destination = destination;
    this.watchdog = watchdog;
    this.nanos = nanos;
    this.fed = nanos.getAsLong();
  }

  /** As a service manager wants it by a process's environment. */
  static ServiceNotices of(Map<String, String> environment) {
    Optional<Destination> socket =
        Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
            .filter(name -> !name.isEmpty())
            .map(name -> state -> ServiceManager.notify(name, state));
    return of(environment, ProcessHandle.current().pid(), socket, System::nanoTime);
  }

  static ServiceNotices of(
      Map<String, String> environment,
      long pid,
      Optional<Destination> destination,
      LongSupplier nanos) {
    return new ServiceNotices(destination, watchdog(environment, pid), nanos);
  }

  /** Empty when nobody watches this process. */
  private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
    String other = environment.getOrDefault("WATCHDOG_PID", "");
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    if (micros.isEmpty() || (!other.isEmpty() && !other.equals(Long.toString(pid)))) {
      return Optional.empty();
    }
    try {
      return Optional.of(Duration.ofNanos(Math.multiplyExact(Long.parseLong(micros), 1000L)))
          .filter(Duration::isPositive);
    } catch (NumberFormatException | ArithmeticException e) {
      LOG.warn(
          "WATCHDOG_USEC is \"{}\"; allowed is a number of microseconds; nobody is told that the"
              + " agent lives",
          micros);
      return Optional.empty();
    }
  }

  /** The agent is ready. */
  synchronized void ready(String line) {
    status = line;
    send("READY=1\nSTATUS=" + line);
  }

  /** The agent lives, and is as the line says. */
  synchronized void alive(String line) {
    var state = new StringBuilder();
    if (!line.equals(status)) {
      status = line;
      state.append("STATUS=").append(line);
    }
    long now = nanos.getAsLong();
    // Half of the time is what sd_watchdog_enabled(3) advises; a quarter leaves room for a round.
    if (watchdog.isPresent() && now - fed >= watchdog.get().toNanos() / 4) {
      fed = now;
      state.append(state.isEmpty() ? "" : "\n").append("WATCHDOG=1");
    }
    if (!state.isEmpty()) {
      send(state.toString());
    }
  }

  /** The agent ends, because it was told to. */
  synchronized void stopping() {
    send("STOPPING=1\nSTATUS=ending; pods keep their network");
  }

  private void send(String state) {
    if (destination.isEmpty()) {
      return;
    }
    try {
      destination.get().send(state);
      refused = false;
    } catch (LinuxException | IllegalArgumentException e) {
      if (!refused) {
        LOG.warn("the service manager does not hear of the agent: {}", e.getMessage());
      }
      refused = true;
    }
  }
}
